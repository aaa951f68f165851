"""How a server proves who it is, and what it is shown: certificates and a bearer token."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import ProviderError
from ..protocol.hosts import is_here
from ..protocol.tokens import read_token
from .address import Address
from .options import ServedOptions

SECURE = ("https", "grpcs")


@dataclass(frozen=True)
class Trust:
    """Read once, when the model is loaded."""

    certificates: str | None = None
    """PEM of the authorities that are trusted; None for the system's."""
    token: str | None = field(default=None, repr=False)

    def headers(self) -> dict[str, str]:
        """Return what every request bears; it goes to the server of the URL alone."""
        return {} if self.token is None else {"authorization": f"Bearer {self.token}"}

    def context(self) -> ssl.SSLContext:
        """Return what checks the server's certificate and its name."""
        return ssl.create_default_context(cadata=self.certificates)


def trust_of(address: Address, options: ServedOptions) -> Trust:
    """Read the files and the variable that the options name.

    Raises
    ------
    ProviderError
        One cannot be read, or would be of no use or no secret at this URL.
    """
    secure = address.scheme in SECURE
    if options.ca_file is not None and not secure:
        raise ProviderError(
            f"ca_file is of no use for {address.url}: nothing is encrypted there",
            "write https:// or grpcs://, or leave ca_file out",
        )
    token = read_token(options.token_file, options.token_env)
    if token is not None and not secure and not is_here(address.host):
        raise ProviderError(
            f"the token would go to {address.server} for everybody on the way to read",
            "write https:// or grpcs://; without encryption it goes to this machine alone",
        )
    return Trust(_certificates(options.ca_file), token)


def _certificates(path: str | None) -> str | None:
    if path is None:
        return None
    try:
        text = Path(path).read_text(encoding="ascii")
        ssl.create_default_context(cadata=text)
    except (OSError, ValueError) as error:  # ssl's errors are of the first kind
        raise ProviderError(
            f"the certificates in {path} cannot be used: "
            f"{getattr(error, 'strerror', None) or error}",
            "give a PEM file with the certificate of the server, or of who signed it",
        ) from error
    return text
