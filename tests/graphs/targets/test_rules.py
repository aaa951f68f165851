"""Every rule of every target, held against the two models that it names itself."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import onnx
import pytest

from onnxwright.graphs.targets import TARGETS, Rule, TargetError, choose, lint
from onnxwright.graphs.targets.rule import parse
from onnxwright.graphs.targets.target import from_toml
from tests.graphs.targets.examples import example

RULE: dict[str, Any] = {
    "id": "r",
    "severity": "slow",
    "reason": "because",
    "remedy": "do that",
    "source": "read somewhere 1.0",
    "trigger": {},
    "near": {},
}


def all_rules() -> Iterator[Any]:
    for name in TARGETS:
        for rule in choose(name).rules:
            yield pytest.param(name, rule, id=f"{name}:{rule.id}")


def broken(name: str, rule: Rule, spec: Any) -> set[str]:
    model = example({"op": rule.ops[0], **spec} if rule.ops else spec)
    # Models with a newer IR, or without declared dims, are no valid ones; engines meet them anyway.
    if model.ir_version <= onnx.IR_VERSION and not spec.get("undeclared"):
        onnx.checker.check_model(model)
    return {finding.rule for finding in lint(model, name)}


@pytest.mark.parametrize(("name", "rule"), list(all_rules()))
def test_a_rule_is_broken_by_its_trigger_and_not_by_the_near_model(name: str, rule: Rule) -> None:
    assert rule.id in broken(name, rule, rule.trigger)
    assert rule.id not in broken(name, rule, rule.near)


@pytest.mark.parametrize(("name", "rule"), list(all_rules()))
def test_a_rule_says_why_what_to_do_and_whence(name: str, rule: Rule) -> None:
    for text in (rule.reason, rule.remedy, rule.source):
        assert len(text) > 8
        assert not text.endswith(".")


STATES_AS_INPUTS = ("opencv", "openvino", "tract", "triton")
"""Targets where a layer that begins with zeros of its own is refused, wrong or not carried."""


@pytest.mark.parametrize("name", TARGETS)
def test_the_preferred_form_of_a_target_runs_there(name: str) -> None:
    target = choose(name)
    spec = {"op": "LSTM", "opset": target.opset, "open": True}
    states = ["initial_h", "initial_c"] if name in STATES_AS_INPUTS else []
    spec["inputs"] = states
    findings = [f for f in lint(example(spec), name) if f.rule != "triton-fixed-batch"]
    no_lstm = {"coreml": ["coreml-recurrent"], "openvino-ep": ["openvino-ep-lone-lstm"]}
    np.testing.assert_equal([finding.rule for finding in findings], no_lstm.get(name, []))
    assert target.opset <= target.newest_opset


def test_an_unknown_target_is_refused() -> None:
    with pytest.raises(TargetError, match="target 'gpu' is not known\nuse one of cpu, cuda"):
        choose("gpu")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"severity": "bad"}, "rule 'r': severity 'bad' is not known\nwrite one of unknown, note,"),
        ({"why": "?"}, r"missing keys \[\], unknown keys \['why'\]"),
        ({"source": None}, r"missing keys \['source'\], unknown keys \[\]"),
    ],
)
def test_a_malformed_rule_is_refused(change: dict[str, Any], message: str) -> None:
    table = {key: value for key, value in {**RULE, **change}.items() if value is not None}
    with pytest.raises(TargetError, match=message):
        parse(table, "target t")


def test_a_rule_id_may_stand_once() -> None:
    with pytest.raises(TargetError, match="target t: a rule's id is there twice"):
        from_toml("t", {"rule": [RULE, RULE]})


def test_rules_of_another_target_hold_unless_one_takes_their_place() -> None:
    web = {rule.id: rule for rule in choose("web").rules}
    cpu = {rule.id: rule for rule in choose("cpu").rules}
    assert cpu.keys() <= web.keys()
    assert web["recurrent-float64"] is cpu["recurrent-float64"]
    np.testing.assert_equal(web["ir-too-new"].when, {"ir": ">13"})


def test_an_example_of_an_operator_without_a_recipe_is_refused() -> None:
    with pytest.raises(TargetError, match="no recipe for an example of Bernoulli"):
        example({"op": "Bernoulli"})
