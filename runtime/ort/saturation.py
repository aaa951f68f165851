"""Whether onnxruntime's 8-bit products saturate on this processor."""

import functools
import importlib

import numpy as np
import onnx
from onnx import helper

SIZE = 64
"""Rows and columns: enough for the kernels that large products take."""


@functools.cache
def int8_saturates() -> bool | None:
    """Say whether unsigned by signed 8-bit products saturate in 16 bits here; None without it.

    x86 processors with AVX2 or AVX-512 and without VNNI add pairs of products in 16 bits. It is
    tried, not told from the processor's name: two pairs of the largest numbers are summed.
    """
    try:
        ort = importlib.import_module("onnxruntime")
    except ImportError:
        return None
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["a", "b"], ["y"])],
        "saturation",
        [
            helper.make_tensor_value_info("a", onnx.TensorProto.UINT8, [SIZE, SIZE]),
            helper.make_tensor_value_info("b", onnx.TensorProto.INT8, [SIZE, SIZE]),
        ],
        [helper.make_tensor_value_info("y", onnx.TensorProto.INT32, [SIZE, SIZE])],
    )
    imports = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=imports, ir_version=8)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    a, b = np.full((SIZE, SIZE), 255, np.uint8), np.full((SIZE, SIZE), 127, np.int8)
    return bool((session.run(None, {"a": a, "b": b})[0] != SIZE * 255 * 127).any())
