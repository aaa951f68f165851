from typing import Any

import numpy as np
import pytest

from onnxwright.bench.errors import BenchError
from onnxwright.bench.model.free_dims import Usual, batch_key, check_free, choose_sizes, free_dims
from onnxwright.runtime.runner import TensorInfo

Shapes = dict[str, tuple[int | str | None, ...]]


def infos(shapes: Shapes, dtype: str = "float32") -> list[TensorInfo]:
    return [TensorInfo(name, np.dtype(dtype), shape) for name, shape in shapes.items()]


@pytest.mark.parametrize(
    ("shapes", "known", "sizes"),
    [
        ({"x": ("batch", "time", 4)}, {}, {"batch": 2, "time": 8}),
        ({"x": ("N", "T", 4), "s": (2, "N", 8)}, {"N": 5}, {"N": 5, "T": 8}),
        ({"x": (None, 3, None, None)}, {}, {"x.0": 2, "x.2": 224, "x.3": 224}),
        ({"x": ("p2o.0", "H", "W", 1)}, {}, {"p2o.0": 2, "H": 224, "W": 224}),
        ({"x": (1, 64, "height", "width")}, {}, {"height": 32, "width": 32}),
        ({"audio": (None, None)}, {}, {"audio.0": 2, "audio.1": 16_000}),
        ({"x": (1, "samples")}, {}, {"samples": 16_000}),
        ({"x": (None, None), "h": (2, None, 8)}, {"x.0": 7}, {"x.0": 7, "x.1": 3, "h.1": 7}),
        ({"x": (1, None), "h": (2, None, 8)}, {}, {"x.1": 3, "h.1": 1}),
        ({"x": ("time", 4), "h": (None, 8)}, {}, {"time": 8, "h.0": 2}),
        ({"x": (None,), "y": (None,)}, {}, {"x.0": 2, "y.0": 2}),
        ({"x": (None, 4), "y": (None, None, 4)}, {}, {"x.0": 2, "y.0": 2, "y.1": 3}),
    ],
)
def test_sizes_suit_what_the_dims_are(
    shapes: Shapes, known: dict[str, int], sizes: dict[str, int]
) -> None:
    np.testing.assert_equal(choose_sizes(infos(shapes), known, Usual()), sizes)


def test_a_state_follows_the_batch_unless_it_is_bound() -> None:
    inputs = infos({"x": (None, None), "h": (2, None, 8), "c": (None, 8)})
    np.testing.assert_equal(free_dims(inputs), ("x.0", "x.1"))
    np.testing.assert_equal(batch_key(inputs), "x.0")
    bound = choose_sizes(inputs, {"x.0": 4, "h.1": 9}, Usual())
    np.testing.assert_equal((bound["h.1"], bound["c.0"]), (9, 4))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("x.1", "dim 1 of 'x' is called time\nwrite --axis time="),
        ("h.0", "the model fixes dim 0 of 'h' at 2\nexport it again with that dim named"),
        ("batch", "the model fixes dim 0 of 'x' at 1\nexport it again with that dim named"),
        ("x.7", "the model has no dim 'x.7'\nits dims are time, h.1"),
        ("rows", "the model has no dim 'rows'\nits dims are time, h.1"),
    ],
)
def test_what_is_no_free_dim_is_told_why(name: str, told: str) -> None:
    inputs: Any = infos({"x": (1, "time"), "h": (2, None)})
    with pytest.raises(BenchError, match=told):
        check_free([name], inputs, "--axis")
