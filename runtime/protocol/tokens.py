"""Bearer tokens: read from a file or the environment, so that no list of processes shows them."""

import os
from pathlib import Path

from ..errors import ProviderError

LONGEST = 16_384


def read_token(file: str | Path | None, variable: str | None) -> str | None:
    """Return the token in a file or in a variable of the environment; None where neither is named.

    Raises
    ------
    ProviderError
        Both are named, the one that is cannot be read, or holds no token.
    """
    if file is None and variable is None:
        return None
    if file is not None and variable is not None:
        raise ProviderError(
            f"the token is to come from {file} and from ${variable}", "name one of the two"
        )
    where = f"${variable}" if file is None else str(file)
    token = _content(file, variable, where).strip()
    if not token or len(token) > LONGEST or not (token.isascii() and token.isprintable()):
        raise ProviderError(
            f"{where} holds no token", "a token is one line of printable ASCII characters"
        )
    if " " in token:
        raise ProviderError(f"{where} holds more than a token", "leave out 'Bearer' and all blanks")
    return token


def _content(file: str | Path | None, variable: str | None, where: str) -> str:
    if file is None:
        found = os.environ.get(variable or "")
        if found is None:
            raise ProviderError(f"{where} is not set", "set it, or name another variable")
        return found
    try:
        with Path(file).open("rb") as stream:
            return stream.read(LONGEST + 2).decode("ascii", errors="replace")
    except (OSError, ValueError) as error:
        raise ProviderError(
            f"cannot read the token in {where}: {getattr(error, 'strerror', None) or error}",
            "check the path and its permissions",
        ) from error
