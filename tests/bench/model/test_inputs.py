from typing import Any

import numpy as np
import onnx
import onnx.parser
import pytest
from numpy.typing import NDArray

from onnxwright.bench.errors import BenchError
from onnxwright.bench.model.inputs import fill_inputs, parse_dims
from onnxwright.runtime.interpreter.signature import signature

TAGGER = onnx.parser.parse_model("""<ir_version: 8, opset_import: ["" : 17]>
    g (int64[batch, time] ids, int64[batch] n, int8[batch] q, bool[batch] b, float16[batch, k, 2] f)
    => (float[time, 1, batch, 4] y) <float[1, 16, 3] w, float[1, 16, 4] r> {
        table = Constant <value = float[5, 3] {0,0,0,0,0,0,0,0,0,0,0,0,0,0,0}> ()
        g = Gather (table, ids)
        x = Transpose <perm = [1, 0, 2]> (g)
        n32 = Cast <to = 6> (n)
        y = LSTM <hidden_size = 4> (x, w, r, , n32)
    }""")


def fill(model: onnx.ModelProto = TAGGER, **options: Any) -> dict[str, NDArray[Any]]:
    given = options.pop("given", {})
    return fill_inputs(model, signature(model, None)[0], given, **options)


def test_lengths_and_indices_stay_in_their_range() -> None:
    feeds = fill(dims={"batch": 5000, "time": 6})
    np.testing.assert_equal([feeds["ids"].min(), feeds["ids"].max()], [0, 4])
    np.testing.assert_equal([feeds["n"].min(), feeds["n"].max()], [1, 6])
    np.testing.assert_equal([feeds["q"].min(), feeds["q"].max()], [-128, 127])


def test_dtypes_and_shapes_are_the_models() -> None:
    feeds = fill()
    kinds = {name: (array.dtype.name, array.shape) for name, array in feeds.items()}
    np.testing.assert_equal(
        kinds,
        {
            "ids": ("int64", (2, 8)),
            "n": ("int64", (2,)),
            "q": ("int8", (2,)),
            "b": ("bool", (2,)),
            "f": ("float16", (2, 3, 2)),
        },
    )


def test_the_same_seed_gives_the_same_inputs() -> None:
    np.testing.assert_equal(fill(seed=3), fill(seed=3))
    assert np.any(fill(seed=3)["f"] != fill(seed=4)["f"])


def test_given_arrays_are_kept_and_fix_the_dims_of_the_others() -> None:
    ids = np.zeros((7, 3), np.int64)
    feeds = fill(given={"ids": ids})
    assert feeds["ids"] is ids
    np.testing.assert_equal([feeds["n"].shape, feeds["n"].max() <= 3], [(7,), True])


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"dims": {"bacth": 2}}, "no dim 'bacth'\nits dims are batch, time, k"),
        (
            {"dims": {"batch": 2}, "given": {"n": np.ones(3, np.int64)}},
            "the dim 'batch' is 3 in 'n' and 2 elsewhere",
        ),
        ({"dims": {"batch": 10**9}}, "too large for random values\ngive smaller sizes"),
    ],
)
def test_sizes_that_do_not_go_together_are_refused(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(BenchError, match=problem):
        fill(**options)


@pytest.mark.parametrize("text", ["batch", "=4", "batch=", "batch=-1", "batch=4.5", "batch=²"])
def test_a_dim_without_a_size_is_refused(text: str) -> None:
    with pytest.raises(BenchError, match="write --dim NAME=SIZE"):
        parse_dims([text])


@pytest.mark.parametrize(
    ("body", "low", "high"),
    [
        ("y = ReverseSequence <time_axis = 1, batch_axis = 0> (x, i)", 1, 6),
        ("y = Gather <axis = 1> (x, i)", 0, 5),
        ("y = Gather <axis = -1> (x, i)", 0, 5),
        ("d = Constant <value = int64 {4}> ()  v = Constant <value = float[2] {0, 1}> ()"
         "  y = OneHot (i, d, v)", 0, 3),
        ("z = Constant <value = int64[1] {0}> ()  u = Unsqueeze (i, z)"
         "  y = Gather <axis = 1> (x, u)", 0, 5),
        ("y = Gather <axis = 0> (x, i)  z = Gather <axis = 1> (x, i)", 0, 3),
    ],
)  # fmt: skip
def test_roles_by_what_reads_the_input(body: str, low: int, high: int) -> None:
    body = body.replace("  ", "\n")
    model = onnx.parser.parse_model(f"""<ir_version: 8, opset_import: ["" : 17]>
        g (float[4, 6] x, int64[n] i) => (float y) {{ {body} }}""")
    values = fill(model, dims={"n": 300})["i"]
    np.testing.assert_equal([values.min(), values.max()], [low, high])


def test_lengths_in_a_subgraph_are_seen() -> None:
    model = onnx.parser.parse_model("""<ir_version: 8, opset_import: ["" : 17]>
        g (float[4, 6] x, int64[n] i, bool c) => (float y) {
            y = If (c) <then_branch = t () => (float p) { p = Gather <axis = 1> (x, i) },
                        else_branch = e () => (float q) { q = Identity (x) }>
        }""")
    values = fill(model, dims={"n": 300})["i"]
    np.testing.assert_equal([values.min(), values.max()], [0, 5])


def test_an_input_that_is_no_tensor_has_no_random_values() -> None:
    model = onnx.parser.parse_model("""<ir_version: 8, opset_import: ["" : 17]>
        g (seq(float[2]) x) => (float[2] y) { y = ConcatFromSequence <axis = 0> (x) }""")
    with pytest.raises(BenchError, match="'x' is no tensor"):
        fill(model)
