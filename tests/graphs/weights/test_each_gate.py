"""One array for each gate, by name: in Python and in a network file."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnxwright.graphs import GRUWeights, LSTMWeights, Network
from onnxwright.graphs.errors import GraphError, WeightError
from onnxwright.graphs.spec import read_network

RANDOM = np.random.default_rng(0)
H, I = 4, 3  # noqa: E741
LETTERS = {"iofc": "ifog", "zrh": "zrn"}


def each(gates: str, *shape: int) -> dict[str, Any]:
    return {gate: RANDOM.standard_normal(shape) for gate in gates}


def joined(arrays: dict[str, Any], order: str) -> Any:
    return np.concatenate([arrays[gate] for gate in order])


@pytest.mark.parametrize("halves", [1, 2])
@pytest.mark.parametrize("input_first", [False, True])
def test_an_lstm_of_one_array_a_gate(input_first: bool, halves: int) -> None:
    w, r, b, rb, p = (
        each(gates, *shape)
        for gates, shape in (
            ("ifgo", (H, I)),
            ("ifgo", (H, H)),
            ("ifgo", (H,)),
            ("ifgo", (H,)),
            ("foi", (H,)),
        )
    )
    given = [{k: a.T for k, a in m.items()} for m in (w, r)] if input_first else [w, r]
    second = rb if halves == 2 else None
    made = LSTMWeights.from_gates(
        w=given[0], r=given[1], b=b, rb=second, p=p, input_first=input_first
    )
    np.testing.assert_array_equal(made.w[0], joined(w, "iofg"))
    np.testing.assert_array_equal(made.r[0], joined(r, "iofg"))
    assert made.b is not None
    assert made.p is not None
    behind = np.zeros(4 * H) if second is None else joined(second, "iofg")
    np.testing.assert_array_equal(made.b[0], np.concatenate([joined(b, "iofg"), behind]))
    np.testing.assert_array_equal(made.p[0], joined(p, "iof"))
    np.testing.assert_equal(made.peephole, "onnx")
    back = made.to_layout(made.source.removeprefix("layout "))
    np.testing.assert_array_equal(
        back["w"], joined(w, "iofg").T if input_first else joined(w, "iofg")
    )


def test_peepholes_of_all_four_gates_are_the_lectures() -> None:
    p = each("zifo", H)
    made = LSTMWeights.from_gates(w=each("zifo", H, I), r=each("zifo", H, H), p=p)
    assert made.p is not None
    np.testing.assert_array_equal(made.p[0], joined(p, "iofz"))
    np.testing.assert_equal(made.peephole, "lecture")


@pytest.mark.parametrize("reset", ["before", "after"])
def test_a_gru_of_one_array_a_gate(reset: Any) -> None:
    w, r, b = each("urn", H, I), each("nru", H, H), each("urn", H)
    made = GRUWeights.from_gates(w=w, r=r, b=b, reset=reset)
    np.testing.assert_array_equal(made.w[0], joined(w, "urn"))
    np.testing.assert_array_equal(made.r[0], joined(r, "urn"))
    np.testing.assert_equal(made.reset, reset)


def lstm(**changed: Any) -> LSTMWeights:
    given: dict[str, Any] = {"w": each("ifgo", H, I), "r": each("ifgo", H, H)}
    return LSTMWeights.from_gates(**(given | changed))


def gru(**changed: Any) -> GRUWeights:
    given: dict[str, Any] = {"w": each("zrn", H, I), "r": each("zrn", H, H), "reset": "after"}
    return GRUWeights.from_gates(**(given | changed))


def in_one(p: Any, peephole: Any) -> LSTMWeights:
    w, r = np.ones((4 * H, I)), np.ones((4 * H, H))
    return LSTMWeights.from_layout("ifog", w, r, p=p, peephole=peephole)


ONE = np.ones((H, I + H))
REFUSED: list[tuple[Any, str]] = [
    (
        lambda: in_one(np.ones(4 * H), "onnx"),
        r"p has shape \[16\], needs \[3H.*\n.*'lecture', which is",
    ),
    (
        lambda: in_one(np.ones(3 * H), "lecture"),
        r"p has shape \[12\], needs \[4H.*\n.*'onnx', which is",
    ),
    (lambda: lstm(w=each("ifg", H, I)), r"w has the gates i f g, needs one .* i o f c\nletters: i"),
    (lambda: lstm(w=each("ifgoc", H, I)), r"w has the gates i f g o c, needs one array for each"),
    (lambda: lstm(r=None), r"from_gates: r missing, needs z, i, f, o over \[x; h\], or w and r"),
    (lambda: lstm(z=ONE), r"from_gates: both forms are given"),
    (
        lambda: lstm(w=each("ifgo", H, I) | {"o": np.ones((H, 5))}),
        r"w\['o'\] has shape \[4, 5\], needs \[4, 3\]",
    ),
    (lambda: lstm(w=each("ifgo", H)), r"w\['i'\] has shape \[4\], needs \[H, I\]: one gate's"),
    (
        lambda: lstm(r=each("ifgo", H, I)),
        r"from_gates: r has shape \[16, 3\], needs \[4H=16, H=4\]",
    ),
    (lambda: lstm(p=each("if", H)), r"p has the gates i f, needs one array for each of i o f c"),
    (lambda: lstm(p=each("ifo", 3)), r"from_gates: p has shape \[9\], needs \[3H=12\]"),
    (
        lambda: LSTMWeights.from_gates(ONE, ONE, ONE),
        r"from_gates: o missing, needs z, i, f, o over",
    ),
    (lambda: gru(reset=""), r"reset is not given, which no array tells, needs 'before' or 'after'"),
    (lambda: gru(r=ONE), r"from_gates: both forms are given, needs u, r, h over"),
    (
        lambda: GRUWeights.from_gates(ONE, ONE, ONE, reset="after"),
        r"reset is 'after', but u, r and h",
    ),
    (lambda: GRUWeights.from_gates(ONE, ONE), r"from_gates: h missing"),
    (
        lambda: LSTMWeights.from_gates(ONE[:, :7], *[np.ones((H, I + 2 * H))] * 3),
        r"z has shape \[4, 7\].*where other gates cover c, say which net it is: peephole='onnx'",
    ),
]


@pytest.mark.parametrize(("make", "said"), REFUSED)
def test_what_does_not_fit_is_refused(make: Any, said: str) -> None:
    with pytest.raises(WeightError, match=said):
        make()


def test_peephole_matrices_without_the_form_are_told() -> None:
    wide = np.hstack([ONE, np.eye(H)]).astype("f4")
    net = Network("n")
    x = net.input("x", f"batch time {I}")
    with pytest.raises(
        GraphError, match=r"4 columns more than .*\nsay which net with peepholes it"
    ):
        net.lstm(x, LSTMWeights.from_gates(wide, wide, wide, wide))
    net.lstm(x, LSTMWeights.from_gates(wide, wide, wide, wide, peephole="lecture"))


FILE = """
[inputs]
x = "batch time 3"

