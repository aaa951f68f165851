"""Whatever a user gets wrong is refused at the call, with two lines that say what and what to do.

The texts stand in ``malformed/texts.txt``: the case, the error's class, the problem, the remedy. To
write them anew after a change, and read every one that changed::

    python -m tests.graphs.test_malformed > tests/graphs/malformed/texts.txt
"""

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from onnxwright import graphs
from onnxwright.graphs import errors
from onnxwright.graphs.builder.opsets import NEWEST_OPSET

from .malformed import ARRAYS, LAYERS, NETWORKS, Call

CALLS: Mapping[str, Call] = {**ARRAYS, **LAYERS, **NETWORKS}
TEXTS: dict[str, tuple[str, str]] = {
    name: (kind, text.replace("13 to 28", f"13 to {NEWEST_OPSET}"))
    for name, kind, text in (
        entry.split("\n", 2)
        for entry in (Path(__file__).parent / "malformed" / "texts.txt").read_text().split("\n\n")
    )
}


def text_of(name: str) -> str:
    """Return the entry of a case as the file has it."""
    try:
        CALLS[name]()
    except graphs.GraphError as error:
        return f"{name}\n{type(error).__name__}\n{error}"
    return f"{name}\nnothing\nis refused"


def test_every_case_has_its_text() -> None:
    np.testing.assert_equal(sorted(TEXTS), sorted(CALLS))


@pytest.mark.parametrize("name", CALLS)
def test_is_refused_at_the_call(name: str) -> None:
    kind, text = TEXTS[name]
    with pytest.raises(getattr(errors, kind), match=f"^{re.escape(text.rstrip())}$") as caught:
        CALLS[name]()
    np.testing.assert_equal(type(caught.value).__name__, kind)
    np.testing.assert_equal(isinstance(caught.value, graphs.GraphError), True)


@pytest.mark.parametrize("name", CALLS)
def test_problem_and_remedy_are_one_line_each(name: str) -> None:
    with pytest.raises(graphs.GraphError, match=r"^.+\n.+$") as caught:
        CALLS[name]()
    np.testing.assert_equal("\n" in caught.value.problem + caught.value.remedy, False)


if __name__ == "__main__":
    print("\n\n".join(map(text_of, CALLS)))
