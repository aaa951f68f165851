"""Threads that run models, so that the event loop never waits for one.

They are daemons: a run that never ends cannot keep the process from ending.
"""

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Any

_Task = tuple[Callable[[], Any], asyncio.AbstractEventLoop, asyncio.Future[Any]]


class Worker:
    """One thread that does one thing after the other."""

    def __init__(self, name: str) -> None:
        self._tasks = queue.SimpleQueue[_Task | None]()
        threading.Thread(target=self._work, name=name, daemon=True).start()

    async def call(self, function: Callable[[], Any]) -> Any:
        """Have the thread call `function` and return what it returns."""
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        self._tasks.put((function, loop, future))
        return await future

    def stop(self) -> None:
        """Let the thread end when it has done what it was asked."""
        self._tasks.put(None)

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            function, loop, future = task
            try:
                found, error = function(), None
            except BaseException as raised:
                found, error = None, raised
            if not loop.is_closed():
                loop.call_soon_threadsafe(_settle, future, found, error)
            del task, function, future, found, error


def _settle(future: asyncio.Future[Any], found: Any, error: BaseException | None) -> None:
    if future.done():  # its request has timed out
        return
    if error is None:
        future.set_result(found)
    else:
        future.set_exception(error)
