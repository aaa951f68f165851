"""From models to a server that runs until it is told to stop."""

import asyncio
import signal
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from ..errors import ProviderError
from .application import Application
from .http_server import HttpServer, bound_socket, url_of
from .model import Spec
from .repository import Repository
from .settings import Addresses, Limits, Listening

STOPPING = (signal.SIGINT, signal.SIGTERM)


async def serve(
    specs: Sequence[Spec],
    listening: Listening,
    limits: Limits,
    ready: Callable[[Addresses], None],
    stop: asyncio.Event,
) -> None:
    """Serve `specs` until `stop` is set; `ready` is told the addresses once they answer.

    Raises
    ------
    ProviderError
        A model cannot be served, or an address not be listened at.
    """
    async with AsyncExitStack() as stack:
        models = Repository(specs, limits)
        stack.callback(models.stop)
        url = await stack.enter_async_context(_http(models, listening, limits))
        remote = await stack.enter_async_context(_grpc(models, listening, limits))
        ready(Addresses(url, remote))
        await stop.wait()


@asynccontextmanager
async def _http(models: Repository, listening: Listening, limits: Limits) -> AsyncIterator[str]:
    """Serve HTTP within; gives the URL."""
    with _bound(listening) as found:
        server = HttpServer(Application(models, limits, listening.token), listening, limits)
        running = asyncio.create_task(server.serve([found]))
        try:
            while not server.started and not running.done():
                await asyncio.sleep(0.005)
            yield url_of(listening, found.getsockname()[1], "http")
        finally:
            server.should_exit = True
            await running


@asynccontextmanager
async def _grpc(
    models: Repository, listening: Listening, limits: Limits
) -> AsyncIterator[str | None]:
    """Serve gRPC within, if it is asked for; gives the URL."""
    if listening.grpc_port is None:
        yield None
        return
    from .grpc_service import GrpcServer  # its library is large

    server = GrpcServer(models, listening, limits)
    await server.start()
    try:
        yield url_of(listening, server.port, "grpc")
    finally:
        await server.stop()


def _bound(listening: Listening) -> socket.socket:
    try:
        return bound_socket(listening.host, listening.port)
    except (OSError, UnicodeError) as error:
        raise ProviderError(
            f"cannot listen at {listening.host}:{listening.port}: {error}",
            "give another --host or --port; --port 0 takes any that is free",
        ) from error


def serve_here(
    specs: Sequence[Spec],
    listening: Listening,
    limits: Limits,
    ready: Callable[[Addresses], None],
) -> None:
    """Serve until a signal asks to stop; requests under way are still answered."""

    async def run() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        before = {
            each: signal.signal(each, lambda *_: loop.call_soon_threadsafe(stop.set))
            for each in STOPPING
        }
        try:
            await serve(specs, listening, limits, ready, stop)
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    asyncio.run(run())


@contextmanager
def serving(
    specs: Sequence[Spec], listening: Listening | None = None, limits: Limits | None = None
) -> Iterator[Addresses]:
    """Serve in a thread of this process for as long as the context lasts, at any free port."""
    place = listening or Listening(port=0)
    side = _Side()
    thread = threading.Thread(target=side.run, args=(specs, place, limits or Limits()), daemon=True)
    thread.start()
    try:
        yield side.addresses()
    finally:
        side.end()
        thread.join()


@dataclass
class _Side:
    """The thread that serves, seen from the one that asked for it."""

    _started: threading.Event = field(default_factory=threading.Event)
    _addresses: Addresses | None = None
    _error: BaseException | None = None
    _loop: asyncio.AbstractEventLoop | None = None
    _stop: asyncio.Event | None = None

    def run(self, specs: Sequence[Spec], listening: Listening, limits: Limits) -> None:
        try:
            asyncio.run(self._run(specs, listening, limits))
        except BaseException as error:
            self._error = error
        finally:
            self._started.set()

    async def _run(self, specs: Sequence[Spec], listening: Listening, limits: Limits) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        await serve(specs, listening, limits, self._tell, self._stop)

    def _tell(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._started.set()

    def addresses(self) -> Addresses:
        self._started.wait()
        if self._addresses is None:
            raise self._error or RuntimeError("the server did not start")
        return self._addresses

    def end(self) -> None:
        if self._addresses is not None and self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
