from typing import Any

import numpy as np
import pytest

from onnxwright.bench.model.attempts import LADDER, attempts, has_open_dims, run_chosen
from onnxwright.bench.model.free_dims import Usual
from onnxwright.runtime import load
from onnxwright.runtime.errors import FeedError, NodeError
from onnxwright.runtime.interpreter.signature import signature

from ...foreign_models import classifier, voice

INPUTS = signature(voice(), None)[0]


def test_larger_sizes_are_tried_where_small_ones_fail() -> None:
    chosen = run_chosen(voice(100), INPUTS, {}, load(voice(100)).run)
    shapes = {name: array.shape for name, array in chosen.feeds.items()}
    np.testing.assert_equal(shapes, {"input": (2, 224), "state": (2, 2, 8), "sr": ()})
    np.testing.assert_equal(chosen.feeds["sr"], 16_000)
    np.testing.assert_equal(chosen.result["output"].shape, (2,))
    assert "the sizes are --dim input.0=2 --dim input.1=224" in chosen.note


def test_sizes_that_work_at_once_need_no_word() -> None:
    model = classifier()
    chosen = run_chosen(model, signature(model, None)[0], {}, load(model).run)
    np.testing.assert_equal((chosen.feeds["x"].shape, chosen.note), ((2, 3, 224, 224), ""))


def test_bound_sizes_are_never_changed() -> None:
    bound = {"input.1": 10, "input.0": 3}
    for given, dims in (({}, bound), ({"input": np.zeros((3, 10), "float32")}, {})):
        with pytest.raises(NodeError, match="Conv"):
            run_chosen(voice(), INPUTS, given, load(voice()).run, dims=dims)
    np.testing.assert_equal(has_open_dims(INPUTS, bound), False)
    np.testing.assert_equal(has_open_dims(INPUTS, {"input.0": 3}), True)


def test_the_first_failure_is_the_one_that_is_told() -> None:
    asked: list[Any] = []

    def refuse(feeds: Any) -> None:
        asked.append(feeds["input"].shape)
        raise NodeError(f"failure {len(asked)}", "none")

    with pytest.raises(NodeError, match="failure 1"):
        run_chosen(voice(), INPUTS, {}, refuse)
    np.testing.assert_equal(len(asked), 2 * (1 + len(LADDER)))


def test_what_no_size_mends_is_told_at_once() -> None:
    def refuse(feeds: Any) -> None:
        raise FeedError("no", "none")

    with pytest.raises(FeedError, match=r"^no\nnone$"):
        run_chosen(voice(), INPUTS, {}, refuse)


def test_no_size_is_tried_that_takes_too_much() -> None:
    model = classifier()
    tried = list(attempts(signature(model, None)[0], {"x.0": 64}, Usual()))
    np.testing.assert_equal(max(sizes["x.2"] for sizes in tried), 224)
