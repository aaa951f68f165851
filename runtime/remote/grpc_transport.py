"""The Open Inference Protocol v2 over gRPC; tensors travel as bytes.

Source: the protocol's ``GRPCInferenceService``, by the messages that the package tritonclient has.
"""

import importlib
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from numpy.typing import NDArray

from ..protocol.contents import read_tensor
from ..protocol.datatypes import datatype_of
from ..protocol.elements import to_bytes
from ..protocol.sequences import Step
from ..runner import TensorInfo
from .address import Address
from .counts import Counts
from .failures import BEARER, HELP, LARGEST, LARGEST_PAGE, FailedError, broken, shortened, silent
from .options import ServedOptions
from .served import Served, served_tensor
from .trust import Trust

_CHANNEL = [
    ("grpc.enable_http_proxy", 0),  # Nothing goes anywhere but to the URL.
    ("grpc.max_send_message_length", LARGEST),
    ("grpc.use_local_subchannel_pool", 1),  # A failure to connect is not kept for the next runner.
    # No compression: before 1.84 the library bounds a message only when 1 MB has become 1 GB.
    ("grpc.compression_enabled_algorithms_bitset", 1),
]
_TOO_LARGE = "Received message larger than max"
_UNREADABLE = ("Exception deserializing response", "Compression algorithm")
_CHOICES = {bool: "bool_param", int: "int64_param", str: "string_param"}
"""The field of a parameter that holds a value."""


class _Stubs:
    """The service's methods, through one channel for each power of two that bounds an answer.

    The library takes the bound of an answer from its channel, not from the call.
    """

    def __init__(self, services: Any, channel: Callable[[Any], Any]) -> None:
        self._services, self._channel = services, channel
        self._lock = threading.Lock()
        self._channels: dict[int, Any] = {}
        self._stubs: dict[int, Any] = {}
        weakref.finalize(self, _close_all, self._channels)

    def of(self, largest: int) -> Any:
        """Return the methods whose answers have at most `largest` bytes, rounded up."""
        bound = min(max(1 << (largest - 1).bit_length(), LARGEST_PAGE), LARGEST)
        with self._lock:
            if bound not in self._stubs:
                options = [*_CHANNEL, ("grpc.max_receive_message_length", bound)]
                channel = self._channel(options)
                self._channels[bound] = channel
                self._stubs[bound] = self._services.GRPCInferenceServiceStub(channel)
            return self._stubs[bound]


def _close_all(channels: Mapping[int, Any]) -> None:
    for channel in channels.values():
        channel.close()


