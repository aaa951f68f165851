"""What of a graph follows from the shapes that it is fed, whatever the numbers in them."""

from collections.abc import Mapping

from .plan import MISSING, Program, Step

_BY_SHAPES = """
Abs Acos Acosh Add And ArgMax ArgMin Asin Asinh Atan Atanh AveragePool BatchNormalization
BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Cast Ceil Celu Clip Concat Conv ConvInteger
ConvTranspose Cos Cosh CumSum DepthToSpace DequantizeLinear Div Dropout DynamicQuantizeLinear
Einsum Elu Equal Erf Exp Flatten Floor Gather GatherElements GatherND Gelu Gemm GlobalAveragePool
GlobalMaxPool Greater GreaterOrEqual GRU HardSigmoid HardSwish Identity InstanceNormalization
IsInf IsNaN LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax LRN LSTM MatMul
MatMulInteger Max MaxPool Mean Min Mish Mod Mul Neg Not Or Pow PRelu QLinearConv QLinearMatMul
QuantizeLinear Reciprocal Relu RMSNormalization RNN Round ScatterElements ScatterND Selu Shape
Sigmoid Sign Sin Sinh Size Softmax Softplus Softsign SpaceToDepth Sqrt Sub Sum Tan Tanh
ThresholdedRelu Transpose Trilu Where Xor
"""
_BY_VALUES = {
    "ConstantOfShape": (0,),
    "Expand": (1,),
    "Pad": (1, 3),
    "Range": (0, 1, 2),
    "Reshape": (1,),
    "Slice": (1, 2, 3, 4),
    "Split": (1,),
    "Squeeze": (1,),
    "Tile": (1,),
    "TopK": (1,),
    "Unsqueeze": (1,),
}
_REDUCED = "L1 L2 LogSum LogSumExp Max Mean Min Prod Sum SumSquare"
DECIDING: Mapping[str, tuple[int, ...]] = {
    **dict.fromkeys(_BY_SHAPES.split(), ()),
    **{f"Reduce{kind}": (1,) for kind in _REDUCED.split()},
    **_BY_VALUES,
}
"""Operators of ONNX whose outputs' shapes follow from the inputs' shapes and from the values of the
inputs at these positions. What is not listed may depend on anything."""
MEASURES = ("Shape", "Size")


def known_by_shapes(program: Program) -> set[int]:
    """Return the slots whose values follow from the shapes of what the program is fed.

    Constants are not among them; they follow from nothing.
    """
    values, shapes = {MISSING, *program.constants}, {MISSING, *program.constants}
    computed = {slot for step in program.steps for slot in step.outputs}
    captured = {slot for slot, _ in program.captures}
    shapes.update(set(range(program.size)) - computed - captured)
    found: set[int] = set()
    for step in program.steps:
        if _value_known(step, values, shapes):
            found.update(step.outputs)
            values.update(step.outputs)
            shapes.update(step.outputs)
        elif _shape_known(step, values, shapes):
            shapes.update(step.outputs)
    return found


def _value_known(step: Step, values: set[int], shapes: set[int]) -> bool:
    if step.source != "own" or step.node.domain:
        return False
    if step.node.op_type in MEASURES:
        return shapes.issuperset(step.inputs)
    return step.traits.growth is not None and values.issuperset(step.inputs)


def _shape_known(step: Step, values: set[int], shapes: set[int]) -> bool:
    deciding = DECIDING.get(step.node.op_type)
    if deciding is None or step.source != "own" or step.node.domain:
        return False
    given = step.inputs
    return shapes.issuperset(given) and all(given[p] in values for p in deciding if p < len(given))
