"""The URL of a served model."""

from dataclasses import dataclass
from urllib.parse import SplitResult, quote, unquote, urlsplit

from ..errors import ProviderError

GRPC = ("grpc", "grpcs")
_FORMS = (
    "http://HOST:PORT/v2/models/NAME or grpc://HOST:PORT/NAME, with /versions/V if need be; "
    "https and grpcs are encrypted"
)


@dataclass(frozen=True)
class Address:
    """Where a model is served."""

    url: str
    """As it was given."""
    scheme: str
    """``http``, ``https``, ``grpc`` or ``grpcs``."""
    host: str
    port: int | None
    """None for the scheme's own."""
    prefix: str
    """What comes before ``/v2`` in the path, still quoted."""
    model: str
    version: str
    """Empty for the server's choice."""

    @property
    def server(self) -> str:
        """Host and port, as error messages name the server."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"

    def path(self, action: str = "") -> str:
        """Return the path of the model's metadata, or of `action` on the model."""
        parts = [self.prefix, "v2", "models", quote(self.model, safe="")]
        parts += ["versions", quote(self.version, safe="")] if self.version else []
        return "/".join(parts + ([action] if action else []))


def parse_address(url: str) -> Address:
    """Parse a served model's URL.

    >>> address = parse_address("http://localhost:8000/v2/models/tagger/versions/2")
    >>> address.server, address.model, address.version, address.path("infer")
    ('localhost:8000', 'tagger', '2', '/v2/models/tagger/versions/2/infer')
    >>> parse_address("grpc://localhost:8001/tagger").model
    'tagger'

    Raises
    ------
    ProviderError
        It is no such URL.
    """
    parts, port = _split(url)
    if parts.scheme in GRPC:
        prefix, rest = "", parts.path.removeprefix("/")
    else:
        prefix, found, rest = parts.path.rpartition("/v2/models/")
        rest = rest if found else ""
    model, version = _model_and_version(rest)
    if not model or "/" in version or (parts.scheme in GRPC and port is None):
        raise _malformed(url, "it does not say which model is served where")
    return Address(url, parts.scheme, parts.hostname or "", port, prefix, model, version)


def _split(url: str) -> tuple[SplitResult, int | None]:
    if not url.isascii() or not url.isprintable() or " " in url:
        raise _malformed(url, "it has characters that must be percent-encoded")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _malformed(url, str(error)) from error
    if parts.username is not None or parts.password is not None:
        raise ProviderError(
            f"the URL of the model at {parts.hostname} holds a user or a password",
            "leave them out: credentials are not sent",
        )
    if not parts.hostname or parts.query or parts.fragment:
        raise _malformed(url, "it has no host, or a query or fragment")
    return parts, port


def _model_and_version(path: str) -> tuple[str, str]:
    """Split ``NAME`` or ``NAME/versions/V``; empty where it is neither."""
    match path.strip("/").split("/"):
        case [model]:
            return unquote(model), ""
        case [model, "versions", version] if version:
            return unquote(model), unquote(version)
    return "", ""


def _malformed(url: str, why: str) -> ProviderError:
    return ProviderError(f"{url!r} is not the URL of a served model: {why}", f"write {_FORMS}")
