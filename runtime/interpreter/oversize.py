"""How large the output of a reference kernel will be, before it is asked for.

The reference kernels work element by element in Python: an absurd size in a small file would keep
one of them busy for days. Their elements count as steps of the run, besides the memory that they
take.
"""

import math
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np
import onnx

from .guards import guard
from .run_limits import check_bytes, count_steps

PER_STEP = 8
"""Elements that count as one step: each takes from 0.04 to 5 us."""
_READ = 64
"""Elements of an input up to which its values, not its type alone, are shown to the inference."""


def check_outputs(model: onnx.ModelProto, inputs: Mapping[str, Any]) -> None:
    """Refuse to run the only node of `model` on `inputs` where its output would be enormous.

    Raises
    ------
    LimitError
        It would take more bytes than the run's limit, or all such nodes together too long.
    """
    node = model.graph.node[0]
    for attribute in node.attribute:
        if attribute.name == "shape":  # of a random operator, whose attributes may be wrong
            check_bytes(attribute.ints, np.float64)
        elif attribute.name == "inputdimensions":  # of FeatureVectorizer, whose output they are
            rows = max((len(x) for x in inputs.values() if np.ndim(x)), default=1)
            check_bytes((rows, sum(map(abs, attribute.ints))), np.float64)
    guard(node, inputs)
    for shape in _shapes(model, inputs):
        check_bytes(shape, np.float32)
        if not node.op_type.startswith("Random"):
            count_steps(math.prod(shape) // PER_STEP)


def _shapes(model: onnx.ModelProto, inputs: Mapping[str, Any]) -> list[tuple[int, ...]]:
    """Return the shapes that ONNX infers for the outputs; those it cannot tell are left out."""
    node, opset = model.graph.node[0], model.opset_import[0]
    arrays = {n: a for n, a in inputs.items() if isinstance(a, np.ndarray) and a.dtype != object}
    found: Mapping[str, onnx.TypeProto] = {}
    # The library's own errors: it cannot infer what was not given, or is wrong about a type.
    with suppress(Exception):
        found = onnx.shape_inference.infer_node_outputs(
            onnx.defs.get_schema(node.op_type, opset.version, opset.domain),
            node,
            {name: _type(array) for name, array in arrays.items()},
            {n: onnx.numpy_helper.from_array(a) for n, a in arrays.items() if a.size <= _READ},
            opset_imports=[opset],
            ir_version=model.ir_version,
        )
    return [tuple(dim.dim_value for dim in kind.tensor_type.shape.dim) for kind in found.values()]


def _type(array: Any) -> onnx.TypeProto:
    return onnx.helper.make_tensor_type_proto(
        onnx.helper.np_dtype_to_tensor_dtype(array.dtype), array.shape
    )
