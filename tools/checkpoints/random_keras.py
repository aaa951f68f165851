"""Make random Keras models with what Keras gave for them, to hold the conversion against.

In Keras's environment (see make_keras.py), and then in this project's own::

    KERAS_BACKEND=jax python tools/checkpoints/random_keras.py /tmp/random --count 60 --seed 1
    python tools/checkpoints/check_keras.py /tmp/random
"""

import argparse
import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

try:
    from tools.checkpoints.make_keras import flat, random_input, randomize
except ImportError:  # run as a script
    from make_keras import flat, random_input, randomize

ACTIVATIONS = [
    "linear", "relu", "tanh", "sigmoid", "elu", "selu", "softplus", "softsign", "gelu", "swish",
    "exponential", "hard_sigmoid", "softmax",
]  # fmt: skip
KERAS_3 = [
    "leaky_relu", "relu6", "silu", "mish", "hard_silu", "log_softmax", "celu", "hard_tanh",
    "log_sigmoid", "hard_shrink", "soft_shrink", "tanh_shrink", "squareplus", "sparse_plus",
    "sparse_sigmoid",
]  # fmt: skip
CELL = ["tanh", "relu", "sigmoid", "hard_sigmoid", "elu", "softsign", "linear"]


class Maker:
    """Random layers on a tensor, drawn from `rng`."""

    def __init__(self, keras: Any, rng: np.random.Generator) -> None:
        self.layers, self.rng = keras.layers, rng
        self.modern = keras.__version__.startswith("3")

    def one(self, *values: Any) -> Any:
        """Return one of the values."""
        return values[int(self.rng.integers(len(values)))]

    def some(self, low: int, high: int, count: int) -> Any:
        """Return one number for all dims, or one per dim."""
        drawn = [int(n) for n in self.rng.integers(low, high + 1, count)]
        return self.one(tuple(drawn), drawn[0])

    def flag(self) -> bool:
        """Return true or false."""
        return bool(self.rng.integers(2))

    def activation(self) -> str:
        """Return the name of an activation."""
        names = ACTIVATIONS + KERAS_3 * self.modern
        return str(self.one(*names))

    def window(self, rank: int) -> dict[str, Any]:
        """Return kernel, stride, dilation and padding."""
        padding = self.one("same", "valid")
        if self.flag():
            return {"strides": int(self.one(1, 2, 3)), "padding": padding}
        return {"dilation_rate": int(self.one(1, 2)), "padding": padding}

    def image(self, x: Any, rank: int) -> Any:
        """Return a layer of `x`, which has `rank` spatial dims."""
        la, size = self.layers, min([n or 6 for n in x.shape[1:-1]])
        kernel = self.some(1, min(3, size), rank)
        options: list[Callable[[], Any]] = [
            lambda: getattr(la, f"Conv{rank}D")(
                4, kernel, activation=self.activation(), use_bias=self.flag(), **self.window(rank)
            ),
            lambda: la.BatchNormalization(scale=self.flag(), center=self.flag(), epsilon=1e-2),
            lambda: la.Activation(self.activation()),
            lambda: getattr(la, f"ZeroPadding{rank}D")(self.pairs(rank)),
            lambda: getattr(la, f"{self.one('Max', 'Average')}Pooling{rank}D")(
                self.some(1, 3, rank), strides=self.one(None, 1, 2), padding="same"
            ),
            lambda: getattr(la, f"UpSampling{rank}D")(self.some(1, 2, rank) if rank > 1 else 2),
            lambda: la.LeakyReLU(),
            lambda: la.ReLU(6.0, self.one(0.0, 0.1), self.one(0.0, 0.3)),
            lambda: la.PReLU(shared_axes=list(range(1, rank + 1))),
            lambda: la.LayerNormalization(),
            lambda: getattr(la, f"Conv{rank}DTranspose")(
                3, self.some(1, 4, rank), strides=self.one(1, 2, 3), activation=self.activation(),
                padding=self.one("same", "valid"),
            ),
        ]  # fmt: skip
        if rank == 1:
            options += [
                lambda: la.Conv1D(4, 3, padding="causal", dilation_rate=self.one(1, 2)),
                lambda: la.SeparableConv1D(4, 2, padding="same", depth_multiplier=2),
            ]
        if rank == 2:
            options += [
                lambda: la.DepthwiseConv2D(
                    kernel, strides=self.one(1, 2), depth_multiplier=self.one(1, 2), padding="same"
                ),
                lambda: la.SeparableConv2D(5, kernel, strides=self.one(1, 2), padding="same"),
            ]
        return self.one(*options)()(x)

    def pairs(self, rank: int) -> Any:
        """Return how much to pad on each side of each dim."""
        if rank == 1:
            return tuple(int(n) for n in self.rng.integers(0, 3, 2))
        return tuple(tuple(int(n) for n in self.rng.integers(0, 3, 2)) for _ in range(rank))

    def cell(self, sequences: bool) -> Any:
        """Return a recurrent layer."""
        la = self.layers
        common: dict[str, Any] = {
            "units": int(self.rng.integers(1, 5)),
            "return_sequences": sequences,
            "use_bias": self.flag(),
            "activation": self.one("tanh", "tanh", *CELL),
        }
        kind = self.one("LSTM", "GRU", "SimpleRNN")
        if kind != "SimpleRNN":
            common["recurrent_activation"] = self.one("sigmoid", "hard_sigmoid")
        if kind == "GRU":
            common["reset_after"] = self.flag()
        return getattr(la, kind)(**common)

    def recurrent(self, x: Any, sequences: bool) -> Any:
        """Return a recurrent layer of `x`, in one direction or two."""
        layer = self.cell(sequences)
        if self.flag():
            mode = self.one("concat", "sum", "mul", "ave")
            return self.layers.Bidirectional(layer, merge_mode=mode)(x)
        layer.go_backwards = bool(self.one(False, False, True))
        return layer(x)

    def step(self, x: Any) -> Any:
        """Return a layer of a sequence of vectors that gives one again."""
        la = self.layers
        options: list[Callable[[], Any]] = [
            lambda: self.recurrent(x, True),
            lambda: la.Dense(3, activation=self.activation())(x),
            lambda: la.TimeDistributed(la.Dense(4, activation=self.activation()))(x),
            lambda: la.BatchNormalization()(x),
            lambda: la.LayerNormalization(epsilon=1e-2)(x),
            lambda: la.Dropout(0.3)(x),
            lambda: self.joined(x),
        ]
        return self.one(*options)()

    def joined(self, x: Any) -> Any:
        """Return two layers of a sequence, merged."""
        la, units = self.layers, int(self.rng.integers(1, 4))
        a = la.GRU(units, return_sequences=True)(x)
        b = la.Dense(units, activation="tanh")(x)
        return self.one(la.Add, la.Multiply, la.Average, la.Concatenate)()([a, b])


