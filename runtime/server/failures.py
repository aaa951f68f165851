"""What a server answers to a request that it does not carry out."""

from ..errors import NodeError, RunnerError
from ..protocol.datatypes import MalformedError


class RequestError(Exception):
    """A request is refused or failed: an HTTP status, and one line that says why."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(status, text)
        self.status = status
        self.text = " ".join(text.split())


def bad(text: str) -> RequestError:
    """Return the refusal of a request that is wrong in itself."""
    return RequestError(400, text)


def busy(text: str) -> RequestError:
    """Return the refusal of a request that may succeed later."""
    return RequestError(503, text)


def as_refusal(error: Exception) -> RequestError:
    """Return what a client is told of an error: never a traceback, never a path of this machine."""
    match error:
        case RequestError():
            return error
        case MalformedError():
            return bad(str(error))
        case NodeError():
            return RequestError(500, f"the model failed: {error.problem}")
        case RunnerError():
            return bad(f"{error.problem}: {error.remedy}")
        case TimeoutError():
            return RequestError(504, "the request took longer than the server allows")
        case MemoryError():
            return busy("there is not enough memory for this request")
    return RequestError(500, f"the server failed: {type(error).__name__}")
