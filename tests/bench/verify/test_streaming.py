"""The proof that chunks equal the whole: it holds, and it notices where it does not."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnxwright import runtime
from onnxwright.bench.cli.app import main
from onnxwright.bench.errors import BenchError
from onnxwright.bench.verify.streaming import check_streaming, state_names
from onnxwright.graphs import LSTMWeights, Network

RNG = np.random.default_rng(3)
X = RNG.normal(size=(2, 6, 4)).astype(np.float32)
WEIGHTS = LSTMWeights(
    RNG.normal(size=(1, 20, 4)).astype(np.float32), RNG.normal(size=(1, 20, 5)).astype(np.float32)
)


def streamed(time: str = "time", **network: Any) -> runtime.Runner:
    net = Network("stream", streaming=True, **network)
    layer = net.lstm(net.input("x", f"batch {time} 4"), WEIGHTS)
    net.output("y", layer.sequence)
    net.output("last", layer.last)
    return runtime.load(net.build(), on="numpy")


class Forgetful:
    """A runner whose states come out as zeros."""

    def __init__(self, inner: runtime.Runner) -> None:
        self.inner = inner
        self.on, self.inputs, self.outputs = inner.on, inner.inputs, inner.outputs

    def run(self, feeds: Any, outputs: Sequence[str] | None = None) -> dict[str, Any]:
        out = self.inner.run(feeds, outputs)
        return {k: v * 0 if k.endswith("_out") else v for k, v in out.items()}


@pytest.mark.parametrize("chunks", [(6,), (1, 5), (2, 2, 2), (1,) * 6])
def test_chunks_equal_the_whole_to_the_last_bit(chunks: tuple[int, ...]) -> None:
    result = check_streaming(streamed(), {"x": X}, chunks)
    np.testing.assert_equal(sorted(result.errors), ["last", "lstm.c_out", "lstm.h_out", "y"])
    np.testing.assert_equal(result.exact, True)


def test_single_steps_are_held_against_the_model_of_the_whole() -> None:
    result = check_streaming(streamed("1"), {"x": X}, (1,) * 6, whole=streamed())
    np.testing.assert_allclose(list(result.errors.values()), 0, atol=1e-6)


def test_a_state_that_is_lost_is_noticed() -> None:
    result = check_streaming(Forgetful(streamed()), {"x": X}, (3, 3))
    np.testing.assert_equal(result.exact, False)
    np.testing.assert_array_less(1e-3, result.errors["y"])


def test_the_states_pair_by_name() -> None:
    names = {"lstm.h_in": "lstm.h_out", "lstm.c_in": "lstm.c_out"}
    np.testing.assert_equal(state_names(streamed()), names)


def test_chunks_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(BenchError, match=r"chunks of \[2, 2\] steps do not add up"):
        check_streaming(streamed(), {"x": X}, (2, 2))


def test_a_model_without_states_is_refused() -> None:
    net = Network("whole")
    net.output("y", net.lstm(net.input("x", "batch time 4"), WEIGHTS).sequence)
    with pytest.raises(BenchError, match="the model has no states"):
        check_streaming(runtime.load(net.build()), {"x": X}, (6,))


@pytest.mark.parametrize(
    ("chunks", "code", "said"),
    [
        ("2,3,1", 0, "fed in chunks of 2, 3, 1 steps: "),
        ("2,3", 2, "chunks of [2, 3] steps do not add up to the steps of {'x': 6}"),
        ("2,x", 2, "--chunks 2,x are not numbers of steps"),
    ],
)
def test_verify_feeds_chunks(
    chunks: str, code: int, said: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    net = Network("stream", streaming=True)
    net.output("y", net.lstm(net.input("x", "batch time 4"), WEIGHTS).sequence)
    path = tmp_path / "stream.onnx"
    net.save(path)
    with pytest.raises(SystemExit) as ended:
        main(["verify", str(path), "--on", "numpy", "--dim", "time=6", "--chunks", chunks])
    np.testing.assert_equal(ended.value.code, code)
    out, err = capfd.readouterr()
    np.testing.assert_equal(said in out + err, True)
