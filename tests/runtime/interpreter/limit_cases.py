"""Small models that ask for sizes of their own: how much is the input `m`."""

import onnx
import onnx.parser

HEAD = '<ir_version: 8, opset_import: ["" : {opset}]> g '
"""Every model has x [2, 3], i (int64 [2]), and m, an int64 scalar, with `v` = [m]."""
SIGNATURE = """(float[2, 3] x, int64[2] i, int64 m) => (float y) {
    zero = Constant <value_ints = [0]> ()
    one = Constant <value_ints = [1]> ()
    two = Constant <value_ints = [2]> ()
    v = Unsqueeze (m, zero)
    w = Concat <axis = 0> (one, v)
    """

GROWING = {
    "ConstantOfShape": "y = ConstantOfShape (v)",
    "ConstantOfShape, empty": """s = Concat <axis = 0> (zero, v)
        e = ConstantOfShape (s)  y = ReduceSum <keepdims = 0> (e, zero)""",
    "Range": "y = Range (o, m, n)",
    "Expand": "a = Expand (one, w)  y = Neg (a)",
    "Reshape, empty": """e = ConstantOfShape (zero)  s = Concat <axis = 0> (zero, v)
        r = Reshape <allowzero = 1> (e, s)  y = ReduceSum <keepdims = 0> (r, zero)""",
    "Tile": "y = Tile (x, w)",
    "Pad": "s = Concat <axis = 0> (zero, v, one, one)  y = Pad (x, s)",
    "Pad, edge": """s = Concat <axis = 0> (zero, v, one, one)
        y = Pad <mode = "edge"> (x, s)""",
    "OneHot": "c = Constant <value_floats = [0.0, 1.0]> ()  y = OneHot (i, v, c)",
    "EyeLike": "c = Cast <to = 9> (one)  a = Expand (c, w)  y = EyeLike <dtype = 1> (a)",
    "Resize": """s = Concat <axis = 0> (one, v)  y = Resize (x, , , s)""",
    "Resize, scales": """f = Cast <to = 1> (w)  y = Resize (x, , f)""",
    "Gather": "a = Expand (zero, v)  y = Gather (x, a)",
    "Gather, embedding": """a = Range (o, m, n)  b = Mod (a, two)
        y = Gather (x, b)""",
    "MatMul": "c = Concat <axis = 0> (v, one)  a = ConstantOfShape (c)  b = ConstantOfShape (w)  "
    "y = MatMul (a, b)",
    "MatMul of nothing": """c = Concat <axis = 0> (v, zero)  a = ConstantOfShape (c)
        d = Concat <axis = 0> (zero, v)  b = ConstantOfShape (d)  y = MatMul (a, b)""",
    "MatMul, batches on the left": """c = Concat <axis = 0> (v, one, one, one)
        d = Concat <axis = 0> (v, one, one)  a = ConstantOfShape (c)  b = ConstantOfShape (d)
        y = MatMul (a, b)""",
    "MatMul, batches on the right": """c = Concat <axis = 0> (v, one, one, one)
        d = Concat <axis = 0> (v, one, one)  a = ConstantOfShape (c)  b = ConstantOfShape (d)
        y = MatMul (b, a)""",
    "MatMul of a matrix and matrices": """c = Concat <axis = 0> (v, one)
        d = Concat <axis = 0> (one, one, v)  a = ConstantOfShape (c)  b = ConstantOfShape (d)
        y = MatMul (a, b)""",
    "Gemm": "c = Concat <axis = 0> (v, one)  a = ConstantOfShape (c)  y = Gemm <transB = 1> (a, a)",
    "Einsum": 'a = ConstantOfShape (v)  y = Einsum <equation = "i,j->ij"> (a, a)',
    "Where": """c = Concat <axis = 0> (v, one)  a = ConstantOfShape (c)  b = ConstantOfShape (w)
        d = Cast <to = 9> (a)  y = Where (d, a, b)""",
    "Max": "c = Concat <axis = 0> (v, one)  a = ConstantOfShape (c)  b = ConstantOfShape (w)  "
    "y = Max (a, b)",
    "Add over what it may overwrite": """c = Concat <axis = 0> (v, one)  a = ConstantOfShape (c)
        b = ConstantOfShape (w)  d = Exp (a)  y = Add (d, b)""",
    "Add": """c = Concat <axis = 0> (v, one)  a = ConstantOfShape (c)
        b = ConstantOfShape (w)  d = Add (a, b)  e = Add (a, b)  y = Add (d, e)""",
    "Less": """c = Concat <axis = 0> (v, one)  a = ConstantOfShape (c)
        b = ConstantOfShape (w)  d = Less (a, b)  y = Cast <to = 1> (d)""",
    "Add in a branch": """c = Concat <axis = 0> (v, one)  a = ConstantOfShape (c)
        b = ConstantOfShape (w)  t = Cast <to = 9> (one)
        y = If (t) <then_branch = t () => (float p) { p = Add (a, b) },
            else_branch = e () => (float q) { q = Neg (a) }>""",
    "Concat": "a = ConstantOfShape (v)  y = Concat <axis = 0> (AAAA)",
    "RandomNormalLike": """c = Cast <to = 9> (one)  a = Expand (c, w)
        y = RandomNormalLike <dtype = 1> (a)""",
    "SplitToSequence": """a = Expand (zero, v)
        s = SplitToSequence <axis = 0> (a)  n = SequenceLength (s)  y = Cast <to = 1> (n)""",
    "ConcatFromSequence": """a = ConstantOfShape (v)  s = SequenceConstruct (AAAA)
        y = ConcatFromSequence <axis = 0> (s)""",
    "NonZero": "c = Cast <to = 9> (one)  a = Expand (c, w)  n = NonZero (a)  y = Cast <to = 1> (n)",
    "Cast": """c = Cast <to = 9> (one)  a = Expand (c, v)  y = Cast <to = 11> (a)""",
}
"""Name to nodes that make something of m, or of m times m, elements. The operator that the name
begins with makes the first array that is too large, at every one of its `sizes`."""
TWO = ("MatMul", "Gemm", "Einsum", "Where", "Max", "Add", "Less")
"""They make m times m elements of two arrays of m elements."""


