"""Ending a program in an orderly way, whichever signal asks for it."""

import contextlib
import signal
import threading
from collections.abc import Iterator

ENDING = ("SIGTERM", "SIGHUP", "SIGQUIT")
"""Signals that ask a program to end; Windows has the first alone."""


@contextlib.contextmanager
def ending_as_interrupt() -> Iterator[None]:
    """Let the signals that ask a program to end raise KeyboardInterrupt, so that it clears up."""
    asked = [getattr(signal, name, None) for name in ENDING]
    mine = threading.current_thread() is threading.main_thread()
    ours = [each for each in asked if each and mine and signal.getsignal(each) == signal.SIG_DFL]
    for each in ours:
        signal.signal(each, signal.default_int_handler)
    try:
        yield
    finally:
        for each in ours:
            signal.signal(each, signal.SIG_DFL)
