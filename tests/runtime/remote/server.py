"""An Open Inference Protocol server on 127.0.0.1, written from the protocol alone."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

from onnxwright.runtime import Runner

TYPES: dict[str, Any] = {
    "BOOL": np.bool_, "INT8": np.int8, "INT16": np.int16, "INT32": np.int32, "INT64": np.int64,
    "UINT8": np.uint8, "UINT16": np.uint16, "UINT32": np.uint32, "UINT64": np.uint64,
    "FP16": np.float16, "FP32": np.float32, "FP64": np.float64, "BF16": ml_dtypes.bfloat16,
}  # fmt: skip
NAMES = {np.dtype(kind): name for name, kind in TYPES.items()}
LENGTH = "Inference-Header-Content-Length"
Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Server:
    """Serves `runner` as the model ``net``; `answers` replaces what a path's end would give."""

    runner: Runner
    binary: bool = False
    stripped: bool = False
    """Leave the first dim out of the metadata."""
    closing: bool = False
    """Close every connection after its answer, without saying so."""
    answers: dict[str, Callable[[], Answer]] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    peers: set[tuple[str, int]] = field(default_factory=set)
    """The other ends of all connections."""
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v2/models/net"

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> Answer:
        self.requests.append((method, path))
        for end, other in self.answers.items():
            if path.endswith(end):
                return other()
        if path == "/v2":
            extensions = ["binary_tensor_data"] if self.binary else []
            return say({"name": "tester", "version": "1.2", "extensions": extensions})
        name, _, action = path.removeprefix("/v2/models/").partition("/")
        if action.startswith("versions/3"):
            action = action.removeprefix("versions/3").removeprefix("/")
        if name != "net" or action.startswith("versions"):
            return say({"error": f"no model {name}\n{action}"}, 404)
        if action == "infer":
            return self.infer(headers, body)
        return say({"name": "net", "ready": True} if action == "ready" else self.metadata())

    def metadata(self) -> dict[str, Any]:
        return {
            "name": "net", "platform": "numpy",
            "inputs": [self.described(info) for info in self.runner.inputs],
            "outputs": [self.described(info) for info in self.runner.outputs],
        }  # fmt: skip

    def described(self, info: Any) -> dict[str, Any]:
        shape = [dim if isinstance(dim, int) else -1 for dim in info.shape][int(self.stripped) :]
        return {"name": info.name, "datatype": NAMES[info.dtype], "shape": shape}

    def infer(self, headers: Any, body: bytes) -> Answer:
        size = int(headers.get(LENGTH, len(body)))
        request, rest = json.loads(body[:size], parse_constant=refuse), body[size:]
        feeds = {}
        for tensor in request["inputs"]:
            kind, count = TYPES[tensor["datatype"]], 0
            if "parameters" in tensor:
                count = tensor["parameters"]["binary_data_size"]
                array = np.frombuffer(rest[:count], kind)
            else:
                array = np.array(tensor["data"], kind)
            feeds[tensor["name"]], rest = array.reshape(tensor["shape"]), rest[count:]
        outputs = self.runner.run(feeds, [tensor["name"] for tensor in request["outputs"]])
        wants = [tensor.get("parameters", {}).get("binary_data") for tensor in request["outputs"]]
        return tensors(outputs, binary=any(wants))


def tensors(outputs: dict[str, NDArray[Any]], binary: bool) -> Answer:
    listed: list[dict[str, Any]] = []
    content = b""
    for name, array in outputs.items():
        tensor: dict[str, Any] = {
            "name": name,
            "shape": list(array.shape),
            "datatype": NAMES[array.dtype],
        }
        if binary:
            tensor["parameters"] = {"binary_data_size": array.nbytes}
            content += array.tobytes()
        else:  # nested, as some servers have it
            tensor["data"] = array.tolist()
        listed.append(tensor)
    status, headers, head = say({"model_name": "net", "outputs": listed})
    return status, headers | ({LENGTH: str(len(head))} if binary else {}), head + content


def say(document: Any, status: int = 200, **headers: str) -> Answer:
    return status, {"Content-Type": "application/json"} | headers, json.dumps(document).encode()


def refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


@contextmanager
def serving(runner: Runner, **settings: Any) -> Iterator[Server]:
    server = Server(runner, **settings)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            server.peers.add(self.client_address)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            try:
                answer = server.answer(self.command, self.path, self.headers, body)
            except Exception as error:
                answer = say({"error": f"{type(error).__name__}: {error}"}, 500)
            status, headers, content = answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if "Content-Length" not in headers:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with contextlib.suppress(OSError):  # a client may have read enough
                self.wfile.write(content)
            self.close_connection = self.close_connection or server.closing

        do_POST = do_GET  # noqa: N815

        def log_message(self, *arguments: Any) -> None:
            """Keep the tests' output clean."""

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.port = listener.server_address[1]
    thread = threading.Thread(target=listener.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()
