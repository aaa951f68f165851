"""Connections whose every operation ends at one deadline, however slowly the other side drips.

A socket's own time-out begins anew with each byte that arrives: a server that sends one a second
would hold a client for ever.
"""

import http.client
import io
import socket
import time
from typing import Any


class TimedConnection(http.client.HTTPConnection):
    """A connection that must have connected, sent and answered by `deadline`."""

    deadline = float("inf")
    """The moment of ``time.monotonic()`` at which a call ends."""

    def connect(self) -> None:
        """Connect, and watch over the socket from then on."""
        self.timeout = remaining(self.deadline)
        super().connect()
        self.sock: Any = TimedSocket(self.sock, self)


class SecureTimedConnection(TimedConnection, http.client.HTTPSConnection):
    """The same over TLS."""


class TimedSocket:
    """What ``http.client`` uses of a socket, within the deadline of its connection."""

    def __init__(self, inner: socket.socket, connection: TimedConnection) -> None:
        self._inner = inner
        self._connection = connection

    def sendall(self, data: bytes) -> None:
        """Send everything before the deadline."""
        self._inner.settimeout(remaining(self._connection.deadline))
        self._inner.sendall(data)

    def makefile(self, _: str) -> io.BufferedReader:
        """Return a file that reads before the deadline."""
        raw: Any = self._inner.makefile("rb", buffering=0)
        return io.BufferedReader(_Reading(self._inner, raw, self._connection))

    def close(self) -> None:
        """Close the socket; a file that was made of it can still be read to its end."""
        self._inner.close()


class _Reading(io.RawIOBase):
    """Reads from a socket, each time within what is left."""

    def __init__(self, inner: socket.socket, raw: Any, connection: TimedConnection) -> None:
        self._inner, self._raw, self._connection = inner, raw, connection

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._inner.settimeout(remaining(self._connection.deadline))
        count: int | None = self._raw.readinto(buffer)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


def remaining(deadline: float) -> float | None:
    """Return the seconds that are left, None for no end.

    Raises
    ------
    TimeoutError
        None are.
    """
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("the deadline has passed")
    return None if left == float("inf") else left
