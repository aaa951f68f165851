"""uvicorn with this server's limits, and without its handling of signals and logs."""

import contextlib
import os
import socket
from collections.abc import Iterator
from typing import Any

import uvicorn

from ..errors import ProviderError
from .application import Application
from .connection import BoundedConnection
from .settings import Limits, Listening


class HttpServer(uvicorn.Server):
    """An HTTP server on a socket that is bound already; ``should_exit`` stops it."""

    def __init__(self, application: Application, listening: Listening, limits: Limits) -> None:
        kind = type("Connection", (BoundedConnection,), {"limits": limits})
        super().__init__(
            uvicorn.Config(
                application,
                http=kind,
                ws="none",
                loop="asyncio",
                lifespan="off",
                log_config=None,
                log_level="critical",
                access_log=False,
                server_header=False,
                date_header=False,
                proxy_headers=False,
                timeout_keep_alive=int(limits.idle_s),
                timeout_graceful_shutdown=int(limits.stop_s),
                h11_max_incomplete_event_size=limits.header_bytes,
                ssl_certfile=listening.certificate,
                ssl_keyfile=listening.key,
            )
        )
        try:
            self.config.load()
        except (OSError, ValueError) as error:  # ssl's errors are of the first kind
            raise ProviderError(
                f"the certificate or key cannot be used: {error}",
                "give PEM files: the certificate chain, and its private key without a password",
            ) from error

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the caller."""
        yield


def bound_socket(host: str, port: int) -> socket.socket:
    """Return a socket that listens nowhere else."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    found = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":  # elsewhere it would take a port that another server has
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(address)
    except BaseException:
        found.close()
        raise
    return found


def url_of(listening: Listening, port: int, scheme: str) -> str:
    """Return an address as a URL.

    >>> url_of(Listening(host="::1"), 8000, "http")
    'http://[::1]:8000'
    """
    host = f"[{listening.host}]" if ":" in listening.host else listening.host
    secure: dict[str, Any] = {"http": "https", "grpc": "grpcs"}
    return f"{secure[scheme] if listening.certificate else scheme}://{host}:{port}"
