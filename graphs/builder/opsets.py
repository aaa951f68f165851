"""The opsets that a network can be built in."""

import onnx

OLDEST_OPSET = 13
"""Axes became inputs of Squeeze, Unsqueeze and ReduceSum here; the layers use that form."""
NEWEST_OPSET = max(
    version for domain, version in onnx.helper.OP_SET_ID_VERSION_MAP if domain == "ai.onnx"
)
"""The last opset that the installed onnx has released: it may hold schemas of a later one."""
