"""A served model as a runner."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import FeedError, NodeError, ProviderError
from ..feeds import check_feeds, output_names
from ..protocol.sequences import Step
from ..runner import Described
from .address import GRPC, Address, parse_address
from .columns import as_columns
from .counts import Counts
from .failures import raised_as
from .http_transport import HttpTransport
from .options import ServedOptions, served_options
from .served import (
    Served,
    Signature,
    Transport,
    agreed,
    check_answer,
    largest_answer,
    named_sizes,
)
from .stream import RemoteSequence, new_id
from .trust import trust_of


class RemoteRunner(Described):
    """A model that a server runs; made by :func:`onnxwright.runtime.load`.

    Many threads may use it at once. Arrays go to the server of its URL and nowhere else.
    """

    def __init__(
        self,
        on: str,
        served: Served,
        signature: Signature,
        transport: Transport,
        sequences: bool = False,
    ) -> None:
        self.on = on
        self.server = served.server
        """The server's name and version, empty where it does not tell."""
        self.inputs = signature.inputs
        self._optional = signature.optional
        self.outputs = signature.outputs
        self.kept = signature.kept
        """States that the server keeps, where the local model tells."""
        self.sequences = sequences
        """The server keeps the states of the model: every run belongs to a sequence."""
        self._by_name = {info.name: info for info in signature.outputs}
        self._transport = transport

    def run(
        self, feeds: Mapping[str, NDArray[Any]], outputs: Sequence[str] | None = None
    ) -> dict[str, NDArray[Any]]:
        """Have the server compute the named `outputs` (all when None) from `feeds`.

        Where the server keeps states, it is a sequence of this one chunk: it begins with states of
        zeros, and such may be given.

        Raises
        ------
        FeedError
            A feed is missing, unknown, or does not fit; an output is unknown.
        NodeError
            The server refused, failed, did not answer, or answered with something else.
        """
        step = Step(new_id(), start=True, end=True) if self.sequences else None
        return self._run(feeds, outputs, step)

    def sequence(self) -> RemoteSequence:
        """Return a new sequence, to be fed chunk by chunk, with an id that no other client has.

        Raises
        ------
        FeedError
            The server keeps no states of the model.
        """
        if not self.sequences:
            raise FeedError(
                f"{self.on} keeps no states for its clients",
                "feed its states yourself; or sequences=True, if it does and does not tell",
            )
        return RemoteSequence(self._run)

    def ready(self) -> None:
        """Ask whether the model is ready: the shortest way to the server and back.

        Raises
        ------
        NodeError
            It is not, or the server does not answer.
        """
        with raised_as(NodeError):
            self._transport.ready()

    def counts(self) -> Counts | None:
        """Return what the server has counted of the model, over all its clients.

        None where it does not count.

        Raises
        ------
        NodeError
            The server does not answer, or with something else.
        """
        with raised_as(NodeError):
            return self._transport.counts()

    def _run(
        self, feeds: Mapping[str, NDArray[Any]], outputs: Sequence[str] | None, step: Step | None
    ) -> dict[str, NDArray[Any]]:
        names = list(output_names(outputs, self._by_name))
        for name in names:
            if name not in self._by_name:
                raise FeedError(
                    f"the served model has no output '{name}'",
                    f"its outputs are {', '.join(self._by_name)}",
                )
        given = self._without_states(feeds)
        check_feeds(self.inputs, given, optional=self._optional)
        arrays = {name: np.asarray(value) for name, value in given.items()}
        sizes = named_sizes((*self.inputs, *self._optional), arrays)
        self._check_single(sizes)
        largest = largest_answer(self.outputs, sizes)
        with raised_as(NodeError):
            found = self._transport.infer(arrays, names, largest, step)
            check_answer([self._by_name[name] for name in names], found, sizes)
        return {name: found[name] for name in names}

    def _check_single(self, sizes: Mapping[str, int]) -> None:
        for info in self.kept:
            rows = sizes.get(str(info.shape[0]), 1) if info.shape else 1
            if rows != 1:
                raise FeedError(
                    f"a sequence whose states the server keeps has a batch of 1, not {rows}",
                    "feed one row to each sequence; random inputs take --dim batch=1",
                )

    def _without_states(self, feeds: Mapping[str, NDArray[Any]]) -> Mapping[str, NDArray[Any]]:
        """Leave out states that the server keeps, if they are those that it begins with."""
        kept = {info.name for info in self.kept}
        for name in kept & feeds.keys() if kept else ():
            if np.any(feeds[name]):
                raise FeedError(
                    f"'{name}' is a state that the server keeps, and begins with zeros",
                    "leave it out, or serve the model so that its clients keep the states",
                )
        return {name: feed for name, feed in feeds.items() if name not in kept} if kept else feeds


def open_served(on: str, options: Mapping[str, Any], local: Signature | None) -> RemoteRunner:
    """Connect to the model at the URL `on`, and hold it against the `local` model, if any.

    Raises
    ------
    ProviderError
        The URL or an option cannot be meant, the server or the model is not there or not ready,
        or it is not the local model.
    """
    address, chosen = parse_address(on), served_options(on, options)
    with raised_as(ProviderError):
        transport = _transport(address, chosen)
        served = transport.describe()
    signature = agreed(on, served, local)
    sequences = bool(signature.kept) if chosen.sequences is None else chosen.sequences
    return RemoteRunner(on, served, signature, as_columns(transport, served, signature), sequences)


def _transport(address: Address, options: ServedOptions) -> Transport:
    trust = trust_of(address, options)
    if address.scheme not in GRPC:
        return HttpTransport(address, options, trust)
    from .grpc_transport import GrpcTransport  # Its library is in an extra.

    return GrpcTransport(address, options, trust)