def image_model(m: Maker, keras: Any) -> Any:
    """Return a convolutional model, its spatial dims open or not, and the shapes of two runs."""
    rank = int(m.one(1, 2, 2, 3))
    sizes = [int(n) for n in m.rng.integers(6, 10, rank)]
    fixed = m.flag()
    channels = int(m.rng.integers(1, 4))
    x = keras.Input((*(sizes if fixed else [None] * rank), channels))
    y = x
    for _ in range(int(m.rng.integers(1, 6))):
        y = m.image(y, rank)
    la = m.layers
    pools = [la.Flatten] if fixed else []
    pools += [getattr(la, f"Global{kind}Pooling{rank}D") for kind in ("Max", "Average")]
    y = la.Dense(3, activation=m.activation())(m.one(*pools)()(y))
    other = sizes if fixed else [size + 3 for size in sizes]
    return keras.Model(x, y), [[(2, *sizes, channels)], [(1, *other, channels)]]


def sequence_model(m: Maker, keras: Any) -> Any:
    """Return a recurrent model over vectors or masked ids, and the shapes of two runs."""
    la = m.layers
    kind = m.one("vectors", "ids", "masked")
    if kind == "ids":
        x = keras.Input((None,), dtype="int32")
        y = la.Embedding(6, 3, mask_zero=m.flag())(x)
        shapes: Any = [[(3, 6)], [(2, 8)]]
    else:
        x = keras.Input((None, 2))
        y = la.Masking()(x) if kind == "masked" else x
        shapes = [[(3, 6, 2)], [(2, 8, 2)]]
    for _ in range(int(m.rng.integers(0, 4))):
        y = m.step(y)
    last = m.recurrent(y, m.flag())
    return keras.Model(x, [la.Dense(2)(last), y]), shapes


def main() -> None:
    """Make so many models."""
    parser = argparse.ArgumentParser(description="Make random Keras models.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--legacy", action="store_true", help="with Keras 2 (tf-keras)")
    options = parser.parse_args()
    keras = importlib.import_module("tf_keras" if options.legacy else "keras")
    options.folder.mkdir(parents=True, exist_ok=True)
    for number in range(options.count):
        rng = np.random.default_rng((options.seed, number))
        keras.backend.clear_session()
        make = image_model if number % 2 else sequence_model
        try:
            model, runs = make(Maker(keras, rng), keras)
        except ValueError as error:  # a window that does not fit: no model to convert
            print(f"{number}: no model: {str(error).splitlines()[0]}")
            continue
        randomize(model, rng)
        stem = f"r{options.seed}_{number}"
        suffix = ".h5" if options.legacy or number % 5 == 4 else ".keras"
        model.save(options.folder / f"{stem}{suffix}")
        for run, shapes in enumerate(runs):
            inputs = [random_input(rng, *pair) for pair in zip(model.inputs, shapes, strict=True)]
            outputs = flat(model(inputs if len(inputs) > 1 else inputs[0]))
            np.savez(options.folder / f"{stem}.{run}.npz", *inputs, *outputs)


if __name__ == "__main__":
    main()
