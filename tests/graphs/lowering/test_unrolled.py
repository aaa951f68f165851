"""The form with nodes of its own for every step."""

from collections import Counter

import numpy as np

from onnxwright import graphs

ONES = np.ones((1, 4, 3), np.float32)


def operators(steps: int) -> Counter[str]:
    net = graphs.Network("net")
    weights = graphs.RNNWeights(ONES, ONES[:, :, [0, 1, 2, 0]])
    layer = net.rnn(net.input("x", f"2 {steps} 3"), weights, lowering="unrolled")
    net.output("y", layer.sequence)
    return Counter(node.op_type for node in net.build().graph.node)


def test_the_steps_are_joined_once_and_only_where_there_are_several() -> None:
    found = [operators(steps) for steps in (1, 2, 5)]
    np.testing.assert_equal([each["Tanh"] for each in found], [1, 2, 5])
    np.testing.assert_equal([each["Concat"] for each in found], [0, 1, 1])
