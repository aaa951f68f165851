"""A real Triton for tests: the server in nvidia-pytriton's wheel, on the loopback address."""

import os
import shutil
import socket
import subprocess
import sysconfig
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

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
    command = [
        str(server / "bin/tritonserver"),
        *arguments,
        "--disable-auto-complete-config",
        "--exit-timeout-secs=2",
    ]
    command += [f"--model-repository={path}" for path in repositories]
    command += ["--http-address=127.0.0.1", f"--http-port={ports[0]}", "--allow-metrics=false"]
    command += ["--grpc-address=127.0.0.1", f"--grpc-port={ports[1]}"]
    command += [f"--backend-directory={backends(server, folder, backend)}"]
    with log.open("wb") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=stream, env=environment(server))
    try:
        http, grpc = (f"127.0.0.1:{port}" for port in ports)
        wait_until_ready(process, f"http://{http}/v2/health/ready", log)
        yield Triton(http, grpc, log)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


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


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [held.getsockname()[1] for held in sockets]
    for held in sockets:
        held.close()
    return ports


def wait_until_ready(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    for _ in range(1800):
        if process.poll() is not None:
            raise RuntimeError(f"the server has ended:\n{log.read_text()[-4000:]}")
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError(f"the server is not ready after three minutes:\n{log.read_text()[-4000:]}")
