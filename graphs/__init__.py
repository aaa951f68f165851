"""Build portable ONNX models from plain weight arrays.

A :class:`Network` takes inputs with named dims through layers to outputs; weights come in
containers, which check every array when they are made. ``build`` gives a checked
``onnx.ModelProto``, ``save`` a file.
"""

from .errors import GraphError
from .keras import from_keras_file
from .network import Network
from .read import read
from .weights import (
    BatchNormWeights,
    ConvWeights,
    DenseWeights,
    EmbeddingWeights,
    GRUWeights,
    LayerNormWeights,
    Layout,
    LSTMWeights,
    RNNWeights,
    load_weights,
)

__all__ = [
    "BatchNormWeights",
    "ConvWeights",
    "DenseWeights",
    "EmbeddingWeights",
    "GRUWeights",
    "GraphError",
    "LSTMWeights",
    "LayerNormWeights",
    "Layout",
    "Network",
    "RNNWeights",
    "from_keras_file",
    "load_weights",
    "read",
]