class GrpcTransport:
    """A served model over gRPC, through channels that threads share."""

    def __init__(self, address: Address, options: ServedOptions, trust: Trust) -> None:
        self._address = address
        self._metadata = tuple(trust.headers().items())
        self._timeout = options.timeout
        self._grpc, self._messages, services = _imported(address)
        self._stubs = _Stubs(services, partial(_channel, self._grpc, address, trust))
        self._model = {"name": address.model, "version": address.version}

    def describe(self) -> Served:
        """Ask for the metadata of the model, whether it is ready, and for those of the server."""
        found = self._call("ModelMetadata", self._messages.ModelMetadataRequest(**self._model))
        self.ready()
        server = self._call("ServerMetadata", self._messages.ServerMetadataRequest())
        name = shortened(f"{server.name} {server.version}")
        return Served(name, _tensors(found.inputs), _tensors(found.outputs))

    def ready(self) -> None:
        """Ask whether the model is ready."""
        request = self._messages.ModelReadyRequest(**self._model)
        if not self._call("ModelReady", request).ready:
            raise FailedError(
                f"the model '{self._address.model}' at {self._address.server} is not ready",
                "wait until the server has loaded it, or see its log",
            )

    def infer(
        self,
        feeds: Mapping[str, NDArray[Any]],
        outputs: Sequence[str],
        largest: int,
        step: Step | None = None,
    ) -> dict[str, NDArray[Any]]:
        """Run the model once."""
        kind = self._messages.ModelInferRequest
        request = kind(model_name=self._address.model, model_version=self._address.version)
        for name, array in feeds.items():
            datatype = datatype_of(array.dtype)
            request.inputs.add(name=name, datatype=datatype, shape=array.shape)
            request.raw_input_contents.append(to_bytes(array))
        for name in outputs:
            request.outputs.add(name=name)
        for name, value in {} if step is None else step.parameters().items():
            setattr(request.parameters[name], _CHOICES[type(value)], value)
        return _arrays(self._call("ModelInfer", request, largest), outputs)

    def counts(self) -> Counts | None:
        """Ask what the server has counted; None where it does not count."""
        request = self._messages.ModelStatisticsRequest(**self._model)
        try:
            answer = self._stubs.of(LARGEST_PAGE).ModelStatistics(
                request, timeout=self._timeout, metadata=self._metadata
            )
        except self._grpc.RpcError:
            return None
        return sum(map(_counted, answer.model_stats), Counts())

    def _call(self, method: str, request: Any, largest: int = LARGEST_PAGE) -> Any:
        """Call a method; the library holds the deadline of the whole call, connecting included."""
        try:
            call = getattr(self._stubs.of(largest), method)
            return call(request, timeout=self._timeout, metadata=self._metadata)
        except self._grpc.RpcError as error:
            raise self._refusal(method, error) from error
        except ValueError as error:  # protobuf's, of a message over its limit
            raise broken(shortened(str(error))) from error

    def _refusal(self, method: str, error: Any) -> FailedError:
        code, said = error.code().name, shortened(error.details() or "no message")
        where = self._address.server
        if code == "DEADLINE_EXCEEDED":
            return silent(where, self._timeout)
        if code == "RESOURCE_EXHAUSTED" and _TOO_LARGE in said and "SERVER:" not in said:
            return broken(f"it has more bytes than its outputs can need: {said}")
        if any(text in said for text in _UNREADABLE):
            return broken(said)
        if code == "UNAVAILABLE":
            return FailedError(
                f"no gRPC server answers at {where}: {said}",
                "start the server, or check host and port; an HTTP port needs http://",
            )
        if code in ("UNAUTHENTICATED", "PERMISSION_DENIED"):
            return FailedError(f"{where} refuses {method}: gRPC {code}: {said}", BEARER)
        return FailedError(
            f"{where} refuses {method} of the model '{self._address.model}': gRPC {code}: {said}",
            HELP if method == "ModelInfer" else "check the URL's model and version",
        )


def _channel(grpc: Any, address: Address, trust: Trust, options: Any) -> Any:
    host = f"dns:///{address.server}"  # A bare host could be taken for a scheme.
    if address.scheme == "grpc":
        return grpc.insecure_channel(host, options=options)
    roots = None if trust.certificates is None else trust.certificates.encode()
    return grpc.secure_channel(host, grpc.ssl_channel_credentials(roots), options=options)


def _counted(model: Any) -> Counts:
    parts = model.inference_stats
    return Counts(
        requests=parts.success.count,
        queue_ns=parts.queue.ns,
        compute_ns=parts.compute_input.ns + parts.compute_infer.ns + parts.compute_output.ns,
        rows=model.inference_count,
        executions=model.execution_count,
    )


def _imported(address: Address) -> tuple[Any, Any, Any]:
    try:
        return (
            importlib.import_module("grpc"),
            importlib.import_module("tritonclient.grpc.service_pb2"),
            importlib.import_module("tritonclient.grpc.service_pb2_grpc"),
        )
    except ImportError as error:
        raise FailedError(
            f"on='{address.url}' needs tritonclient with gRPC, which is not there: {error}",
            "install it: pip install 'onnxwright[serve]'; http:// needs nothing more",
        ) from error


def _tensors(listed: Any) -> tuple[TensorInfo, ...]:
    return tuple(served_tensor(each.name, each.datatype, list(each.shape)) for each in listed)


def _arrays(answer: Any, wanted: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Return the `wanted` arrays, from an answer's bytes if it has any, else from its fields."""
    raw = answer.raw_output_contents
    if raw and len(raw) != len(answer.outputs):
        raise broken(f"it has {len(answer.outputs)} outputs and the bytes of {len(raw)}")
    return {
        each.name: read_tensor(each, raw[index] if raw else None)
        for index, each in enumerate(answer.outputs)
        if each.name in wanted
    }
