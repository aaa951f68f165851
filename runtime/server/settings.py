"""How a server is set up, and what one client may take of it."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Limits:
    """What requests may take."""

    request_bytes: int = 64 << 20
    """Bytes of one request."""
    json_bytes: int = 16 << 20
    """Bytes of the part of a request that is JSON: read, it takes many times as much."""
    held_requests: int = 8
    """How many requests of the largest size may be held at once, by the bytes of all together."""
    answer_bytes: int = 512 << 20
    """Bytes of one answer's tensors."""
    header_bytes: int = 32 << 10
    header_s: float = 10.0
    """Seconds until a request's headers are complete."""
    idle_s: float = 75.0
    """Seconds that a connection may wait for its next request."""
    timeout_s: float = 60.0
    """Seconds for a whole request: to receive, to wait, to compute."""
    connections: int = 256
    queue: int = 128
    """Requests that wait for one model."""
    stop_s: float = 10.0
    """Seconds that requests under way are given when the server stops."""


@dataclass(frozen=True)
class Batching:
    """Joining requests of one shape into one run."""

    most: int = 1
    """Rows of a joined run; 1 joins nothing."""
    delay_s: float = 0.0
    """Seconds that a request waits for others, counted from its arrival."""


@dataclass(frozen=True)
class SequenceLimits:
    """States that the server keeps."""

    most: int = 1000
    """Sequences under way at once."""
    idle_s: float = 60.0
    """Seconds without a request after which a sequence is forgotten."""


@dataclass(frozen=True)
class Listening:
    """Where the server listens, and who may speak to it."""

    host: str = "127.0.0.1"
    port: int = 8000
    """0 for any that is free."""
    grpc_port: int | None = None
    """None for no gRPC, 0 for any port that is free."""
    certificate: Path | None = None
    """PEM chain; with `key` the server speaks TLS alone."""
    key: Path | None = None
    token: str | None = field(default=None, repr=False)
    """What every request must bear, None for nothing."""


@dataclass(frozen=True)
class Addresses:
    """Where a server listens, as URLs."""

    http: str
    grpc: str | None = None
    """None where gRPC is not served."""
