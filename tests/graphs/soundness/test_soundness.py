"""What breaks is found without running it; what is right is left in peace."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx.backend.test.loader import load_model_tests

from onnxwright.bench.digits import nets
from onnxwright.graphs.soundness import RULES, check_soundness, explain
from onnxwright.graphs.targets import TARGETS, Severity, TargetError, choose
from tests.graphs.targets.examples import example

from .broken import NOTES, OTHERS, RECURRENT

BROKEN = {**RECURRENT, **OTHERS}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_broken_is_found(case: str) -> None:
    rule, build = BROKEN[case]
    findings = check_soundness(build())
    wrong = [finding.rule for finding in findings if finding.severity == Severity.INVALID]
    assert rule in wrong, findings


@pytest.mark.parametrize("case", NOTES)
def test_what_is_seldom_meant_is_noted(case: str) -> None:
    rule, build = NOTES[case]
    findings = check_soundness(build())
    np.testing.assert_equal({(f.rule, f.severity) for f in findings}, {(rule, Severity.NOTE)})


def test_every_rule_has_a_model_that_breaks_it() -> None:
    shown = {rule for rule, _ in [*BROKEN.values(), *NOTES.values()]}
    np.testing.assert_equal(shown, set(RULES))


def invalid(model: onnx.ModelProto) -> list[str]:
    findings = check_soundness(model)
    return [f"{f.rule}: {f.reason}" for f in findings if f.severity != Severity.NOTE]


@pytest.mark.parametrize("kind", ["simple", "pytorch-converted", "pytorch-operator"])
def test_models_of_the_backend_suite_are_sound(kind: str) -> None:
    cases = load_model_tests(kind=kind)
    assert len(cases) > 10
    for case in cases:
        model = case.model or onnx.load(Path(case.model_dir or "") / "model.onnx")
        np.testing.assert_equal(invalid(model), [], err_msg=case.name)


@pytest.mark.parametrize("name", nets.NAMES)
def test_nets_of_the_project_are_sound(name: str) -> None:
    np.testing.assert_equal(invalid(nets.build(name).build()), [])


RULE_EXAMPLES = [
    (f"{target}/{rule.id}", {"op": rule.ops[0], **rule.near} if rule.ops else rule.near)
    for target in TARGETS
    for rule in choose(target).rules
    if rule.near and rule.ops != ("*",)
]


@pytest.mark.parametrize(("name", "near"), RULE_EXAMPLES, ids=[name for name, _ in RULE_EXAMPLES])
def test_examples_of_targets_are_sound(name: str, near: dict[str, Any]) -> None:
    np.testing.assert_equal(invalid(example(near)), [])


def test_a_rule_explains_itself() -> None:
    assert "reads beyond the arrays" in explain("recurrent-weights").explain
    with pytest.raises(TargetError, match="no rule 'recurent-weights'\ndid you mean 'recurrent-w"):
        explain("recurent-weights")


def test_the_page_of_rules_has_them_all() -> None:
    page = (Path(__file__).parents[3] / "docs" / "lint.md").read_text(encoding="utf-8")
    for rule in RULES.values():
        assert f"| `{rule.id}` | {rule.severity} | {rule.explain} |" in page
