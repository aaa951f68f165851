"""Weight containers: canonical arrays, checked at the call, from and to the layouts people have."""

from ..checkpoints.load import load_weights
from .conv import ConvWeights
from .dense import DenseWeights
from .embedding import EmbeddingWeights
from .gru import GRUWeights
from .layer_norm import LayerNormWeights
from .layout import Layout
from .lstm import LSTMWeights
from .norm import BatchNormWeights
from .rnn import RNNWeights

__all__ = [
    "BatchNormWeights",
    "ConvWeights",
    "DenseWeights",
    "EmbeddingWeights",
    "GRUWeights",
    "LSTMWeights",
    "LayerNormWeights",
    "Layout",
    "RNNWeights",
    "load_weights",
]
