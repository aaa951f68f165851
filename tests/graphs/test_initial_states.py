"""One row as the initial state of a whole batch: an array or a value, in every form."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from onnxwright import runtime
from onnxwright.graphs import Network

from .forms.form import random
from .forms.tables import gru, lstm, rnn
from .test_forms import TOLERANCES

LAYERS: dict[str, Any] = {"rnn": rnn, "lstm": lstm, "gru": gru}
TIME, UNITS = 3, 4


def build(kind: str, directions: int, lowering: str, batch: Any, states: Any) -> Any:
    net = Network("net")
    x = net.input("x", [batch, TIME, 3])
    h = getattr(net, kind)(
        x, LAYERS[kind](directions), initial_state=states(net), lowering=lowering, name="layer"
    )
    for role, value in {"sequence": h.sequence, "last": h.last}.items():
        net.output(role, value)
    return net.build()


@pytest.mark.parametrize("on", TOLERANCES)
@pytest.mark.parametrize("batch", ["batch", 2])
@pytest.mark.parametrize("given", ["array", "row", "constant", "input"])
@pytest.mark.parametrize("lowering", ["op", "scan", "unrolled"])
@pytest.mark.parametrize("directions", [1, 2])
@pytest.mark.parametrize("kind", LAYERS)
def test_one_row_is_the_state_of_every_row(
    kind: str, directions: int, lowering: str, given: str, batch: Any, on: str
) -> None:
    count = 1 + (kind == "lstm")
    rows = [random(1, directions * UNITS, seed=seed) for seed in range(count)]
    feeds = {"x": random(2, TIME, 3, seed=9)}

    def whole(net: Network) -> Any:
        return tuple(net.constant(np.repeat(row, 2, axis=0)) for row in rows)

    def one(net: Network) -> Any:
        makers: dict[str, Callable[[int], Any]] = {
            "array": lambda place: rows[place][0],
            "row": lambda place: rows[place],
            "constant": lambda place: net.constant(rows[place]),
            "input": lambda place: net.input(f"h{place}", rows[place].shape),
        }
        return tuple(makers[given](place) for place in range(count))

    wanted = runtime.load(build(kind, directions, lowering, 2, whole), on=on).run(feeds)
    if given == "input":
        feeds |= {f"h{place}": row for place, row in enumerate(rows)}
    outputs = runtime.load(build(kind, directions, lowering, batch, one), on=on).run(feeds)
    for role, array in wanted.items():
        np.testing.assert_allclose(outputs[role], array, rtol=0, atol=TOLERANCES[on])


def test_a_streamed_network_refuses_a_constant_state_and_takes_another() -> None:
    net = Network("net", streaming=True)
    x = net.input("x", "batch time 3")
    with pytest.raises(ValueError, match="'layer': is streamed and has a constant initial_state"):
        net.gru(x, gru(), initial_state=net.constant(random(1, UNITS, seed=1)), name="layer")
    free = net.gru(x, gru(), initial_state=random(UNITS, seed=1), streaming=False).sequence
    net.output("y", net.add(free, net.gru(x, gru()).sequence))
    names = [info.name for info in net.build().graph.input]
    np.testing.assert_equal(names, ["x", "gru_1.h_in"])
