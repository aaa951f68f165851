"""A real Triton for tests: the server in nvidia-pytriton's wheel, on the loopback address."""

import os
import shutil
import sysconfig
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from .processes import free_ports, running

VARIABLE = "ONNXWRIGHT_TRITON"
"""The environment (a folder of ``python -m venv``) that has nvidia-pytriton and onnxruntime."""
STAND_IN = Path(__file__).with_name("stand_in.py")


@dataclass(frozen=True)
class Triton:
    http: str
    grpc: str
    log: Path


def wheel() -> Path:
    """Return the folder of the server in the environment; skip the test where there is none."""
    home = os.environ.get(VARIABLE)
    if not home:
        pytest.skip(f"{VARIABLE} names no environment with nvidia-pytriton==0.7.0 (.ci/servers)")
    (found,) = Path(home).glob("lib/python3*/site-packages/pytriton")
    return found / "tritonserver"


@contextmanager
def triton(
    repositories: Sequence[Path], folder: Path, *arguments: str, backend: Path = STAND_IN
) -> Iterator[Triton]:
    """Serve model repositories, and end the server when the block ends."""
    server, ports = wheel(), free_ports(2)
    log = folder / "triton.log"
    command = [str(server / "bin/tritonserver"), *arguments, "--disable-auto-complete-config"]
    command += ["--exit-timeout-secs=2", f"--backend-directory={backends(server, folder, backend)}"]
    command += [f"--model-repository={path}" for path in repositories]
    command += ["--http-address=127.0.0.1", f"--http-port={ports[0]}", "--allow-metrics=false"]
    command += ["--grpc-address=127.0.0.1", f"--grpc-port={ports[1]}"]
    http, grpc = (f"127.0.0.1:{port}" for port in ports)
    ready = f"http://{http}/v2/health/ready"
    with running(command, ready, log, environment(server)):
        yield Triton(http, grpc, log)


def backends(server: Path, folder: Path, backend: Path) -> Path:
    made = folder / "backends"
    if not made.exists():
        (made / "onnxruntime").mkdir(parents=True)
        shutil.copy(backend, made / "onnxruntime/model.py")
        shutil.copytree(server / "backends/python", made / "python")
        version = server.parents[2].name.removeprefix("python")
        stub = f"python_backend_stubs/{version}/triton_python_backend_stub"
        shutil.copy(server / stub, made / "python")
    return made


def environment(server: Path) -> dict[str, str]:
    """Return the variables under which the server finds its libraries and its own Python."""
    home = Path(os.environ[VARIABLE])
    libraries = [server.parents[1] / "nvidia_pytriton.libs", sysconfig.get_config_var("LIBDIR")]
    return {
        **os.environ,
        "PATH": f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "LD_LIBRARY_PATH": os.pathsep.join(map(str, libraries)),
        "PYTHONPATH": str(server.parent.parent),
    }
