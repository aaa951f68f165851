"""An Open Inference Protocol server over gRPC on 127.0.0.1."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from onnxwright import runtime
from tests.runtime.remote.server import NAMES, TYPES

EXTRA = "needs the extra [serve]"
SERVER = {"name": "tester", "version": "1.2"}


class Service:
    """The protocol's gRPC service, over a local runner."""

    def __init__(self, grpc: Any, messages: Any, runner: runtime.Runner) -> None:
        self.grpc, self.messages, self.runner = grpc, messages, runner
        self.ready, self.raw = True, True
        self.fault: tuple[str, str] | None = None
        self.changed: dict[str, Any] = {}
        self.y: NDArray[Any] | None = None
        """In place of the model's own."""
        self.pause: Callable[[], object] = bool
        """Called before an answer."""
        self.written: Callable[[Any], bytes] = lambda message: message.SerializeToString()

    def ServerMetadata(self, request: Any, context: Any) -> Any:  # noqa: N802
        return self.messages.ServerMetadataResponse(**SERVER)

    def ModelReady(self, request: Any, context: Any) -> Any:  # noqa: N802
        return self.messages.ModelReadyResponse(ready=self.ready)

    def ModelMetadata(self, request: Any, context: Any) -> Any:  # noqa: N802
        if request.name != "net" or request.version not in ("", "3"):
            context.abort(self.grpc.StatusCode.NOT_FOUND, f"no {request.name}\n{request.version}")
        return self.messages.ModelMetadataResponse(
            inputs=map(self.described, self.runner.inputs),
            outputs=map(self.described, self.runner.outputs),
        )

    def described(self, info: Any) -> Any:
        shape = [dim if isinstance(dim, int) else -1 for dim in info.shape]
        kind = self.messages.ModelMetadataResponse.TensorMetadata
        return kind(name=info.name, datatype=NAMES[info.dtype], shape=shape)

    def ModelInfer(self, request: Any, context: Any) -> Any:  # noqa: N802
        if self.fault:
            context.abort(getattr(self.grpc.StatusCode, self.fault[0]), self.fault[1])
        feeds = {
            tensor.name: np.frombuffer(raw, TYPES[tensor.datatype]).reshape(tensor.shape)
            for tensor, raw in zip(request.inputs, request.raw_input_contents, strict=True)
        }
        answer = self.messages.ModelInferResponse()
        self.pause()
        outputs = self.runner.run(feeds, [each.name for each in request.outputs])
        if self.y is not None:
            outputs["y"] = self.y
        for name, array in outputs.items():
            tensor = {"name": name, "datatype": NAMES[array.dtype], "shape": array.shape}
            added = answer.outputs.add(**{**tensor, **self.changed})
            if self.raw:
                answer.raw_output_contents.append(array.tobytes())
            elif array.dtype == np.int64:
                added.contents.int64_contents.extend(array.ravel().tolist())
            else:
                added.contents.fp32_contents.extend(array.ravel().tolist())
        return answer


@contextmanager
def serving_grpc(service: Service, **settings: Any) -> Iterator[str]:
    """Serve it; yield the URL of its model."""
    grpc, messages = service.grpc, service.messages
    handlers = {
        name: grpc.unary_unary_rpc_method_handler(
            getattr(service, name),
            request_deserializer=getattr(messages, f"{name}Request").FromString,
            response_serializer=lambda message: service.written(message),
        )
        for name in ("ServerMetadata", "ModelReady", "ModelMetadata", "ModelInfer")
    }
    with ThreadPoolExecutor(4) as pool:
        server = grpc.server(pool, **settings)
        name = "inference.GRPCInferenceService"
        server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(name, handlers)])
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        yield f"grpc://127.0.0.1:{port}/net"
        server.stop(None).wait()
