"""Weight containers: canonical arrays, checked at the call, from and to the layouts people have."""

from ..checkpoints.load import load_weights
from .conv import ConvWeights
from .dense import DenseWeights
from .gru import GRUWeights
from .layout import Layout
from .lstm import LSTMWeights
from .norm import BatchNormWeights
from .rnn import RNNWeights

__all__ = [
    "BatchNormWeights",
    "ConvWeights",
    "DenseWeights",
    "GRUWeights",
    "LSTMWeights",
    "Layout",
    "RNNWeights",
    "load_weights",
]
