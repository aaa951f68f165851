"""What objects say of themselves, and what ``help()`` shows of their methods."""

import inspect
from typing import Any

import numpy as np
import pytest

from onnxwright import graphs


def network() -> graphs.Network:
    net = graphs.Network("<t>")
    weights = graphs.DenseWeights(np.ones((2, 3), np.float32))
    net.output("y", net.dense(net.input("x", "batch 3"), weights))
    return net


def test_a_network_is_one_line_and_a_table() -> None:
    net = network()
    line = "<Network '<t>': opset 17, float32, 1 input, 1 output, 1 node>"
    np.testing.assert_equal(repr(net), line)
    page = net._repr_html_()
    np.testing.assert_equal("<t>" in page, False)
    np.testing.assert_equal("<td>x</td><td>batch 3</td><td>float32</td>" in page, True)


def test_values_and_weights_are_one_line() -> None:
    net = network()
    np.testing.assert_equal(repr(net.inputs["x"]), "<Value 'x' (batch 3, float32)>")
    (weights,) = graphs.read(net.build()).values()
    np.testing.assert_equal(repr(weights), "<DenseWeights w[2, 3] float32, from arrays>")
    wanted = "<code>&lt;DenseWeights w[2, 3] float32, from arrays&gt;</code>"
    np.testing.assert_equal(weights._repr_html_(), wanted)


@pytest.mark.parametrize("name", [name for name in graphs.__all__ if name != "GraphError"])
def test_signatures_name_arrays(name: str) -> None:
    thing: Any = getattr(graphs, name)
    members = inspect.getmembers(thing, callable) if inspect.isclass(thing) else []
    public = [one for label, one in members if not label.startswith("_")]
    written = [str(inspect.signature(one)) for one in (thing, *public)]
    long = [text for text in written if "numpy.ndarray" in text or "numpy._typing" in text]
    np.testing.assert_equal(long, [])
