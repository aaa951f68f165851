import numpy as np
import pytest

from onnxwright.graphs import Network
from onnxwright.graphs.spec.calls import parameters
from onnxwright.graphs.spec.containers import sources
from onnxwright.graphs.spec.hints import container, describe
from onnxwright.graphs.spec.layers import layer_kinds
from onnxwright.graphs.weights import DenseWeights, GRUWeights, LSTMWeights

KINDS = {"dense", "conv", "max_pool", "average_pool", "batch_norm", "flatten", "reshape"} | {
    *("transpose", "activation", "softmax", "embedding", "rnn", "lstm", "gru", "concat", "add")
}


def test_the_layers_of_the_network_are_the_kinds() -> None:
    np.testing.assert_equal(sorted(KINDS - set(layer_kinds())), [])


def test_a_new_layer_needs_no_second_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def doubled(self: Network, x: object, *, name: str | None = None) -> None:
        """Stand for a layer that somebody adds."""

    monkeypatch.setattr(Network, "doubled", doubled, raising=False)
    np.testing.assert_equal("doubled" in layer_kinds(), True)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_argument_can_be_described(kind: str) -> None:
    for parameter in parameters(layer_kinds()[kind]):
        np.testing.assert_equal(bool(describe(parameter.hint)), True)


def test_the_containers_of_the_layers() -> None:
    found = {
        kind: next(
            container(p.hint) for p in parameters(layer_kinds()[kind]) if p.name == "weights"
        )
        for kind in ("dense", "gru", "lstm")
    }
    np.testing.assert_equal(found, {"dense": DenseWeights, "gru": GRUWeights, "lstm": LSTMWeights})


def test_the_sources_of_a_container() -> None:
    expected = ["arrays", "gates", "keras", "layout", "onnx", "torch"]
    np.testing.assert_equal(sorted(sources(LSTMWeights)), expected)
