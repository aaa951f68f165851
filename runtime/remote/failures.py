"""What goes wrong between a client and a server, before it is known where it went wrong."""

from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import RunnerError
from ..protocol.datatypes import MalformedError
from ..protocol.elements import NullError

_LONG = 300
"""Characters of a server's message that are shown."""
LARGEST = 2**31 - 1
"""Bytes of the largest answer that is read; also the most that one protobuf message holds."""
LARGEST_PAGE = 1 << 22
"""Bytes of an answer without tensors: metadata, or an error."""

_LOST = "this server's JSON cannot carry"
_FINITE = "use its gRPC port (grpc://), or find out why the model gives no finite number"
BEARER = "show it a bearer token: token_file=PATH, or token_env=NAME for one in the environment"
HELP = "the server's log says more; the model file on='numpy' names the node, if one fails"


class FailedError(Exception):
    """The server is not there, refuses, or answers with what cannot be used.

    While a model is loaded it becomes a ``ProviderError``, while it runs a ``NodeError``.
    """

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem, remedy)
        self.problem = problem
        self.remedy = remedy


@contextmanager
def raised_as(family: type[RunnerError]) -> Iterator[None]:
    """Raise a `FailedError` within, or a broken answer, as an error of `family` that says so."""
    try:
        yield
    except NullError as error:
        raise family(f"output {error}: a NaN or an infinity, which {_LOST}", _FINITE) from error
    except MalformedError as error:
        failure = broken(shortened(str(error)))
        raise family(failure.problem, failure.remedy) from error
    except FailedError as failure:
        raise family(failure.problem, failure.remedy) from failure


def shortened(text: str) -> str:
    r"""Return a server's message in one line of printable characters.

    >>> shortened("no such\n\x1b model")
    'no such model'
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= _LONG else f"{line[:_LONG]} ..."


def broken(what: str) -> FailedError:
    """Return the failure of a server that breaks the protocol."""
    return FailedError(
        f"the server's answer cannot be used: {what}",
        "the protocol is the Open Inference Protocol v2: check what listens at this address",
    )


def silent(where: str, timeout: float) -> FailedError:
    """Return the failure of a server that does not answer in time."""
    return FailedError(
        f"{where} did not answer within {timeout:g} s",
        "give it longer with timeout=SECONDS, or see why the server is busy",
    )
