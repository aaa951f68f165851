"""The training script makes the nets that ship; needs the extra ``train``."""

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from safetensors.numpy import load_file

from onnxwright.bench.digits import data

torch = pytest.importorskip("torch", reason="needs the extra train")
pytest.importorskip("sklearn", reason="needs the extra train")
architectures = import_module("tools.training.architectures")
train = import_module("tools.training.train")


@pytest.mark.parametrize("name", data.NAMES)
def test_the_shipped_weights_and_logits_are_of_this_architecture(name: str) -> None:
    architecture = architectures.ARCHITECTURES[name]
    net = architecture.make()
    state = {key: torch.from_numpy(array) for key, array in data.weights(name).items()}
    net.load_state_dict(state)  # refuses a missing, unknown or misshapen entry
    held_out = train.Digits((data.images() * data.GREYS).astype(np.uint8), data.labels())
    logits = train.compute_logits(architecture, net, held_out)
    np.testing.assert_allclose(logits, data.logits(name), rtol=0, atol=5e-5)


def test_the_held_out_images_are_those_of_scikit_learn() -> None:
    training, held_out = train.load_splits()
    np.testing.assert_equal(len(training.labels), 1797 - 450)
    np.testing.assert_array_equal(held_out.inputs().numpy(), data.images())
    np.testing.assert_array_equal(held_out.labels, data.labels())


def test_training_anew_is_as_accurate_as_what_ships(tmp_path: Path) -> None:
    for folder in ("first", "second"):
        arguments = ["--net", "rnn_tanh", "-o", str(tmp_path / folder)]
        done = CliRunner().invoke(train.main, arguments)
        np.testing.assert_equal(done.exit_code, 0, done.output)
    first, second = ((tmp_path / folder / "held_out.safetensors") for folder in ("first", "second"))
    np.testing.assert_equal(first.read_bytes() == second.read_bytes(), True)
    logits = load_file(first)["logits.rnn_tanh"]
    shipped, anew = (
        np.mean(found.argmax(axis=1) == data.labels())
        for found in (data.logits("rnn_tanh"), logits)
    )
    np.testing.assert_allclose(anew, shipped, rtol=0, atol=0.015)
    np.testing.assert_equal(
        load_file(tmp_path / "first" / "weights" / "rnn_tanh.safetensors").keys(),
        data.weights("rnn_tanh").keys(),
    )
