"""Runs the cases that it is told to, under limits; reports one line before and one after each."""

import json
import os
import random
import resource
import sys
import tempfile
import traceback
import warnings
from pathlib import Path
from typing import Any

from onnxwright.errors import OnnxwrightError
from onnxwright.files import read_model
from onnxwright.runtime import load

from .mutations import mutate_bytes, mutate_feeds, mutate_model
from .seeds import Feeds, Seed, seeds

MEMORY = 3 * 2**30
"""Bytes of address space: a case that wants more gets a MemoryError, which is a finding."""
LIMITS = {"memory_limit": "64M", "max_steps": 10_000}
"""What a model may take of that in one array, and the steps of its loops."""


def case(number: int, base: int, starts: list[Seed]) -> tuple[str, bytes, Feeds]:
    """Return the case's description, its file's bytes and its feeds."""
    rng = random.Random(f"{base}/{number}")
    seed, other = rng.choice(starts), rng.choice(starts)
    content, feeds = seed.model.SerializeToString(), seed.feeds
    kind = rng.choices(("bytes", "fields", "feeds"), (3, 6, 1))[0]
    if kind == "bytes":
        content = mutate_bytes(rng, content, other.model.SerializeToString())
    elif kind == "fields":
        content = mutate_model(rng, seed.model, other.model)
    else:
        feeds = mutate_feeds(rng, feeds)
    return f"{seed.name}/{kind}", content, feeds


def run(content: bytes, feeds: Feeds, judge: bool, path: Path) -> str:
    """Read, load and run one model; return how it ended: ``ran`` or the error family's name."""
    path.write_bytes(content)
    try:
        runner = load(read_model(path), on="numpy:float64" if judge else "numpy", **LIMITS)
        runner.run(feeds)
    except OnnxwrightError as error:
        if not (error.problem.strip() and error.remedy.strip()):
            raise AssertionError("an error without text") from error
        if _wanted_memory(error):
            raise AssertionError("the system refused memory, not the limit") from error
        return type(error).__name__
    return "ran"


def _wanted_memory(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, MemoryError):
            return True
        error = error.__cause__
    return False


def reply(**fields: Any) -> None:
    """Print one line of JSON to the driver."""
    os.write(1, (json.dumps(fields) + "\n").encode())


def main(first: int, stop: int, base: int) -> None:
    """Run the cases from `first` up to `stop`."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("ignore")
    starts = seeds()
    with tempfile.TemporaryDirectory(prefix="onnxwright-fuzz-") as folder:
        for number in range(first, stop):
            what, content, feeds = case(number, base, starts)
            reply(case=number, what=what)
            try:
                end = run(content, feeds, number % 4 == 0, Path(folder) / "m.onnx")
            except BaseException as error:  # whatever escapes is a finding
                reply(end="escaped", error=repr(error)[:300], trace=traceback.format_exc()[-3000:])
            else:
                reply(end=end)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
