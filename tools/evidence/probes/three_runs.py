"""Run one net on feeds A, B and A again: some engines are right, or run at all, only once.

The feeds' file holds both under ``a/NAME`` and ``b/NAME``; the outputs' file what each of the three
runs gave, under ``0/NAME``, ``1/NAME`` and ``2/NAME``.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

Arrays = dict[str, Any]
Run = Callable[[Arrays], Arrays]


def write(feeds_path: str, outputs_path: str, run: Run) -> None:
    """Run on A, B, A and write the outputs; an error in any of them is the engine's refusal."""
    given = np.load(feeds_path)
    feeds = {
        which: {name[2:]: given[name] for name in given.files if name[0] == which} for which in "ab"
    }
    outputs: Arrays = {}
    for number, which in enumerate("aba"):
        for name, array in run(feeds[which]).items():
            outputs[f"{number}/{name}"] = np.array(array)
    np.savez(outputs_path, **outputs)
