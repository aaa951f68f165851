"""Weights of a Scan stand in its body, up to a size from which they are written from arrays."""

import numpy as np
import pytest

from onnxwright import graphs, runtime

RNG = np.random.default_rng(0)
W, R = (RNG.normal(size=(1, 16, n)).astype(np.float32) for n in (3, 4))
X = RNG.normal(size=(2, 5, 3)).astype(np.float32)


@pytest.mark.parametrize(
    ("most", "moved"), [(R.nbytes, ["a.R"]), (R.nbytes - 1, []), (1 << 24, ["a.R"])]
)
def test_weights_up_to_a_size_are_moved(
    most: int, moved: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("onnxwright.graphs.lowering.scan.MOVED_BYTES", most)
    net = graphs.Network("net")
    layer = net.lstm(
        net.input("x", "batch 5 3"), graphs.LSTMWeights(W, R), name="a", lowering="scan"
    )
    net.output("y", layer.sequence)
    model = net.build()
    (scan,) = [node for node in model.graph.node if node.op_type == "Scan"]
    (body,) = [attribute.g for attribute in scan.attribute if attribute.name == "body"]
    np.testing.assert_equal([tensor.name for tensor in body.initializer], moved)
    outside = {tensor.name for tensor in model.graph.initializer}
    np.testing.assert_equal({"a.W", "a.R"} - outside, set(moved))
    same = graphs.Network("net")
    y = same.lstm(same.input("x", "batch 5 3"), graphs.LSTMWeights(W, R), lowering="op").sequence
    same.output("y", y)
    found, wanted = (runtime.load(each.build()).run({"x": X})["y"] for each in (net, same))
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-6)
