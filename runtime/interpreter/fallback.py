"""The operators that run on the ``onnx`` package's own reference kernels, each with its reason."""

from typing import Any

import numpy as np
import onnx
from onnx import NodeProto

from .dtypes import widen
from .registry import Kernel, NodeInfo

OPERATORS: dict[tuple[str, str], str] = {}
"""Domain and operator to why it has no kernel here."""


def kernel(node: NodeProto, info: NodeInfo) -> Kernel:
    """Return a function that runs `node` alone on ``onnx.reference``."""
    from onnx.reference import ReferenceEvaluator

    raise NotImplementedError
