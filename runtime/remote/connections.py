"""HTTP connections to one server, kept open between requests and shared by threads."""

import http.client
import socket
import ssl
import time
import weakref
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from .address import Address
from .deadline import SecureTimedConnection, TimedConnection
from .failures import LARGEST_PAGE, FailedError, broken, shortened, silent
from .trust import Trust

CHUNK = 1 << 20


@dataclass(frozen=True)
class Reply:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the header `name`, whatever its case."""
        return self.headers.get(name.lower())


class Connections:
    """As many connections as requests are under way at once; nothing else is ever connected to.

    Neither proxies of the environment nor redirects are followed.
    """

    def __init__(self, address: Address, timeout: float, trust: Trust) -> None:
        self._address = address
        self._headers = trust.headers()
        self._context = trust.context() if address.scheme == "https" else None
        self._timeout = timeout
        self._idle: deque[TimedConnection] = deque()
        weakref.finalize(self, _close_all, self._idle)

    def request(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        largest: int = LARGEST_PAGE,
    ) -> Reply:
        """Send one request and return the answer, whatever its status.

        The time-out is for all of it together. An answer has at most `largest` bytes.

        Raises
        ------
        FailedError
            No answer came, or none that is HTTP.
        """
        try:
            return self._exchange(method, path, body, {**(headers or {}), **self._headers}, largest)
        except TimeoutError as error:
            raise silent(self._address.server, self._timeout) from error
        except (OSError, http.client.HTTPException) as error:
            raise _unreachable(self._address, error) from error

    def _exchange(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str], largest: int
    ) -> Reply:
        deadline = time.monotonic() + self._timeout
        while True:
            connection, reused = self._taken()
            connection.deadline = deadline
            try:
                connection.request(method, path, body or None, dict(headers))
                reply, keep = _read(connection.getresponse(), largest)
            except (ConnectionResetError, BrokenPipeError):
                # A server may close a connection that has been idle; a new one then works.
                connection.close()
                if not reused:
                    raise
                continue
            except BaseException:
                connection.close()
                raise
            if keep:
                self._idle.append(connection)
            else:
                connection.close()
            return reply

    def _taken(self) -> tuple[TimedConnection, bool]:
        """Return a connection, and whether it has served before."""
        try:
            return self._idle.pop(), True
        except IndexError:
            place = self._address.host, self._address.port
            if self._context is None:
                return TimedConnection(*place), False
            return SecureTimedConnection(*place, context=self._context), False


def _read(response: http.client.HTTPResponse, largest: int) -> tuple[Reply, bool]:
    """Return the answer, and whether its connection can be used again."""
    with response:
        if (response.length or 0) > largest:
            raise broken(f"it has {response.length} bytes, more than {largest}")
        body = bytearray()
        while chunk := response.read(CHUNK):  # a length that is only claimed takes no memory
            body += chunk
            if len(body) > largest:
                raise broken(f"it has more than {largest} bytes")
        if response.length:
            raise http.client.IncompleteRead(bytes(body[:0]), response.length)
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, headers, bytes(body)), not response.will_close


def _unreachable(address: Address, error: Exception) -> FailedError:
    if isinstance(error, ConnectionRefusedError):
        return FailedError(
            f"nothing listens at {address.server}", "start the server, or check host and port"
        )
    if isinstance(error, socket.gaierror):
        return FailedError(f"the host '{address.host}' is not known", "check the URL")
    if isinstance(error, ssl.SSLError):
        return FailedError(
            f"no secure connection to {address.server}: {shortened(str(error))}",
            "check the server's certificate, or whether it speaks https at this port at all",
        )
    if isinstance(error, (http.client.HTTPException, ConnectionResetError)):
        text = shortened(str(error)) or type(error).__name__
        return FailedError(
            f"{address.server} broke off or does not speak HTTP: {text}",
            "check the port, and the server's log; a gRPC port needs grpc://",
        )
    return FailedError(
        f"no connection to {address.server}: {shortened(str(error))}", "check host and port"
    )


def _close_all(idle: deque[TimedConnection]) -> None:
    while idle:
        idle.pop().close()
