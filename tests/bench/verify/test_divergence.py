from collections.abc import Sequence

import numpy as np
import onnx
import onnx.parser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onnxwright.bench.verify.accuracy import Accuracy, compare
from onnxwright.bench.verify.divergence import locate
from onnxwright.bench.verify.lineage import Lineage, lineage


def row(name: str, passed: bool) -> Accuracy:
    return compare(name, np.array([0.0 if passed else 1.0]), np.array([0.0]))


class Prober:
    """Answers probes from a set of wrong values, and records them."""

    def __init__(self, wrong: set[str]) -> None:
        self.wrong = wrong
        self.asked: list[Sequence[str]] = []

    def __call__(self, names: Sequence[str]) -> dict[str, Accuracy]:
        self.asked.append(names)
        return {name: row(name, name not in self.wrong) for name in names}


def chain(length: int) -> Lineage:
    names = [f"v{i}" for i in range(length)]
    return Lineage(
        {name: i for i, name in enumerate(names)},
        {name: tuple(names[i - 1 : i]) if i else () for i, name in enumerate(names)},
    )


@pytest.mark.parametrize("first", [0, 1, 500, 998, 999])
def test_a_chain_of_a_thousand_is_bisected_in_a_few_runs(first: int) -> None:
    probe = Prober({f"v{i}" for i in range(first, 1000)})
    found = locate(chain(1000), {"v999": row("v999", False)}, probe, {}, 10**9)
    np.testing.assert_equal(found.value, f"v{first}")
    np.testing.assert_equal([r.output for r in found.inputs], [f"v{first - 1}"] if first else [])
    assert found.runs == len(probe.asked) <= 12


def test_one_value_a_run_when_each_takes_the_whole_budget() -> None:
    probe = Prober({f"v{i}" for i in range(37, 100)})
    found = locate(chain(100), {"v99": row("v99", False)}, probe, {}, 100)
    np.testing.assert_equal([found.value, max(map(len, probe.asked))], ["v37", 1])
    assert found.runs <= 9


def test_taps_of_a_run_stay_inside_the_budget() -> None:
    probe = Prober({f"v{i}" for i in range(37, 100)})
    sizes = {f"v{i}": 30 for i in range(100)}
    found = locate(chain(100), {"v99": row("v99", False)}, probe, sizes, 100)
    np.testing.assert_equal(found.value, "v37")
    assert 1 < max(map(len, probe.asked)) <= 3


def test_an_output_that_is_right_when_tapped_is_still_reported() -> None:
    found = locate(chain(3), {"v2": row("v2", False)}, Prober(set()), {}, 100)
    np.testing.assert_equal([found.value, found.accuracy.passed], ["v2", False])
    np.testing.assert_equal([r.passed for r in found.inputs], [True])


@given(st.data())
def test_in_any_graph_the_found_value_is_wrong_and_its_inputs_are_right(
    data: st.DataObject,
) -> None:
    size = data.draw(st.integers(1, 40))
    names = [f"v{i}" for i in range(size)]
    parents = {
        name: tuple(data.draw(st.lists(st.sampled_from(names[:i]), max_size=3, unique=True)))
        if i
        else ()
        for i, name in enumerate(names)
    }
    values = Lineage({name: i for i, name in enumerate(names)}, parents)
    wrong = set(data.draw(st.lists(st.sampled_from(names)))) | {names[-1]}
    budget = data.draw(st.integers(1, 20))
    probe = Prober(wrong)
    failing = {names[-1]: row(names[-1], False)}
    found = locate(values, failing, probe, dict.fromkeys(names, 3), budget)
    assert found.value in wrong
    assert not wrong & set(parents[found.value])
    np.testing.assert_equal([r.output for r in found.inputs], list(parents[found.value]))


def test_the_lineage_sees_captured_values_and_steps_over_sequences() -> None:
    model = onnx.parser.parse_model("""<ir_version: 8, opset_import: ["" : 17]>
        g (float[2] x, bool c) => (float[2] y) {
            a = Relu (x)
            s = SequenceConstruct (a, x)
            k = Constant <value = int64 {0}> ()
            b = SequenceAt (s, k)
            y = If (c) <then_branch = t () => (float[2] p) { p = Add (b, x) },
                        else_branch = e () => (float[2] a) {}>
        }""")
    values = lineage(model.graph)
    np.testing.assert_equal(values.parents["y"], ("a",))
    np.testing.assert_equal(values.order, {"a": 0, "y": 4})
