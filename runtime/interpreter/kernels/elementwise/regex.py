"""RegexFullMatch: with RE2, whose time is linear, where it is installed."""

import re
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import numpy as np

from ...dtypes import Array
from ...registry import kernel
from ...run_limits import LimitError, count_steps
from .regex_dialect import for_python

PER_STEP = 8
"""Letters looked at that count as one step."""
REMEDY = "install google-re2, whose time is linear: pip install 'onnxwright[text]'"


@kernel("RegexFullMatch", since=20)
def regex_full_match(X: Array, *, pattern: str | None = None) -> Any:
    """Say of each text whether the whole of it matches `pattern`, in RE2's syntax.

    Without RE2 Python's own engine does it, which goes back over the text for each repeat: patterns
    for which that can take exponential time are refused, and so are those that the two engines read
    differently. The rest counts as steps of the run.
    """
    if pattern is None:
        raise ValueError("the node has no pattern")
    matches = _linear(pattern) or _backtracking(pattern)
    found = [matches(str(text)) for text in X.reshape(-1)]
    return np.array(found, np.bool_).reshape(X.shape)


def linear_engine() -> Any:
    """Return the module of RE2, or None where it is not installed."""
    try:
        return import_module("re2")
    except ImportError:
        return None


def _linear(pattern: str) -> Callable[[str], bool] | None:
    engine = linear_engine()
    if engine is None:
        return None
    options = engine.Options()
    options.log_errors = False  # It would write to the process's own stderr.
    try:
        compiled = engine.compile(pattern, options)
    except engine.error as error:
        said = b"".join(arg for arg in error.args if isinstance(arg, bytes)).decode() or error
        raise ValueError(f"the pattern {pattern!r} is no RE2 pattern: {said}") from error
    return lambda text: compiled.fullmatch(text) is not None


def _backtracking(pattern: str) -> Callable[[str], bool]:
    try:
        written = _same_in_python(pattern)
        # The parser is named differently in Python 3.10 and before.
        repeats = sum(_repeats(import_module("re._parser").parse(written)))
        compiled = re.compile(written, re.ASCII)
    except (re.error, RecursionError, OverflowError) as error:
        problem = f"Python's own engine cannot read the pattern {pattern!r}: {error}"
        raise LimitError(problem, REMEDY) from error

    def matches(text: str) -> bool:
        count_steps((len(text) + 1) ** max(1, repeats) // PER_STEP)
        return compiled.fullmatch(text) is not None

    return matches


def _same_in_python(pattern: str) -> str:
    written = for_python(pattern)
    if written is None:
        raise LimitError("Python's own engine reads the pattern in another way than RE2", REMEDY)
    return written


def _repeats(parsed: Any, inside: bool = False) -> Iterator[int]:
    """Yield 1 for every repeat or choice of a pattern.

    Raises
    ------
    LimitError
        One stands inside another, or looks back at what was found.
    """
    for code, argument in parsed:
        name = str(code)
        repeated = "REPEAT" in name
        if repeated or name == "BRANCH":
            if inside:
                raise LimitError("the pattern repeats what can match in several ways", REMEDY)
            yield 1
        elif name == "GROUPREF":
            raise LimitError("the pattern looks back at what was found, which RE2 has not", REMEDY)
        for part in _parts(argument):
            yield from _repeats(part, inside or repeated)


def _parts(argument: Any) -> Iterator[Any]:
    """Yield the patterns inside an argument of the parser."""
    if hasattr(argument, "getwidth"):
        yield argument
    elif isinstance(argument, (tuple, list)):
        for item in argument:
            yield from _parts(item)
