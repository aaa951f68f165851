"""Make the Keras files of the tests, with what Keras gave for them.

In an environment of its own, because Keras is no dependency of this project::

    pip install keras "jax[cpu]"
    KERAS_BACKEND=jax python tools/checkpoints/make_keras.py tests/data/checkpoints/keras

and for the files of Keras 2 (2 GB)::

    pip install tf-keras tensorflow-cpu
    python tools/checkpoints/make_keras.py tests/data/checkpoints/keras --legacy

Each model is saved as ``.keras`` or ``.h5``; beside it stands a ``.npz`` per recorded run with the
inputs and then the outputs, in the model's order. The same seed gives the same arrays.
"""

import argparse
import importlib
import zlib
from pathlib import Path
from typing import Any

import numpy as np

try:
    from tools.checkpoints.keras_models import MODELS
except ImportError:  # run as a script
    from keras_models import MODELS

AS_HDF5 = {"stack", "graph"}
"""Models that Keras 3 saves as ``.h5`` too."""
LEGACY = [
    "stack",
    "images",
    "mobile",
    "cells",
    "directions",
    "masked_ids",
    "masked_steps",
    "graph",
    "scaling",
    "two_masks",
]
"""Models that Keras 2 makes, as ``.h5``; `shapes` and others have layers that it lacks."""


def main() -> None:
    """Make all files, or those that are named."""
    parser = argparse.ArgumentParser(description="Make the Keras files of the tests.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--legacy", action="store_true", help="with Keras 2 (tf-keras)")
    parser.add_argument("--only", nargs="*", help="names of models")
    options = parser.parse_args()
    keras = importlib.import_module("tf_keras" if options.legacy else "keras")
    options.folder.mkdir(parents=True, exist_ok=True)
    for name in options.only or (LEGACY if options.legacy else MODELS):
        rng = np.random.default_rng(zlib.crc32(name.encode()))
        keras.backend.clear_session()
        model, runs = MODELS[name](keras)
        randomize(model, rng)
        for suffix in suffixes(name, options.legacy):
            model.save(options.folder / f"{name}{suffix}")
        if name == "stack" and not options.legacy:
            model.save_weights(options.folder / "stack.weights.h5")
        stem = f"{name}_2" if options.legacy else name
        for number, shapes in enumerate(runs):
            inputs = [random_input(rng, *pair) for pair in zip(model.inputs, shapes, strict=True)]
            outputs = flat(model(inputs if len(inputs) > 1 else inputs[0]))
            np.savez(options.folder / f"{stem}.{number}.npz", *inputs, *outputs)


def suffixes(name: str, legacy: bool) -> list[str]:
    """Return how a model's files end."""
    if legacy:
        return ["_2.h5"]
    return [".keras"] + [".h5"] * (name in AS_HDF5)


def randomize(model: Any, rng: np.random.Generator) -> None:
    """Give every array numbers of its own; a trained net has no zeros and ones."""
    for variable in model.variables:
        if "seed" in variable.name or "count" in variable.name:
            continue
        shape = tuple(variable.shape)
        fan = max(int(np.prod(shape[:-1])), 1)
        drawn = rng.normal(size=shape, scale=min(1.5 / np.sqrt(fan), 0.6))
        if "variance" in variable.name or "gamma" in variable.name:
            drawn = np.abs(drawn) + 0.5
        variable.assign(drawn.astype("float32"))
    for layer in model.layers:
        if hasattr(layer, "finalize_state"):  # Normalization computes with copies of its variables
            layer.finalize_state()


def random_input(rng: np.random.Generator, tensor: Any, shape: tuple[int, ...]) -> Any:
    """Return ids with zeros among them, or numbers of which some steps are zeros throughout."""
    if "int" in str(tensor.dtype):
        ids = rng.integers(0, 6, shape).astype("int32")
        ids[0] = 0
        ids[-1, :2] = 0
        ids[1, -2:] = 0
        return ids
    x = rng.normal(size=shape).astype("float32")
    if len(shape) == 3 and shape[2] == 2 and shape[0] > 1:
        x[0, 1] = x[0, -1] = x[1, 0] = 0
    return x


def flat(outputs: Any) -> list[Any]:
    """Return the outputs as arrays in one list."""
    if isinstance(outputs, list | tuple):
        return [array for one in outputs for array in flat(one)]
    return [np.asarray(outputs)]


if __name__ == "__main__":
    main()