def sizes(name: str) -> tuple[int, ...]:
    """Return values of m at which a model of `GROWING` makes what 16 MiB do not hold."""
    operator = name.split()[0].rstrip(",")
    if operator in TWO:
        return 2500 if operator in ("MatMul", "Gemm", "Einsum") else 1 << 14, 1 << 20
    if name.startswith("Gather"):  # 12 bytes for 8 of the indices
        return 1_400_000, 1_600_000
    if name in ("Concat", "SplitToSequence", "ConcatFromSequence"):
        return 1 << 19, 1 << 20
    if name in ("EyeLike", "RandomNormalLike", "Cast", "NonZero"):  # of one byte for each
        return 5_000_000, 1 << 24
    return 1 << 23, 1 << 40, 1 << 61


def growing(name: str, opset: int = 17) -> onnx.ModelProto:
    """Return a model of `GROWING`."""
    nodes = GROWING[name].replace("AAAA", ", ".join("a" * 40))
    constants = "o = Constant <value_int = 0> ()  n = Constant <value_int = 1> ()  "
    text = HEAD.format(opset=opset) + SIGNATURE + (constants if "o, m, n" in nodes else "") + nodes
    return onnx.parser.parse_model(text + " }")


def attributes(size: int) -> dict[str, str]:
    """Return name to nodes whose attributes ask for `size`; x is [1, 1, 3, 3], w [1, 1, 2, 2]."""
    return {
        "Conv": f"y = Conv <pads = [0, {size}, 0, 0]> (x, w)",
        "ConvTranspose, strides": f"y = ConvTranspose <strides = [1, {size}]> (x, w)",
        "ConvTranspose, output_shape": f"y = ConvTranspose <output_shape = [3, {size}]> (x, w)",
        "ConvTranspose, output_padding": f"y = ConvTranspose <output_padding = [0, {size}]> (x, w)",
        "ConvTranspose, dilations": f"y = ConvTranspose <dilations = [1, {size}]> (x, w)",
        "MaxPool": f"y = MaxPool <kernel_shape = [2, 2], pads = [0, {size}, 0, 0]> (x)",
        "AveragePool": f"y = AveragePool <kernel_shape = [1, {size}], pads = [0, {size}, 0, 0]>(x)",
        "LpPool": f"y = LpPool <kernel_shape = [1, {size}], pads = [0, {size}, 0, 0]> (x)",
        "MaxUnpool": f"""i = Cast <to = 7> (x)
            y = MaxUnpool <kernel_shape = [2, 2], strides = [1, {size}]> (x, i)""",
        "MaxRoiPool": f"""s = Constant <value_ints = [0, 5]> ()  t = Constant <value_ints = [1]> ()
            u = Constant <value_ints = [1, 5]> ()  r = ConstantOfShape (u)
            y = MaxRoiPool <pooled_shape = [1, {size}]> (x, r)""",
        "Multinomial": f"""a = Flatten (x)  b = Multinomial <sample_size = {size}> (a)
            y = Cast <to = 1> (b)""",
        "Split": f"y = Split <axis = 3, num_outputs = {size}> (x)",
        "RandomUniform": f"y = RandomUniform <shape = [{size}]> ()",
    }


def asking(name: str, size: int) -> onnx.ModelProto:
    """Return a model of `attributes`."""
    head = HEAD.format(opset=18)
    text = f"{head}(float[1, 1, 3, 3] x, float[1, 1, 2, 2] w) => (float y) {{"
    return onnx.parser.parse_model(text + attributes(size)[name] + " }")
