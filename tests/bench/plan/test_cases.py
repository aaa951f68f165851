import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnxwright.bench.codec import decode, encode
from onnxwright.bench.errors import BenchError
from onnxwright.bench.plan.cases import Group, Subject, make_plan
from onnxwright.bench.plan.settings import Settings, parse_axes, parse_bytes, parse_share
from onnxwright.runtime.errors import ProviderError

SUBJECT = Subject("m", Path("m.onnx"), ("batch", "time"), {"time": 7}, built_in=True)
FILE = Subject("f", Path("f.onnx"), ("batch",))


def plan(**settings: Any) -> list[Group]:
    return make_plan(Settings(**{"on": ("numpy", "cpu"), **settings}), [SUBJECT])


def labels(group: Group) -> list[str]:
    return [case.label for case in group.cases if not case.again]


def test_axes_of_dims_make_groups() -> None:
    groups = plan(axes={"batch": ("1", "8"), "time": ("10", "100")})
    np.testing.assert_equal(
        [group.id for group in groups],
        ["m batch=1 time=10", "m batch=1 time=100", "m batch=8 time=10", "m batch=8 time=100"],
    )


def test_dims_without_an_axis_have_a_size() -> None:
    np.testing.assert_equal(plan()[0].sizes, {"batch": 1, "time": 7})


def test_options_make_cases_of_a_group() -> None:
    axes = {"threads": ("1", "2"), "xnnpack.arena": ("0", "1")}
    (group,) = plan(on=("numpy", "xnnpack"), axes=axes)
    np.testing.assert_equal(
        labels(group),
        ["numpy threads=1", "numpy threads=2",
         "xnnpack threads=1 arena=0", "xnnpack threads=1 arena=1",
         "xnnpack threads=2 arena=0", "xnnpack threads=2 arena=1"],
    )  # fmt: skip
    np.testing.assert_equal(group.cases[2].provider_options, {"arena": "0"})
    np.testing.assert_equal(group.cases[2].threads, 1)


def test_the_baseline_is_there_twice() -> None:
    (group,) = plan()
    np.testing.assert_equal([case.again for case in group.cases], [False, False, True])
    np.testing.assert_equal(group.cases[2].label, group.cases[0].label)


@pytest.mark.parametrize(
    ("on", "environments", "python"),
    [
        (("cpu",), {}, sys.executable),
        (("cpu",), {"cpu": "/a/python"}, "/a/python"),
        (("cpu@old",), {"old": "/b/python"}, "/b/python"),
        (("cpu@old", "cpu"), {"old": "/b/python", "cpu": "/a/python"}, "/b/python"),
    ],
)
def test_environments(on: tuple[str, ...], environments: dict[str, str], python: str) -> None:
    (group,) = plan(on=on, environments=environments)
    np.testing.assert_equal(group.cases[0].python, python)
    np.testing.assert_equal(group.cases[0].label, on[0])


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"axes": {"batsch": ("1",)}}, "--axis batsch: no model has a dim of that name"),
        ({"axes": {"cuda.device_id": ("1",)}}, "--axis cuda.device_id: no model has"),
        ({"axes": {"cpu.arena": ("1",)}}, "--axis cpu.arena: the runtime cpu has no options"),
        ({"axes": {"numpy.x": ("1",)}}, "--axis numpy.x: the runtime numpy has no options"),
        ({"environments": {"old": "/p"}}, "--env old: no runtime of numpy, cpu runs there"),
        (
            {"on": ("cpu@old",), "environments": {"old": "/p", "cpu": "/q"}},
            "--env cpu: no runtime of cpu@old runs there",
        ),
        ({"axes": {"batch": ("0",)}}, "--axis batch: '0' is not a whole number from 1 to"),
        ({"axes": {"threads": ("two",)}}, "--axis threads: 'two' is not"),
        ({"on": ("cpu@x",)}, "--on cpu@x: there is no environment called 'x'"),
        ({"on": ("cpu", "cpu")}, "two cases of m batch=1 time=7 are the same"),
    ],
)
def test_plans_that_cannot_be_meant(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(BenchError, match=said):
        plan(**settings)


def test_a_file_has_no_hidden_size_to_vary() -> None:
    with pytest.raises(BenchError, match="--axis hidden: no model has"):
        make_plan(Settings(on=("numpy",), axes={"hidden": ("4",)}), [FILE])


def test_an_unknown_runtime_is_refused() -> None:
    with pytest.raises(ProviderError, match="no runtime called 'gpu7'"):
        plan(on=("gpu7",))


def test_settings_come_back_from_json() -> None:
    settings = Settings(
        models=("a.onnx",), on=("numpy",), axes={"batch": ("1", "2")}, inputs=("x=x.npy",), seed=3
    )
    np.testing.assert_equal(decode(Settings, json.loads(json.dumps(encode(settings)))), settings)


@pytest.mark.parametrize(
    ("parse", "text", "said"),
    [
        (lambda text: parse_axes([text]), "batch", "--axis 'batch' is not a name and a value"),
        (lambda text: parse_axes([text]), "batch=,", "--axis 'batch=,' has no values"),
        (parse_share, "two", "--min-effect 'two' is not a share"),
        (parse_share, "200%", "--min-effect '200%' is not a share"),
        (parse_bytes, "much", "--memory-limit 'much' is not a size"),
    ],
)
def test_options_that_cannot_be_read(parse: Any, text: str, said: str) -> None:
    with pytest.raises(BenchError, match=said):
        parse(text)


def test_models_held_against_one_are_cases_of_its_groups() -> None:
    other = Subject("q", Path("q.onnx"), ("batch", "time"))
    settings = Settings(on=("numpy", "cpu"), against="m", axes={"batch": ("1", "8")})
    first, second = make_plan(settings, [other, SUBJECT])
    np.testing.assert_equal([first.id, second.id], ["m batch=1 time=7", "m batch=8 time=7"])
    np.testing.assert_equal(labels(first), ["m on numpy", "m on cpu", "q on numpy", "q on cpu"])
    paths = [str(first.subject_of(case).path) for case in first.cases]
    np.testing.assert_equal(paths, ["m.onnx", "m.onnx", "q.onnx", "q.onnx", "m.onnx"])
    np.testing.assert_equal(len({case.id for case in first.cases}), 5)
