"""The Open Inference Protocol v2 over gRPC; tensors travel as bytes.

Source: the protocol's ``GRPCInferenceService``, by the messages that the package tritonclient has.
"""

import importlib
import weakref
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..runner import TensorInfo
from .address import Address
from .datatypes import checked_shape, datatype_of, dtype_of, from_bytes
from .failures import HELP, LARGEST, FailedError, broken, shortened, silent
from .options import ServedOptions
from .served import Served, served_tensor

_CHANNEL = [
    ("grpc.enable_http_proxy", 0),  # Nothing goes anywhere but to the URL.
    ("grpc.max_send_message_length", LARGEST),
    ("grpc.max_receive_message_length", LARGEST),
]
_CONTENTS = {
    "b": "bool_contents", "i": "int_contents", "u": "uint_contents",
    "i8": "int64_contents", "u8": "uint64_contents", "f4": "fp32_contents", "f8": "fp64_contents",
}  # fmt: skip
"""The field of an answer that holds elements of a dtype, by its kind and size, or its kind."""


class GrpcTransport:
    """A served model over gRPC, through one channel that threads share."""

    def __init__(self, address: Address, options: ServedOptions) -> None:
        self._address = address
        self._timeout = options.timeout
        self._grpc, self._messages, services = _imported(address)
        host = f"dns:///{address.server}"  # A bare host could be taken for a scheme.
        channel = self._grpc.insecure_channel(host, options=_CHANNEL)
        self._stub: Any = services.GRPCInferenceServiceStub(channel)
        self._model = {"name": address.model, "version": address.version}
        weakref.finalize(self, channel.close)

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
        self, feeds: Mapping[str, NDArray[Any]], outputs: Sequence[str], largest: int
    ) -> dict[str, NDArray[Any]]:
        """Run the model once; the library itself bounds the call's time and its message."""
        kind = self._messages.ModelInferRequest
        request = kind(model_name=self._address.model, model_version=self._address.version)
        for name, array in feeds.items():
            datatype = datatype_of(array.dtype)
            request.inputs.add(name=name, datatype=datatype, shape=array.shape)
            request.raw_input_contents.append(array.tobytes())
        for name in outputs:
            request.outputs.add(name=name)
        return _arrays(self._call("ModelInfer", request))

    def _call(self, method: str, request: Any) -> Any:
        try:
            return getattr(self._stub, method)(request, timeout=self._timeout)
        except self._grpc.RpcError as error:
            raise self._refusal(method, error) from error
        except ValueError as error:  # protobuf's, of a message over its limit
            raise broken(shortened(str(error))) from error

    def _refusal(self, method: str, error: Any) -> FailedError:
        code, said = error.code().name, shortened(error.details() or "no message")
        where = self._address.server
        if code == "DEADLINE_EXCEEDED":
            return silent(where, self._timeout)
        if code == "UNAVAILABLE":
            return FailedError(
                f"no gRPC server answers at {where}: {said}",
                "start the server, or check host and port; an HTTP port needs http://",
            )
        return FailedError(
            f"{where} refuses {method} of the model '{self._address.model}': gRPC {code}: {said}",
            HELP if method == "ModelInfer" else "check the URL's model and version",
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


def _arrays(answer: Any) -> dict[str, NDArray[Any]]:
    """Return an answer's arrays, from its bytes where it has them, else from its typed fields."""
    raw = answer.raw_output_contents
    if raw and len(raw) != len(answer.outputs):
        raise broken(f"it has {len(answer.outputs)} outputs and the bytes of {len(raw)}")
    return {
        each.name: _array(each, raw[index] if raw else None)
        for index, each in enumerate(answer.outputs)
    }


def _array(tensor: Any, raw: bytes | None) -> NDArray[Any]:
    dtype, shape = dtype_of(tensor.datatype, tensor.name), list(tensor.shape)
    if raw is not None:
        return from_bytes(tensor.name, raw, dtype, shape)
    field = _CONTENTS.get(f"{dtype.kind}{dtype.itemsize}") or _CONTENTS.get(dtype.kind)
    if field is None:
        raise broken(f"'{tensor.name}' is {dtype.name}, which must come as bytes")
    try:
        values = np.array(list(getattr(tensor.contents, field)), dtype)
        return values.reshape(checked_shape(tensor.name, shape))
    except (ValueError, OverflowError) as error:
        raise broken(f"'{tensor.name}' {dtype.name} {shape}: {error}") from error
