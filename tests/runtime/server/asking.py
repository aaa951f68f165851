"""Requests made by hand, as no client library would."""

import http.client
import importlib.util
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from onnxwright.runtime.server.settings import Addresses

GRPC = importlib.util.find_spec("grpc") is not None
needs_grpc = pytest.mark.skipif(not GRPC, reason="needs the extra [serve]")
LENGTH = "Inference-Header-Content-Length"


@dataclass(frozen=True)
class Said:
    """An answer over HTTP."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        """Its JSON part."""
        size = self.headers.get(LENGTH.lower())
        return json.loads(self.body[: int(size)] if size else self.body)


def ask(
    addresses: Addresses,
    path: str,
    body: object = None,
    method: str | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = 20,
) -> Said:
    """Send one request over a connection of its own; a `body` that is no bytes goes as JSON."""
    content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    parts = urlsplit(addresses.http)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)
    try:
        connection.request(
            method or ("GET" if body is None else "POST"), path, content, dict(headers or {})
        )
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Said(answer.status, found, answer.read())
    finally:
        connection.close()
