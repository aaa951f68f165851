"""Make a file as Keras 2.2 wrote it, with cuDNN layers, whose outputs a newer Keras 2 gives.

In the environment of Keras 2 (see make_keras.py)::

    python tools/checkpoints/make_old_keras.py tests/data/checkpoints/keras

Keras 2.2 itself no longer runs. What is old about the file is written here by hand: a Sequential
model as a bare list of layers, the input's shape at the first of them, CuDNNLSTM and CuDNNGRU with
their arrays in cuDNN's order. The same arrays in the plain layers of tf-keras give the outputs.
"""

import json
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import tf_keras as keras
from make_keras import randomize

UNITS, FEATURES = 3, 4


def main() -> None:
    """Write the file and the records of two runs."""
    folder = Path(sys.argv[1])
    la = keras.layers
    plain = [la.LSTM(UNITS, return_sequences=True), la.GRU(UNITS), la.Dense(2)]
    model = keras.Sequential([la.Input((None, FEATURES)), *plain])
    rng = np.random.default_rng(7)
    randomize(model, rng)
    names = ["cu_dnnlstm_1", "cu_dnngru_1", "dense_1"]
    kinds = ["CuDNNLSTM", "CuDNNGRU", "Dense"]
    configs: list[dict[str, Any]] = [
        {"units": UNITS, "return_sequences": True, "batch_input_shape": [None, None, FEATURES]},
        {"units": UNITS, "return_sequences": False},
        {"units": 2, "activation": "linear", "use_bias": True},
    ]
    layers = [
        {"class_name": kind, "config": {"name": name, "trainable": True, **config}}
        for kind, name, config in zip(kinds, names, configs, strict=True)
    ]
    with h5py.File(folder / "old_2.h5", "w") as file:
        file.attrs["keras_version"] = b"2.2.4"
        file.attrs["backend"] = b"tensorflow"
        file.attrs["model_config"] = json.dumps(
            {"class_name": "Sequential", "config": layers}
        ).encode()
        top = file.create_group("model_weights")
        top.attrs["layer_names"] = [name.encode() for name in names]
        for name, kind, layer in zip(names, kinds, plain, strict=True):
            roles = ["kernel", "recurrent_kernel", "bias"]
            if kind == "Dense":
                roles.remove("recurrent_kernel")
            for role, array in zip(roles, arrays(kind, layer), strict=True):
                top.create_dataset(f"{name}/{name}/{role}:0", data=array)
    for number, shape in enumerate([(2, 6, FEATURES), (3, 4, FEATURES)]):
        x = rng.normal(size=shape).astype("float32")
        np.savez(folder / f"old_2.{number}.npz", x, np.asarray(model(x)))


def arrays(kind: str, layer: Any) -> list[Any]:
    """Return a layer's arrays; for cuDNN each gate's block output-first, and two halves of bias."""
    found = layer.get_weights()
    if kind == "Dense":
        return list(found)
    count = 4 if kind == "CuDNNLSTM" else 3
    kernel, recurrent = (turned(array, count) for array in found[:2])
    bias = found[2]
    half = np.concatenate([bias, np.zeros_like(bias)]) if count == 4 else bias.reshape(-1)
    return [kernel, recurrent, half]


def turned(array: Any, count: int) -> Any:
    """Return kernels whose blocks have the memory of their transposes."""
    rows = array.shape[0]
    return np.hstack([block.T.reshape(rows, -1) for block in np.split(array, count, axis=1)])


if __name__ == "__main__":
    main()
