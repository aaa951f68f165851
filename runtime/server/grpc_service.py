"""The protocol over gRPC, by the messages that the package tritonclient has."""

import asyncio
import hmac
import importlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from ..errors import ProviderError
from .failures import RequestError, as_refusal
from .grpc_messages import read_request, write_answer
from .repository import Repository
from .settings import Limits, Listening

_CODES = {
    400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 404: "NOT_FOUND", 413: "RESOURCE_EXHAUSTED",
    503: "RESOURCE_EXHAUSTED", 504: "DEADLINE_EXCEEDED",
}  # fmt: skip
"""gRPC's codes by the status that HTTP would have."""
_UNARY = (
    "ServerLive", "ServerReady", "ServerMetadata", "ModelReady", "ModelMetadata", "ModelInfer",
    "ModelStatistics",
)  # fmt: skip
Handle = Callable[[Any], Awaitable[Any]]


class GrpcServer:
    """A gRPC server in the event loop that makes it."""

    def __init__(self, models: Repository, listening: Listening, limits: Limits) -> None:
        """Bind the port.

        Raises
        ------
        ProviderError
            The library is not there, or the address cannot be listened at.
        """
        self._grpc, self._messages = _imported()
        self._models, self._limits = models, limits
        self._token = None if listening.token is None else f"Bearer {listening.token}".encode()
        self._server = self._grpc.aio.server(
            maximum_concurrent_rpcs=limits.queue + limits.connections,
            options=[
                ("grpc.max_receive_message_length", limits.request_bytes),
                ("grpc.max_send_message_length", limits.answer_bytes + limits.json_bytes),
                ("grpc.max_metadata_size", limits.header_bytes),
                ("grpc.max_connection_idle_ms", int(limits.idle_s * 1000)),
                ("grpc.so_reuseport", 0),
                # No compression: a small message could become a large one.
                ("grpc.compression_enabled_algorithms_bitset", 1),
            ],
        )
        self._server.add_generic_rpc_handlers((self._handlers(),))
        self.port = self._bound(listening)

    async def start(self) -> None:
        """Begin to answer."""
        await self._server.start()

    async def stop(self) -> None:
        """Answer what is under way and end."""
        await self._server.stop(self._limits.stop_s)

    def _bound(self, listening: Listening) -> int:
        host = f"[{listening.host}]" if ":" in listening.host else listening.host
        address = f"{host}:{listening.grpc_port}"
        try:
            if listening.certificate is None or listening.key is None:
                return int(self._server.add_insecure_port(address))
            pair = (listening.key.read_bytes(), listening.certificate.read_bytes())
            secure = self._grpc.ssl_server_credentials([pair])
            return int(self._server.add_secure_port(address, secure))
        except (RuntimeError, OSError, ValueError) as error:
            raise ProviderError(
                f"cannot listen at {address} for gRPC: {error}",
                "give another --host or --grpc-port; --grpc-port 0 takes any that is free",
            ) from error

    def _handlers(self) -> Any:
        """Return the service's methods, each with its messages."""
        handlers = {
            name: self._grpc.unary_unary_rpc_method_handler(
                self._unary(getattr(self, f"_{name}")), **self._coders(name, name)
            )
            for name in _UNARY
        }
        handlers["ModelStreamInfer"] = self._grpc.stream_stream_rpc_method_handler(
            self._streamed, **self._coders("ModelInfer", "ModelStreamInfer")
        )
        return self._grpc.method_handlers_generic_handler(
            "inference.GRPCInferenceService", handlers
        )

    def _coders(self, request: str, answer: str) -> dict[str, Any]:
        return {
            "request_deserializer": getattr(self._messages, f"{request}Request").FromString,
            "response_serializer": getattr(self._messages, f"{answer}Response").SerializeToString,
        }

    def _unary(self, handle: Handle) -> Callable[[Any, Any], Awaitable[Any]]:
        """Return a method that answers within the limits, or with one error."""

        async def answer(request: Any, context: Any) -> Any:
            try:
                self._check_token(context)
                async with asyncio.timeout(self._limits.timeout_s):
                    return await handle(request)
            except Exception as error:
                refusal = as_refusal(error)
            await self._refuse(context, refusal)
            return None

        return answer

    async def _refuse(self, context: Any, refusal: RequestError) -> None:
        code = getattr(self._grpc.StatusCode, _CODES.get(refusal.status, "INTERNAL"))
        await context.abort(code, refusal.text)

    async def _streamed(self, requests: AsyncIterator[Any], context: Any) -> AsyncIterator[Any]:
        """Answer the requests of one stream in their order; one that is refused ends none."""
        try:
            self._check_token(context)
        except RequestError as refusal:
            await self._refuse(context, refusal)
        async for request in requests:
            try:
                async with asyncio.timeout(self._limits.timeout_s):
                    found = await self._ModelInfer(request)
                yield self._messages.ModelStreamInferResponse(infer_response=found)
            except Exception as error:
                text = as_refusal(error).text
                empty = self._messages.ModelInferResponse(id=request.id)
                yield self._messages.ModelStreamInferResponse(
                    error_message=text, infer_response=empty
                )

    def _check_token(self, context: Any) -> None:
        given = dict(context.invocation_metadata() or ()).get("authorization", "")
        if self._token is not None and not hmac.compare_digest(given.encode(), self._token):
            raise RequestError(401, "this server needs a bearer token, and another came or none")

    async def _ServerLive(self, _: Any) -> Any:  # noqa: N802
        return self._messages.ServerLiveResponse(live=True)

    async def _ServerReady(self, _: Any) -> Any:  # noqa: N802
        return self._messages.ServerReadyResponse(ready=True)

    async def _ServerMetadata(self, _: Any) -> Any:  # noqa: N802
        return self._messages.ServerMetadataResponse(**self._models.server())

    async def _ModelReady(self, request: Any) -> Any:  # noqa: N802
        self._models.find(request.name, request.version)
        return self._messages.ModelReadyResponse(ready=True)

    async def _ModelMetadata(self, request: Any) -> Any:  # noqa: N802
        found = self._models.metadata(request.name, request.version)
        return self._messages.ModelMetadataResponse(**found)

    async def _ModelStatistics(self, request: Any) -> Any:  # noqa: N802
        found = self._models.statistics(request.name, request.version)
        return self._messages.ModelStatisticsResponse(model_stats=found)

    async def _ModelInfer(self, request: Any) -> Any:  # noqa: N802
        model = self._models.find(request.model_name, request.model_version)
        asked = read_request(request)
        found = await model.infer(asked)
        answer = self._messages.ModelInferResponse(
            model_name=model.name, model_version=model.version, id=asked.id
        )
        write_answer(answer, found)
        return answer


def _imported() -> tuple[Any, Any]:
    try:
        importlib.import_module("grpc.aio")
        return (
            importlib.import_module("grpc"),
            importlib.import_module("tritonclient.grpc.service_pb2"),
        )
    except ImportError as error:
        raise ProviderError(
            f"gRPC needs tritonclient, which is not there: {error}",
            "install it: pip install 'onnxwright[serve]', or leave out --grpc-port",
        ) from error
