"""The converters of Keras's layers, a file per family."""

from . import (
    activation,
    arithmetic,
    conv,
    conv_transpose,
    core,
    identity,
    indexing,
    logic,
    merge,
    norm,
    pool,
    preprocessing,
    recurrent,
    resize,
    shape,
    wrappers,
)

__all__ = [
    "activation",
    "arithmetic",
    "conv",
    "conv_transpose",
    "core",
    "identity",
    "indexing",
    "logic",
    "merge",
    "norm",
    "pool",
    "preprocessing",
    "recurrent",
    "resize",
    "shape",
    "wrappers",
]