[[layer]]
kind = "{kind}"
name = "cell"
weights = {{ from = "gates", {weights} }}

[outputs]
y = "cell"
"""
W = 'w = { i = "wi", f = "wf", g = "wg", o = "wo" },'
REST = 'p = { i = "pi", f = "pf", o = "po" }, input_first = true'
LSTM = " ".join([W, W.replace("w", "r"), W.replace("w", "b"), REST])
GRU = 'w = { z = "wi", r = "wf", n = "wg" }, r = { z = "ri", r = "rf", n = "rg" }'
COVERS_C = 'z = "xhc", i = "xhc", f = "xhc", o = "xhc"'


def arrays() -> dict[str, Any]:
    shapes = {"w": (I, H), "r": (H, H), "b": (H,), "p": (H,)}
    made = {f"{n}{g}": a for n, shape in shapes.items() for g, a in each("ifgo", *shape).items()}
    made["xhc"] = np.hstack([ONE, np.eye(H)])
    return {name: array.astype("f4") for name, array in made.items()}


def read(tmp_path: Path, kind: str, weights: str) -> Network:
    (tmp_path / "net.toml").write_text(FILE.format(kind=kind, weights=weights))
    return read_network(tmp_path / "net.toml", arrays())


def test_a_network_file_names_one_array_a_gate(tmp_path: Path) -> None:
    model = read(tmp_path, "lstm", LSTM).build()
    np.testing.assert_equal([node.op_type for node in model.graph.node].count("LSTM"), 1)
    gru_weights = GRU.replace("w =", "input_first = true, w =") + ', reset = "after"'
    read(tmp_path, "gru", gru_weights).build()


@pytest.mark.parametrize(
    ("kind", "weights", "said"),
    [
        ("lstm", LSTM.replace('"wg"', '"wq"'), r"net.toml:8: .*key 'g': there is no array 'wq'"),
        (
            "lstm",
            LSTM.replace('g = "wg"', 'q = "wg"'),
            r"net.toml:8: .*w has the gates i f q o, needs",
        ),
        (
            "lstm",
            LSTM.replace(W, 'w = "wi",'),
            r"net.toml:8: .*'w': is 'wi', needs a table from gates to names",
        ),
        ("gru", GRU, r"net.toml:8: .*reset is not given, which no array tells"),
        (
            "lstm",
            COVERS_C,
            r"net.toml:5: .*4 columns more than .*\nsay which net with peepholes it is",
        ),
    ],
)
def test_errors_of_a_network_file_point_at_it(
    kind: str, weights: str, said: str, tmp_path: Path
) -> None:
    weights = weights.replace("w = {", "input_first = true, w = {") if kind == "gru" else weights
    with pytest.raises(GraphError, match=said):
        read(tmp_path, kind, weights)
