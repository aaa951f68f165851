"""The protocol over HTTP as an ASGI application."""

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import unquote

from .failures import RequestError, as_refusal, bad, busy
from .http_messages import HEADER_LENGTH, read_request, write_answer
from .repository import Repository
from .settings import Limits

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Answer = tuple[int, Mapping[str, str], bytes]


TASK = "onnxwright.task"
"""Where a scope has what answers it, to be ended when its client goes away."""


class Application:
    """Answers every request, whatever it is, with one answer."""

    def __init__(self, models: Repository, limits: Limits, token: str | None) -> None:
        self._models = models
        self._limits = limits
        self._token = None if token is None else f"Bearer {token}".encode()
        self._held = 0
        """Bytes of the requests under way."""

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        scope[TASK] = asyncio.current_task()
        headers = {name.decode("latin-1"): value for name, value in scope["headers"]}
        incoming = _Incoming(receive)
        try:
            async with asyncio.timeout(self._limits.timeout_s):
                status, more, content = await self._answer(scope, headers, incoming)
        except Exception as error:
            late = isinstance(error, TimeoutError) and not incoming.complete
            refusal = RequestError(408, "the request did not arrive in time") if late else error
            status, more, content = _refused(as_refusal(refusal))
        finally:
            self._held -= incoming.size
        if not incoming.complete:  # what is still to come will not be read
            more = {**more, "connection": "close"}
        named = {"content-length": str(len(content)), **more}
        listed = [(name.encode(), value.encode()) for name, value in named.items()]
        await send({"type": "http.response.start", "status": status, "headers": listed})
        await send({"type": "http.response.body", "body": content})

    async def _answer(
        self, scope: Message, headers: Mapping[str, bytes], incoming: "_Incoming"
    ) -> Answer:
        self._check_token(headers)
        path = [unquote(part) for part in scope["raw_path"].decode("ascii").split("/")]
        if path[-1:] == ["infer"]:
            name, version = _model(path[:-1])
            if scope["method"] != "POST":
                raise RequestError(405, "infer takes POST")
            body = await self._body(headers, incoming)
            return await self._infer(name, version, headers, body)
        await self._body(headers, incoming)
        if scope["method"] != "GET":
            raise RequestError(405, "this path takes GET")
        return _said(self._look_up(path))

    async def _infer(
        self, name: str, version: str, headers: Mapping[str, bytes], body: bytes
    ) -> Answer:
        model = self._models.find(name, version)
        length = headers.get(HEADER_LENGTH)
        asked = read_request(
            body, None if length is None else length.decode("latin-1"), self._limits
        )
        found = await model.infer(asked.request)
        more, content = write_answer((model.name, model.version), asked, found)
        return 200, more, content

    def _look_up(self, path: list[str]) -> dict[str, Any]:
        match path:
            case ["", "v2"]:
                return self._models.server()
            case ["", "v2", "health", "live"]:
                return {"live": True}
            case ["", "v2", "health", "ready"]:
                return {"ready": True}
            case ["", "v2", "models", "stats"]:
                return {"model_stats": self._models.statistics()}
            case [*rest, "stats"]:
                return {"model_stats": self._models.statistics(*_model(rest))}
            case [*rest, "ready"]:
                return {"name": self._models.find(*_model(rest)).name, "ready": True}
        return self._models.metadata(*_model(path))

    def _check_token(self, headers: Mapping[str, bytes]) -> None:
        given = headers.get("authorization", b"")
        if self._token is not None and not hmac.compare_digest(given, self._token):
            raise RequestError(401, "this server needs a bearer token, and another came or none")

    async def _body(self, headers: Mapping[str, bytes], incoming: "_Incoming") -> bytes:
        """Read a request's body within the limits, those of all requests together too."""
        most = self._limits.request_bytes
        if headers.get("content-encoding", b"identity") != b"identity":
            raise RequestError(415, "compressed requests are not taken: send them as they are")
        if int(headers.get("content-length", b"0")) > most:
            raise RequestError(413, f"the request has more than {most} bytes")
        while not incoming.complete:
            count = await incoming.more()
            self._held += count  # after the wait: others have changed it meanwhile
            if incoming.size > most:
                raise RequestError(413, f"the request has more than {most} bytes")
            if self._held > most * self._limits.held_requests:
                raise busy("the server holds as many requests as it may")
        return bytes(incoming.body)


class _Incoming:
    """The body of a request, as it comes."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.body = bytearray()
        self.complete = False
        self.size = 0

    async def more(self) -> int:
        """Wait for the next part and return how many bytes it has."""
        message = await self._receive()
        if message["type"] != "http.request":
            raise bad("the client went away")
        part = message.get("body", b"")
        self.body += part
        self.size += len(part)
        self.complete = not message.get("more_body", False)
        return len(part)


def _model(path: list[str]) -> tuple[str, str]:
    """Return the model and the version that a path names."""
    match path:
        case ["", "v2", "models", name] if name:
            return name, ""
        case ["", "v2", "models", name, "versions", version] if name and version:
            return name, version
    raise RequestError(404, f"there is nothing at {'/'.join(path)[:200]!r}")


def _said(document: Mapping[str, Any], status: int = 200) -> Answer:
    return status, {"content-type": "application/json"}, json.dumps(document).encode()


def _refused(refusal: RequestError) -> Answer:
    status, headers, content = _said({"error": refusal.text}, refusal.status)
    if status == 401:
        headers = {**headers, "www-authenticate": "Bearer"}
    return status, headers, content
