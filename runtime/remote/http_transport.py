"""The Open Inference Protocol v2 over HTTP: JSON, and binary tensors where the server has them.

Source: the protocol's REST part, and its binary tensor data extension
(https://github.com/kserve/open-inference-protocol, https://github.com/triton-inference-server/server).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from ..protocol.sequences import Step
from ..runner import TensorInfo
from .address import Address
from .connections import Connections, Reply
from .counts import Counts, read_counts
from .failures import BEARER, HELP, FailedError, broken, shortened
from .messages import HEADER_LENGTH, error_text, read_answer, read_object, write_request
from .options import ServedOptions
from .served import Served, served_tensor
from .trust import Trust

EXTENSION = "binary_tensor_data"
"""How a server's metadata list binary tensors."""


class HttpTransport:
    """A served model over HTTP."""

    def __init__(self, address: Address, options: ServedOptions, trust: Trust) -> None:
        self._address = address
        self._connections = Connections(address, options.timeout, trust)
        self._asked = options.binary
        self.binary = bool(options.binary)
        """Tensors go as bytes."""

    def describe(self) -> Served:
        """Ask for the metadata of the model, whether it is ready, and for those of the server."""
        reply = self._connections.request("GET", self._address.path())
        if reply.status != 200:
            raise self._refusal(reply, "describe")
        document = read_object(reply.body)
        self.ready()
        name, extensions = self._server()
        if self._asked is None:
            self.binary = EXTENSION in extensions
        return Served(name, _tensors(document, "inputs"), _tensors(document, "outputs"))

    def ready(self) -> None:
        """Ask whether the model is ready."""
        reply = self._connections.request("GET", self._address.path("ready"))
        if reply.status in (400, 503) or (reply.status == 200 and _denied(reply.body)):
            said = shortened(error_text(reply.body)) or "no message"
            raise FailedError(
                f"the model '{self._address.model}' at {self._address.server} is not ready: "
                f"HTTP {reply.status}: {said}",
                "wait until the server has loaded it, or see its log",
            )
        if reply.status != 200:
            raise self._refusal(reply, "find")

    def infer(
        self,
        feeds: Mapping[str, NDArray[Any]],
        outputs: Sequence[str],
        largest: int,
        step: Step | None = None,
    ) -> dict[str, NDArray[Any]]:
        """Run the model once."""
        headers, body = write_request(feeds, outputs, binary=self.binary, step=step)
        path = self._address.path("infer")
        reply = self._connections.request("POST", path, body, headers, largest)
        if reply.status != 200:
            raise self._refusal(reply, "run")
        return read_answer(reply.body, reply.header(HEADER_LENGTH))

    def counts(self) -> Counts | None:
        """Ask what the server has counted; None where it does not count."""
        reply = self._connections.request("GET", self._address.path("stats"))
        if reply.status != 200:
            return None
        return read_counts(read_object(reply.body).get("model_stats"))

    def _server(self) -> tuple[str, Sequence[str]]:
        """Return the server's name with its version, and its extensions, as far as it tells."""
        reply = self._connections.request("GET", f"{self._address.prefix}/v2")
        if reply.status != 200:
            return "", ()
        document = read_object(reply.body)
        name = f"{document.get('name') or ''} {document.get('version') or ''}"
        listed = document.get("extensions")
        return shortened(name), listed if isinstance(listed, list) else ()

    def _refusal(self, reply: Reply, verb: str) -> FailedError:
        where, model = self._address.server, self._address.model
        if 300 <= reply.status < 400:
            target = shortened(reply.header("location") or "nowhere")
            return FailedError(
                f"{where} answers HTTP {reply.status}, a redirect to {target}",
                "redirects are not followed: give that URL itself if it is to be trusted",
            )
        said = shortened(error_text(reply.body)) or "no message"
        problem = f"{where} does not {verb} the model '{model}': HTTP {reply.status}: {said}"
        if reply.status in (401, 403):
            return FailedError(problem, BEARER)
        return FailedError(problem, HELP if verb == "run" else "check the URL's model and version")


def _denied(body: bytes) -> bool:
    """Say whether an answer with status 200 says all the same that the model is not ready."""
    return body.lstrip()[:1] == b"{" and read_object(body).get("ready") is False


def _tensors(document: Mapping[str, Any], key: str) -> tuple[TensorInfo, ...]:
    listed = document.get(key) or []
    if not isinstance(listed, list) or not all(isinstance(tensor, dict) for tensor in listed):
        raise broken(f"the model's metadata have no list of {key}")
    return tuple(
        served_tensor(each.get("name"), each.get("datatype"), each.get("shape")) for each in listed
    )
