"""Malformed inputs: what a user can get wrong, as calls; ``texts.txt`` has what each is told."""

from .arrays import ARRAYS
from .common import Call
from .layers import LAYERS
from .networks import NETWORKS

__all__ = ["ARRAYS", "LAYERS", "NETWORKS", "Call"]
