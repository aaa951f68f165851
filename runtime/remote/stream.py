"""One sequence at a server that keeps its states."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from ..protocol.sequences import Step

Send = Callable[[Mapping[str, NDArray[Any]], Sequence[str] | None, Step], dict[str, NDArray[Any]]]


def new_id() -> int:
    """Return an id that no other client has: servers tell sequences apart by nothing else."""
    return secrets.randbits(62) + 1


class RemoteSequence:
    """Chunks of one sequence, each fed where the last one ended; made by ``sequence()``.

    After an error the next chunk begins a new sequence. States of a sequence without a last chunk
    are forgotten by the server's own time-out.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._id: int | None = None
        """None before the first chunk, and after the last."""

    def run(
        self,
        feeds: Mapping[str, NDArray[Any]],
        outputs: Sequence[str] | None = None,
        *,
        last: bool = False,
    ) -> dict[str, NDArray[Any]]:
        """Have the server compute the next chunk; `last` lets it forget the states.

        Raises
        ------
        FeedError
            As for ``run`` of the runner.
        NodeError
            The server failed; among other reasons because it has forgotten the sequence.
        """
        name = new_id() if self._id is None else self._id
        step = Step(name, start=self._id is None, end=last)
        self._id = None
        found = self._send(feeds, outputs, step)
        self._id = None if last else name
        return found
