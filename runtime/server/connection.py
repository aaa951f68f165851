"""HTTP connections that end: none may be opened without number, or dawdle without end."""

import asyncio
import json
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from .application import TASK
from .settings import Limits


class BoundedConnection(H11Protocol):
    """A connection with a deadline for each request's headers, and one for its whole.

    uvicorn itself has one for idle connections alone, which ends with the first byte.
    """

    limits = Limits()
    _watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Take a connection, if there are not too many."""
        super().connection_made(transport)
        if len(self.connections) > self.limits.connections:
            self._refuse("503 Service Unavailable", "the server has as many connections as it may")
        else:
            self._end_after(self.limits.header_s)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection, and what nobody waits for any more."""
        self._end_after(None)
        super().connection_lost(exc)
        if self.cycle is not None and not self.cycle.response_complete:
            task = dict(self.cycle.scope).get(TASK)
            if isinstance(task, asyncio.Task):
                task.cancel()

    def data_received(self, data: bytes) -> None:
        """Take bytes; those that begin a request start its clock."""
        if self._watch is None:
            self._end_after(self.limits.header_s)
        before = self.cycle
        super().data_received(data)
        if self.cycle is not before and not self.cycle.response_complete:
            # Its answer may take as long as it took, and as long again to be read.
            self._end_after(2 * self.limits.timeout_s)

    def on_response_complete(self) -> None:
        """Stop the clock of the request, if its answer is gone: the connection may idle."""
        if not self.transport.get_write_buffer_size():
            self._end_after(None)
        before = self.cycle
        super().on_response_complete()
        if self.cycle is not before:  # a request that was sent ahead
            self._end_after(2 * self.limits.timeout_s)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP in the protocol's form."""
        self._refuse("400 Bad Request", msg)

    def _refuse(self, status: str, text: str) -> None:
        content = json.dumps({"error": text})
        self.transport.write(
            f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\n"
            f"content-length: {len(content)}\r\n\r\n{content}".encode()
        )
        self.transport.close()

    def _end_after(self, seconds: float | None) -> None:
        if self._watch is not None:
            self._watch.cancel()
        self._watch = None if seconds is None else self.loop.call_later(seconds, self._end)

    def _end(self) -> None:
        self._watch = None
        idle = self.cycle is not None and self.cycle.response_complete
        if not idle or self.transport.get_write_buffer_size():
            self.transport.abort()
