"""Run the numeric tests as three other processors would, under qemu's user mode.

``python -m tools.evidence.processors [tests ...]`` needs ``qemu-x86_64`` (Debian: qemu-user). The
processors differ in what they have for 8-bit products: SSE4, and AVX2 without VNNI of two makers.
"""

import importlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROCESSORS = ("Nehalem", "Haswell", "EPYC")
TESTS = [
    f"tests/runtime/interpreter/test_{name}.py"
    for name in ("eight_bits", "quantized_lstm", "kernels", "edges", "conv", "recurrent_grid")
]


def without_wide_kernels() -> str:
    """Return the names of NumPy's kernels of AVX2 and more, some of which qemu 7.2 runs wrongly."""
    compiled = importlib.import_module("numpy._core._multiarray_umath")
    wide = ("X86_V3", "X86_V4", "AVX2", "FMA3")
    return " ".join(name for name in compiled.__cpu_dispatch__ if name in wide)


def failed(processor: str, tests: list[str]) -> bool:
    """Run `tests` as `processor`; whether one of them failed, or ran into the deadline."""
    program = ["qemu-x86_64", "-cpu", processor, str(Path(sys.executable))]
    options = ["-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", *tests]
    done = subprocess.run(
        [*program, *options],
        cwd=ROOT,
        env={**os.environ, "NPY_DISABLE_CPU_FEATURES": without_wide_kernels()},
        stderr=subprocess.DEVNULL,
        timeout=1800,
        check=False,
    )
    return done.returncode != 0


def main() -> None:
    if shutil.which("qemu-x86_64") is None:
        sys.exit("qemu-x86_64 is not there: apt-get install qemu-user")
    tests = sys.argv[1:] or TESTS
    wrong = []
    for processor in PROCESSORS:
        print(f"{processor}:", flush=True)
        if failed(processor, tests):
            wrong.append(processor)
    sys.exit(f"tests failed as {', '.join(wrong)}" if wrong else None)


if __name__ == "__main__":
    main()
