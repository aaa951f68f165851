import hashlib

import numpy as np
import pytest

from onnxwright.bench.digits import data
from onnxwright.bench.errors import BenchError

# What the training run reported: parameters, and the share of the 450 images that it got right.
REPORTED = {
    "mlp": (6570, 0.9711),
    "lenet": (19754, 0.98),
    "rnn_tanh": (1674, 0.9622),
    "rnn_relu": (1674, 0.9578),
    "birnn_tanh": (5674, 0.9733),
    "gru": (4362, 0.9689),
    "bigru2": (16042, 0.9778),
    "lstm": (5706, 0.9711),
    "lstm3": (13114, 0.9689),
    "bilstm2": (21226, 0.9822),
    "peephole": (5674, 0.9756),
    "peephole2": (8266, 0.9756),
    "lecture_peephole": (5706, 0.9689),
}


def test_every_net_is_reported() -> None:
    np.testing.assert_equal(sorted(REPORTED), sorted(data.NAMES))


@pytest.mark.parametrize("name", data.NAMES)
def test_parameters_and_accuracy_are_those_of_the_training_run(name: str) -> None:
    parameters, accuracy = REPORTED[name]
    weights = data.weights(name)
    np.testing.assert_equal(sum(array.size for array in weights.values()), parameters)
    np.testing.assert_equal({array.dtype for array in weights.values()}, {np.dtype("float32")})
    logits = data.logits(name)
    np.testing.assert_equal((logits.shape, logits.dtype), ((450, 10), np.float32))
    np.testing.assert_allclose(np.mean(logits.argmax(1) == data.labels()), accuracy, atol=5e-5)


def test_images_are_greys_between_0_and_1() -> None:
    images = data.images()
    np.testing.assert_equal((images.shape, images.dtype), ((450, 64), np.float32))
    np.testing.assert_array_equal(np.unique(images), np.arange(17, dtype=np.float32) / 16)


def test_labels_are_ten_digits() -> None:
    np.testing.assert_array_equal(np.unique(data.labels()), np.arange(10))
    np.testing.assert_equal(data.labels().dtype, np.int64)


def test_indices_are_distinct_rows_of_the_whole_data() -> None:
    indices = data.indices()
    np.testing.assert_equal(len(set(indices.tolist())), 450)
    np.testing.assert_equal((indices.min() >= 0, indices.max() < 1797), (True, True))


def test_a_caller_cannot_spoil_the_arrays_of_the_next() -> None:
    before = hashlib.sha256(data.logits("mlp").tobytes() + data.images().tobytes()).digest()
    data.logits("mlp")[:] = 0
    data.images()[:] = 0
    data.labels()[:] = 0
    after = hashlib.sha256(data.logits("mlp").tobytes() + data.images().tobytes()).digest()
    np.testing.assert_equal(after, before)
    np.testing.assert_equal(np.count_nonzero(data.labels()) > 0, True)


@pytest.mark.parametrize("look_up", [data.weights, data.logits])
def test_an_unknown_net_is_refused(look_up: object) -> None:
    assert callable(look_up)
    with pytest.raises(BenchError, match="no digits net is called 'lstm9'\nchoose one of mlp, "):
        look_up("lstm9")
