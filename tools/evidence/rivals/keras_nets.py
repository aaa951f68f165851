"""Nets of Keras, what they give, and what Keras's own export makes of them.

In an environment with Keras and what its backend's export needs (jax2onnx; tf2onnx)::

    KERAS_BACKEND=jax python -m tools.evidence.rivals.keras_nets FOLDER

FOLDER then has each net as ``NAME_WIDTH.keras`` with one answer, and an ONNX file where the export
could make one; ``export.json`` has versions and errors. Where a ``.keras`` file is there already,
it is exported as it is: so two backends export the same net.
"""

import importlib.metadata
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

from tools.evidence.rivals.sizes import CLASSES, HIDDEN, SIDE, TIME, WORDS, example

NEEDED = {"jax": "jax2onnx", "tensorflow": "tf2onnx"}


def steps(layer: Callable[[int], Any]) -> Callable[[int], list[Any]]:
    """Return what makes a recurrent layer and a head on each step."""

    def make(hidden: int) -> list[Any]:
        given = keras.Input((TIME, hidden), name="x")
        return [given, layer(hidden), layers.Dense(CLASSES, activation="softmax")]

    return make


def mlp(hidden: int) -> list[Any]:
    acts = ("relu", "tanh", "silu")
    dense = [layers.Dense(hidden, activation=act) for act in acts]
    return [keras.Input((hidden,), name="x"), *dense, layers.Dense(CLASSES, activation="softmax")]


def words(hidden: int) -> list[Any]:
    given = keras.Input((TIME,), dtype="int32", name="ids")
    head = layers.Dense(CLASSES, activation="softmax")
    return [given, layers.Embedding(WORDS, hidden), layers.LSTM(hidden), head]


def bag(hidden: int) -> list[Any]:
    given = keras.Input((TIME,), dtype="int32", name="ids")
    table, mean = layers.Embedding(WORDS, hidden), layers.GlobalAveragePooling1D()
    return [given, table, mean, layers.Dense(CLASSES, activation="softmax")]


def images(hidden: int) -> list[Any]:
    def block(out: int) -> list[Any]:
        conv = layers.Conv2D(out, 3, padding="same")
        return [conv, layers.BatchNormalization(), layers.ReLU(), layers.MaxPooling2D()]

    head = [layers.Flatten(), layers.Dense(hidden, activation="relu"), layers.Dense(CLASSES)]
    return [keras.Input((SIDE, SIDE, 1), name="x"), *block(32), *block(64), *head]


def mobile(hidden: int) -> list[Any]:
    def block(out: int, stride: int) -> list[Any]:
        deep = layers.DepthwiseConv2D(3, stride, padding="same", use_bias=False)
        wide = layers.Conv2D(out, 1, use_bias=False)
        norms = [layers.BatchNormalization() for _ in range(2)]
        return [deep, norms[0], layers.ReLU(6.0), wide, norms[1], layers.ReLU(6.0)]

    first = [layers.Conv2D(32, 3, 2, padding="same", use_bias=False), layers.BatchNormalization()]
    blocks = [*block(64, 1), *block(hidden, 2), *block(hidden, 1)]
    head = [layers.GlobalAveragePooling2D(), layers.Dense(CLASSES)]
    return [keras.Input((2 * SIDE, 2 * SIDE, 3), name="x"), *first, *blocks, *head]


NETS: dict[str, Callable[[int], list[Any]]] = {
    "mlp": mlp,
    "lstm": steps(lambda h: layers.LSTM(h, return_sequences=True)),
    "gru": steps(lambda h: layers.GRU(h, return_sequences=True)),
    "rnn": steps(lambda h: layers.SimpleRNN(h, return_sequences=True)),
    "bilstm": steps(lambda h: layers.Bidirectional(layers.LSTM(h, return_sequences=True))),
    "words": words,
    "bag": bag,
    "images": images,
    "mobile": mobile,
}


def main() -> None:
    """Write every net."""
    folder, backend = Path(sys.argv[1]), keras.backend.backend()
    folder.mkdir(parents=True, exist_ok=True)
    version = importlib.metadata.version(NEEDED[backend])
    told: dict[str, Any] = {"errors": {}}
    told["versions"] = f"Keras {keras.__version__} with {NEEDED[backend]} {version}"
    for name, make in NETS.items():
        for hidden in HIDDEN:
            keras.utils.set_random_seed(0)
            write(folder / f"{name}_{hidden}.keras", make(hidden), told["errors"])
    (folder / f"{NEEDED[backend]}.json").write_text(json.dumps(told, indent=2))


def write(path: Path, parts: list[Any], errors: dict[str, str]) -> None:
    """Write one net with an answer, unless it is there, and export it."""
    name, hidden = path.stem.rsplit("_", 1)
    (array,) = keras_layout(example(name, int(hidden), 2)).values()
    if not path.exists():
        model = keras.Sequential(parts)
        np.savez(path.with_suffix(".npz"), array, np.asarray(model(array)))
        model.save(path)
    model = keras.saving.load_model(path)
    model(array)
    to = NEEDED[keras.backend.backend()]
    target = path.with_suffix(f".{to}.onnx")
    try:
        model.export(target, format="onnx", verbose=False)
    except BaseException as error:
        errors[path.stem] = f"{type(error).__name__}: {first_line(error)[:160]}"
        target.unlink(missing_ok=True)


def keras_layout(arrays: Any) -> dict[str, Any]:
    """Return inputs as Keras has them: channels last, ids of int32."""
    given = {}
    for name, array in arrays.items():
        array = np.moveaxis(array, 1, -1) if array.ndim == 4 else array
        given[name] = array.astype(np.int32) if name == "ids" else np.ascontiguousarray(array)
    return given


def first_line(error: BaseException) -> str:
    """Return the first line of a message that says something; Keras puts one before it."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = [line for line in lines if not line.startswith("Exception encountered when calling")]
    return next(iter(said), "").replace("\x1b[1m", "").replace("\x1b[0m", "")


if __name__ == "__main__":
    main()
