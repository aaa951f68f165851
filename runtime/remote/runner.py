"""A served model as a runner."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import FeedError, NodeError, ProviderError
from ..feeds import check_feeds, output_names
from ..runner import Described
from .address import Address, parse_address
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


class RemoteRunner(Described):
    """A model that a server runs; made by :func:`onnxwright.runtime.load`.

    Many threads may use it at once. Arrays go to the server of its URL and nowhere else.
    """

    def __init__(self, on: str, served: Served, signature: Signature, transport: Transport) -> None:
        self.on = on
        self.server = served.server
        """The server's name and version, empty where it does not tell."""
        self.inputs = signature.inputs
        self._optional = signature.optional
        self.outputs = signature.outputs
        self._by_name = {info.name: info for info in signature.outputs}
        self._transport = transport

    def run(
        self, feeds: Mapping[str, NDArray[Any]], outputs: Sequence[str] | None = None
    ) -> dict[str, NDArray[Any]]:
        """Have the server compute the named `outputs` (all when None) from `feeds`.

        Raises
        ------
        FeedError
            A feed is missing, unknown, or does not fit; an output is unknown.
        NodeError
            The server refused, failed, did not answer, or answered with something else.
        """
        names = list(output_names(outputs, self._by_name))
        for name in names:
            if name not in self._by_name:
                raise FeedError(
                    f"the served model has no output '{name}'",
                    f"its outputs are {', '.join(self._by_name)}",
                )
        check_feeds(self.inputs, feeds, optional=self._optional)
        arrays = {name: np.asarray(value) for name, value in feeds.items()}
        sizes = named_sizes((*self.inputs, *self._optional), arrays)
        largest = largest_answer(self.outputs, sizes)
        with raised_as(NodeError):
            found = self._transport.infer(arrays, names, largest)
            check_answer([self._by_name[name] for name in names], found, sizes)
        return {name: found[name] for name in names}

    def ready(self) -> None:
        """Ask whether the model is ready: the shortest way to the server and back.

        Raises
        ------
        NodeError
            It is not, or the server does not answer.
        """
        with raised_as(NodeError):
            self._transport.ready()


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
    return RemoteRunner(on, served, agreed(on, served, local), transport)


def _transport(address: Address, options: ServedOptions) -> Transport:
    if address.scheme != "grpc":
        return HttpTransport(address, options)
    from .grpc_transport import GrpcTransport  # Its library is in an extra.

    return GrpcTransport(address, options)
