"""NonMaxSuppression."""

from typing import Any

import numpy as np

from ...dtypes import Array
from ...registry import kernel
from ...run_limits import count_steps

PER_STEP = 8
"""Comparisons of two boxes that count as one step of the run."""


@kernel("NonMaxSuppression", since=10)
def non_max_suppression(
    boxes: Array,
    scores: Array,
    max_output_boxes_per_class: Array | None = None,
    iou_threshold: Array | None = None,
    score_threshold: Array | None = None,
    *,
    center_point_box: int = 0,
) -> Array:
    """Return [chosen, 3]: image, class and box, for each class by falling score.

    A box is chosen if its score is above `score_threshold` and it overlaps with none that was
    chosen before: intersection / union <= `iou_threshold`. Boxes are [images, boxes, 4], two
    opposite corners (y, x, y, x), or (x, y, width, height) of the middle where `center_point_box`
    is 1; scores are [images, classes, boxes].
    """
    if boxes.ndim != 3 or boxes.shape[2] != 4 or scores.ndim != 3:
        raise ValueError(
            f"boxes must be [images, boxes, 4] and scores [images, classes, boxes], got "
            f"{list(boxes.shape)} and {list(scores.shape)}"
        )
    if boxes.shape[:2] != (scores.shape[0], scores.shape[2]):
        raise ValueError(f"{list(boxes.shape)} boxes and {list(scores.shape)} scores do not fit")
    most = int(_value(max_output_boxes_per_class, 0))
    overlap, least = _value(iou_threshold, 0.0), _value(score_threshold, -np.inf)
    found = [np.zeros((0, 3), np.int64)]
    for image, corners in enumerate(_corners(boxes, center_point_box)):
        for number, row in enumerate(scores[image]):
            order = np.argsort(-row, kind="stable")
            order = order[row[order] > least] if score_threshold is not None else order
            chosen = _chosen(corners, order, most, overlap)
            found.append(
                np.array([[image, number, box] for box in chosen], np.int64).reshape(-1, 3)
            )
    return np.concatenate(found)


def _value(given: Array | None, default: float) -> Any:
    return default if given is None else given.reshape(-1)[0]


def _corners(boxes: Array, center: int) -> Array:
    """Return [images, boxes, 2, 2]: the lower and the upper corners."""
    first, second = boxes[..., :2], boxes[..., 2:]
    if center:
        return np.stack([first - second / 2, first + second / 2], axis=-2)
    return np.stack([np.minimum(first, second), np.maximum(first, second)], axis=-2)


def _chosen(corners: Array, order: Array, most: int, overlap: Any) -> list[int]:
    """Take the best box that is left, up to `most` times, and drop what overlaps with it."""
    areas = np.prod(corners[:, 1] - corners[:, 0], axis=-1)
    chosen: list[int] = []
    while len(order) and len(chosen) < most:
        count_steps(len(order) // PER_STEP + 1)
        best, order = order[0], order[1:]
        chosen.append(int(best))
        upper = np.minimum(corners[order, 1], corners[best, 1])
        lower = np.maximum(corners[order, 0], corners[best, 0])
        shared = np.prod(np.maximum(upper - lower, 0), axis=-1)
        union = areas[order] + areas[best] - shared
        order = order[~((shared > 0) & (union > 0) & (shared > overlap * union))]
    return chosen
