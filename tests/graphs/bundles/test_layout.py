"""States laid out anew give the numbers of the states as they were."""

import numpy as np
import onnx
import pytest

from onnxwright import runtime
from onnxwright.graphs.bundles.layout import rewrite_states, worth_rewriting
from onnxwright.graphs.bundles.signature import read_signature

from .trees import MODELS, random


def renamed(model: onnx.ModelProto, names: dict[str, str]) -> onnx.ModelProto:
    for info in (*model.graph.input, *model.graph.output):
        info.name = names.get(info.name, info.name)
    for node in model.graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
    return model


SWAPPED = {"ear.h_in": "a_in", "ear.h_out": "z_out", "ear.c_in": "b_in", "ear.c_out": "y_out"}


def test_a_native_state_is_transposed_at_the_edge() -> None:
    x, h = random(2, 3, 3), random(1, 2, 5, seed=9)
    before = runtime.load(MODELS["native"](), on="numpy").run({"x": x, "h0": h})
    model = MODELS["native"]()
    signature, names = rewrite_states(model, read_signature(model))
    after = runtime.load(model, on="numpy").run({"x": x, "state_0_in": h.transpose(1, 0, 2)})
    np.testing.assert_array_equal(after["y"], before["y"])
    np.testing.assert_array_equal(after["state_0_out"], before["hn"].transpose(1, 0, 2))
    np.testing.assert_equal(names, {"h0": "state_0_in", "hn": "state_0_out"})
    np.testing.assert_equal(signature.states[0].taken.dims, ("batch", 1, 5))
    np.testing.assert_equal(signature, read_signature(model))


def test_states_that_sorting_would_swap_get_names_that_pair() -> None:
    model = renamed(MODELS["stream"](), SWAPPED)
    signature = read_signature(model)
    assert worth_rewriting(signature, paired_by_name=True)
    assert not worth_rewriting(signature, paired_by_name=False)
    feeds = {"x": random(2, 3, 3), "mind.h_in": random(2, 5)}
    states = {"a_in": random(2, 4, seed=1), "b_in": random(2, 4, seed=2)}
    before = runtime.load(model, on="numpy").run({**feeds, **states})
    found, names = rewrite_states(model, signature)
    pairs = [state.pair for state in found.states]
    np.testing.assert_equal(sorted(p.taken for p in pairs), [f"state_{n}_in" for n in range(3)])
    given = {names.get(name, name): array for name, array in {**feeds, **states}.items()}
    after = runtime.load(model, on="numpy").run(given)
    np.testing.assert_equal(len(after), 4)
    for old, array in before.items():
        np.testing.assert_array_equal(after[names.get(old, old)], array)


@pytest.mark.parametrize("name", ["stream", "tagger"])
def test_states_that_suit_stay(name: str) -> None:
    assert not worth_rewriting(read_signature(MODELS[name]()), paired_by_name=True)


def test_names_that_are_taken_are_not_given_again() -> None:
    model = renamed(MODELS["native"](), {"yt": "state_0_in"})
    _, names = rewrite_states(model, read_signature(model))
    np.testing.assert_equal(names["h0"], "bundle_state_0_in")
