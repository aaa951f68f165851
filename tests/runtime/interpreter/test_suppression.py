"""NonMaxSuppression against onnxruntime."""

from typing import Any

import numpy as np
import pytest

from onnxwright import runtime

from .node_case import Array, Case, onnxruntime, plain

pytest.importorskip("onnxruntime")


def corners(seed: int, images: int, boxes: int) -> Array:
    """Return boxes whose corners come in any order; some have no area."""
    whole = np.random.default_rng(seed).integers(0, 9, (images, boxes, 4))
    return whole.astype(np.float32)


def scores(seed: int, images: int, classes: int, boxes: int) -> Array:
    """Return scores with many ties."""
    return (np.random.default_rng(seed).integers(0, 6, (images, classes, boxes)) / 8).astype("f4")


def case(seed: int, *thresholds: float, **attributes: Any) -> Case:
    given = [np.array([value], np.float32) for value in thresholds[1:]]
    most = [np.array([int(value)]) for value in thresholds[:1]]
    return Case(
        "NonMaxSuppression",
        11,
        attributes,
        [corners(seed, 2, 30), scores(seed, 2, 3, 30), *most, *given],
    )


@pytest.mark.parametrize("center", [0, 1])
@pytest.mark.parametrize(
    "thresholds", [(), (4,), (30, 0.0), (30, 0.2), (30, 0.5, 0.25), (2, 1.0, 0.0), (0, 0.5)]
)
@pytest.mark.parametrize("seed", range(4))
def test_it_chooses_what_onnxruntime_chooses(
    seed: int, thresholds: tuple[float, ...], center: int
) -> None:
    one = case(seed, *thresholds, center_point_box=center)
    np.testing.assert_array_equal(plain(one)[0], onnxruntime(one)[0])


def test_many_boxes_that_are_all_compared_count_as_steps() -> None:
    count = 20_000
    one = Case(
        "NonMaxSuppression",
        11,
        {},
        [np.zeros((1, count, 4), "f4"), np.zeros((1, 1, count), "f4"), np.array([count])],
    )
    with pytest.raises(runtime.NodeError, match=r"NonMaxSuppression.*more than 100000 steps"):
        runtime.load(one.model(), max_steps=100_000).run(one.feeds())


@pytest.mark.parametrize(
    ("boxes", "ranks"),
    [((1, 3, 5), (1, 1, 3)), ((3, 4), (1, 1, 3)), ((1, 3, 4), (1, 1, 4)), ((1, 3, 4), (3,))],
)
def test_shapes_that_do_not_fit_are_refused(boxes: tuple[int, ...], ranks: tuple[int, ...]) -> None:
    one = Case("NonMaxSuppression", 11, {}, [np.zeros(boxes, "f4"), np.zeros(ranks, "f4")])
    with pytest.raises(runtime.NodeError, match=r"ValueError: .*boxes.*scores"):
        runtime.load(one.model()).run(one.feeds())
