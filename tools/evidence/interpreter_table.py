"""The table of `tools/evidence/interpreter.py`, and what is said below it."""

import platform
import statistics
from dataclasses import dataclass

from onnxwright.bench.model.processor import processor_flags

VECTORS = (("avx512f", "AVX-512"), ("avx2", "AVX2"), ("asimd", "NEON"))
BYTES = (
    ("avx512_vnni", "VNNI"),
    ("avx_vnni", "AVX-VNNI"),
    ("amx_int8", "AMX"),
    ("asimddp", "dot"),
    ("i8mm", "I8MM"),
)
LIMIT = 4.0
"""Ratios above are named."""


@dataclass(frozen=True)
class Row:
    """Medians in seconds, and what share of the NumPy runtime's time each kind of work takes."""

    case: str
    net: bool
    """Whether the case is a net like those that people run, not a layer or a plain net."""
    numpy: float
    reference: float | None
    """None where onnx.reference cannot run the model."""
    onnxruntime: float
    shares: dict[str, float]
    error: float
    """The greatest difference to onnxruntime, as a share of its greatest value."""
    note: str
    """What onnx.reference does wrong, and which kernels are borrowed from it."""

    @property
    def ratio(self) -> float:
        """How many times onnxruntime's time the NumPy runtime takes."""
        return self.numpy / self.onnxruntime


def text(rows: list[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = [
        "| case | NumPy runtime | onnxruntime | onnx.reference | / onnxruntime | reference / "
        "| limited by |",
        "|---|---:|---:|---:|---:|---:|---|",
    ]
    for row in rows:
        limits = sorted(row.shares.items(), key=lambda item: -item[1])
        why = ", ".join(f"{kind} {share:.0%}" for kind, share in limits if share >= 0.15)
        third, faster = "-", "-"
        if row.reference is not None:
            third, faster = f"{1e6 * row.reference:,.0f}", f"{row.reference / row.numpy:.1f}"
        lines.append(
            f"| {row.case} | {1e6 * row.numpy:,.0f} | {1e6 * row.onnxruntime:,.0f} "
            f"| {third} | {row.ratio:.2f} | {faster} | {'; '.join(filter(None, (why, row.note)))} |"
        )
    return "\n".join(lines)


def summary(rows: list[Row]) -> str:
    """Return the geometric means; the chained Adds are left out of those of onnxruntime."""
    work = [row for row in rows if "Adds" not in row.case]
    lines = [
        f"{mean([row.ratio for row in part]):.2f} times onnxruntime's time over {what} "
        f"(geometric mean of {len(part)})"
        for what, part in (
            ("layers and plain nets, without the Adds", [row for row in work if not row.net]),
            ("nets like real ones", [row for row in work if row.net]),
            ("both", work),
        )
        if part
    ]
    above = sorted((row for row in work if row.ratio > LIMIT), key=lambda row: -row.ratio)
    named = ", ".join(f"{row.case} {row.ratio:.1f}" for row in above) or "none"
    lines.append(f"above {LIMIT:.0f} times: {named}")
    faster = [row.reference / row.numpy for row in rows if row.reference is not None]
    if faster:
        lines.append(
            f"onnx.reference takes {mean(faster):.1f} times as long (geometric mean of "
            f"{len(faster)}), {min(faster):.2f} times at least"
        )
    lines += [
        f"a node costs {row.numpy * 1e3:.2f} us"
        for row in rows
        if "1000" in row.case and "Adds" in row.case
    ]
    return "\n".join(f"* {line}" for line in lines)


def mean(ratios: list[float]) -> float:
    """Return the geometric mean."""
    return statistics.geometric_mean(ratios)


def processor() -> str:
    """Return the processor's kind: its widest vectors, and what it multiplies bytes with."""
    flags = processor_flags()
    if flags is None:
        return "a processor that does not tell its kind"
    vectors = next((name for flag, name in VECTORS if flag in flags), "no AVX2")
    byte = [name for flag, name in BYTES if flag in flags] or ["no instruction for 8-bit products"]
    return f"{platform.machine()} with {vectors} and {', '.join(byte)}"
