"""Small models over every family of operators, from which the mutations start."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import onnx.parser
from numpy.typing import NDArray

Feeds = dict[str, NDArray[Any]]

HEAD = '<ir_version: 8, opset_import: ["" : 17, "f" : 1]>'


@dataclass(frozen=True)
class Seed:
    """A model that runs, and feeds for it."""

    name: str
    model: onnx.ModelProto
    feeds: Feeds


_TEXTS = {
    "mlp": ("float[n, 4] x", "float[n, 3] y", """
        a = Gemm <transB = 1> (x, w34, b3)
        b = Relu (a)
        y = Softmax <axis = -1> (b)""", "w34:3,4 b3:3"),
    "conv": ("float[1, 2, 6, 6] x", "float[1, 6] y", """
        a = Conv <pads = [1, 1, 1, 1], strides = [2, 1]> (x, k, b3)
        b = MaxPool <kernel_shape = [2, 2], ceil_mode = 1> (a)
        c = AveragePool <kernel_shape = [2, 2], count_include_pad = 1, pads = [0, 1, 0, 1]> (b)
        d = GlobalAveragePool (c)
        e = ConvTranspose <strides = [1, 2]> (d, t)
        y = Flatten <axis = 1> (e)""", "k:3,2,3,3 b3:3 t:3,3,1,1"),
    "lstm": ("float[t, n, 3] x, int32[n] lens, float[1, n, 4] h0", "float[t, 1, n, 4] y", """
        y, h, c = LSTM <hidden_size = 4, clip = 5.0> (x, w, r, b, lens, h0, h0, p)""",
        "w:1,16,3 r:1,16,4 b:1,32 p:1,12"),
    "gru": ("float[t, n, 3] x, int32[n] lens", "float[t, 2, n, 4] y", """
        y, h = GRU <hidden_size = 4, direction = "bidirectional", linear_before_reset = 1>
            (x, w, r, b, lens)""", "w:2,12,3 r:2,12,4 b:2,24"),
    "rnn": ("float[n, t, 3] x", "float[n, t, 1, 4] y", """
        y = RNN <hidden_size = 4, layout = 1, direction = "reverse", activations = ["Affine"],
            activation_alpha = [0.5], activation_beta = [0.1]> (x, w, r)""", "w:1,4,3 r:1,4,4"),
    "scan": ("float[t, 3] x", "float[t, 3] y", """
        i = Constant <value = float[3] {0.0, 0.0, 0.0}> ()
        f, y = Scan <num_scan_inputs = 1, body = step (float[3] u, float[3] e) =>
            (float[3] v, float[3] w) { v = Add (u, e)  w = Tanh (v) }> (i, x)""", ""),
    "loop": ("int64 m, bool c, float[2] x", "float[2] y, float[k, 2] z", """
        y, z = Loop <body = step (int64 i, bool a, float[2] u) => (bool b, float[2] v, float[2] w)
            { b = Identity (a)  v = Add (u, x)  w = Sin (v) }> (m, c, x)""", ""),
    "if": ("bool c, float[2] x", "float[2] y", """
        y = If (c) <then_branch = t () => (float[2] p) { p = Neg (x) },
            else_branch = e () => (float[2] q) { r = Abs (x)  q = Sqrt (r) }>""", ""),
    "shapes": ("float[2, 3, 4] x, int64[k] s", "float[a, b] y, int64[d] z", """
        z = Shape (x)
        a = Reshape (x, s)
        st = Constant <value_ints = [0, 1]> ()
        en = Constant <value_ints = [2, 9]> ()
        ax = Constant <value_ints = [0, 1]> ()
        sp = Constant <value_ints = [1, 2]> ()
        b = Slice (a, st, en, ax, sp)
        pd = Constant <value_ints = [0, 1, 1, 0]> ()
        c = Pad <mode = "reflect"> (b, pd)
        r = Constant <value_ints = [1, 2]> ()
        d = Tile (c, r)
        f = Transpose <perm = [1, 0]> (d)
        g, h = Split <axis = 0> (f)
        y = Concat <axis = 0> (g, h)""", ""),
    "gather": ("int64[n] i, float[n, 2] u", "float[n, 3] y, float[5, 2] z", """
        y = Gather <axis = 0> (w, i)
        j = Unsqueeze (i, one)
        k = Concat <axis = 1> (j, j)
        zz = Expand (half, shape)
        z = ScatterElements <axis = 0> (zz, k, u)""", "w:5,3 half:1,1 one=1 shape=5,2"),
    "fill": ("int64[k] s", "float[a, b] y, int64[n] r, float[a, b] e", """
        a = ConstantOfShape <value = float[1] {2.5}> (s)
        e = EyeLike (a)
        y = CumSum (a, zero)
        lo = Constant <value_int = 0> ()
        hi = Constant <value_int = 9> ()
        d = Constant <value_int = 2> ()
        r = Range (lo, hi, d)""", "zero=0"),
    "reduce": ("float[2, 3, 4] x", "float[2, 4] y, int64[2, 3] z, float[2, 2, 3] t", """
        y = ReduceMean <axes = [1], keepdims = 0> (x)
        z = ArgMax <axis = -1, keepdims = 0> (x)
        p = Transpose <perm = [0, 2, 1]> (x)
        q = ReduceLogSumExp <axes = [1]> (p)
        two = Constant <value_ints = [2]> ()
        t, idx = TopK <axis = 1> (p, two)""", ""),
    "quantized": ("float[2, 4] x", "float[2, 3] y", """
        q, s, z = DynamicQuantizeLinear (x)
        a = MatMulInteger (q, wq, z)
        c = Cast <to = 1> (a)
        d = Mul (c, s)
        e = QuantizeLinear (d, sc, zp)
        y = DequantizeLinear (e, sc, zp)""", "wq:4,3:i1 sc::0.1 zp::u1"),
    "norms": ("float[2, 3, 4] x", "float[2, 3, 4] y", """
        a = BatchNormalization (x, g, b, m, v)
        c = InstanceNormalization (a, g, b)
        d = LayerNormalization <axis = -1> (c, l)
        e = LRN <size = 3> (d)
        y = LpNormalization (e)""", "g:3 b:3 m:3 v:3:+ l:4"),
    "function": ("float[n] x", "float[n] y", """
        a = f.twice <k = 2.0> (x)
        y = f.twice <k = 0.5> (a)""", ""),
    "sequence": ("float[2] x", "float[4] y, int64 n", """
        s = SequenceConstruct (x, x)
        t = SequenceInsert (s, x)
        n = SequenceLength (t)
        p = Constant <value = int64 {0}> ()
        u = SequenceErase (t, p)
        y = ConcatFromSequence <axis = 0> (u)""", ""),
    "strings": ("string[n] x", "string[n] y, int64[n] c", """
        y = Identity (x)
        e = Equal (x, x)
        c = Cast <to = 7> (e)""", ""),
    "resize": ("float[1, 1, 4, 4] x, float[1, 3, 3, 2] g", "float[1, 1, 8, 8] y, float z", """
        y = Resize <mode = "linear"> (x, , , size)
        s = GridSample (x, g)
        r = MaxRoiPool <pooled_shape = [2, 2]> (x, rois)
        z = ReduceMax <keepdims = 0> (s)""", "size=1,1,8,8 rois:1,5:+"),
    "signal": ("float[1, 8, 1] x, int64 n", "float[1, a, 2] y, float[k] z", """
        y = DFT <axis = 1, onesided = 1> (x)
        z = HannWindow (n)""", ""),
    "boxes": ("float[1, 3, 4] x, float[1, 2, 3] u", "int64[k, 3] y", """
        y = NonMaxSuppression (x, u, most, half, half)""", "most=2 half:1"),
    "text": ("string[n] x", "string[m] y", """
        y = StringNormalizer <case_change_action = "UPPER", stopwords = ["b"]> (x)""", ""),
    "sparse": ("float[2, 2] x", "float[3, 4] y, int64[k, 2] z, float[n] u", """
        y = ScatterND (zeros, at, two)
        t = NonZero (x)
        z = Transpose (t)
        k = Less (x, zero)
        u = Compress (x, flags)""", "zeros:3,4 at=1 two:1 zero::0 flags:4:b1"),
    "grow": ("int64 m, int64[n] i", "float[n, d] y, int64[r] z, float[a, b] w", """
        v = Reshape (m, one)
        h = OneHot (i, v, on)
        p = Constant <value_ints = [0, 1, 0, 2]> ()
        q = Pad (h, p)
        y = Tile (q, twice)
        lo = Constant <value_int = 0> ()
        d = Constant <value_int = 2> ()
        z = Range (lo, m, d)
        s = Multinomial <sample_size = 3> (q)
        c = ConstantOfShape (v)
        e = Unsqueeze (c, one)
        k = Add (e, c)
        l = Sub (c, e)
        t = MatMul (k, l)
        u = Einsum <equation = "ij,k->ik"> (t, c)
        b = Less (e, c)
        o = Where (b, u, k)
        w = LRN <size = 3> (o)""", "one=1 on:2 twice=1,2"),
    "unpool": ("float[1, 1, 4, 4] x", "float[a, b, c, d] y, float[e, f, g, h] z", """
        a, i = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (x)
        y = MaxUnpool <kernel_shape = [2, 2], strides = [2, 2]> (a, i, shape)
        b = LpPool <kernel_shape = [2, 1]> (y)
        c = ConvTranspose <output_shape = [9, 9], strides = [2, 2]> (b, t)
        d = ConvInteger <pads = [1, 1, 1, 1], dilations = [1, 2]> (q, k)
        f = Cast <to = 1> (d)
        z = DepthToSpace <blocksize = 1> (f)""",
        "shape=1,1,5,5 t:1,1,3,3 q:1,1,4,4:u1 k:1,1,2,2:i1"),
    "nested": ("int64 m, bool c, float[2] x", "float[a] y, float[b] z, int64[k, d] w", """
        y, z, w = Loop <body = outer (int64 i, bool a, float[2] u, float[2] h) =>
            (bool b, float[2] v, float[2] e, int64[d] r)
            { b = Identity (a)  e = Concat <axis = 0> (h, u)  r = Shape (u)
              v = Loop <body = inner (int64 j, bool p, float[2] s) => (bool q, float[2] t)
                  { q = Identity (p)  t = Neg (s) }> (m, a, u) }> (m, c, x, x)""", ""),
    "mapped": ("float[4] x", "float[k, n] y, int64 z", """
        two = Constant <value_int = 2> ()
        s = SplitToSequence <axis = 0> (x, two)
        t = SequenceMap <body = each (float[n] e) => (float[n] f) { f = Neg (e) }> (s)
        y = ConcatFromSequence <axis = 0, new_axis = 1> (t)
        z = SequenceLength (t)""", ""),
    "einsum": ("float[2, 3] x, float16[3, 2] h", "float[2, 2] y, bool[2, 2] c", """
        g = Cast <to = 1> (h)
        m = Einsum <equation = "ij,jk->ik"> (x, g)
        t = Where (c2, m, x2)
        c = Greater (t, m)
        y = Clip (t, lo, hi)""", "c2:2,2:b1 x2:2,2 lo::-1 hi::1"),
}  # fmt: skip
"""Name to inputs, outputs, nodes, and initializers: ``name:dims[:dtype]``, ``name::value``,
``name=int64 values``."""

_FUNCTION = """
<domain: "f", opset_import: ["" : 17]>
twice <k> (a) => (b) {
    c = Constant <value_float: float = @k> ()
    d = Mul (a, c)
    b = Add (d, a)
}"""

_SIZES = {"n": 2, "t": 3, "k": 2}
_VALUES: dict[str, NDArray[Any]] = {
    "lens": np.array([3, 1], np.int32),
    "m": np.array(3),
    "n": np.array(4),
    "c": np.array(True),
    "s": np.array([4, 6]),
    "i": np.array([4, 0]),
}


def seeds() -> list[Seed]:
    """Return all seeds; every one of them runs."""
    return [_seed(name, *parts) for name, parts in _TEXTS.items()]


def _seed(name: str, inputs: str, outputs: str, nodes: str, initializers: str) -> Seed:
    tail = _FUNCTION if name == "function" else ""
    head = HEAD if name == "function" else HEAD.replace(', "f" : 1', "")
    text = f"{head} {name} ({inputs}) => ({outputs}) {{ {nodes.replace('  ', chr(10))} }}{tail}"
    model = onnx.parser.parse_model(text)
    random = np.random.default_rng(0)
    for word in initializers.split():
        model.graph.initializer.append(_initializer(random, word))
    feeds = {value.name: _feed(random, name, value) for value in model.graph.input}
    return Seed(name, model, feeds)


def _initializer(random: np.random.Generator, word: str) -> onnx.TensorProto:
    if "=" in word:
        name, values = word.split("=")
        return onnx.numpy_helper.from_array(np.array([int(v) for v in values.split(",")]), name)
    name, dims, *rest = word.split(":")
    kind = rest[0] if rest else ""
    shape = tuple(int(dim) for dim in dims.split(",") if dim)
    array: NDArray[Any] = random.standard_normal(shape).astype(np.float32) / 2
    if kind in ("i1", "u1", "b1"):
        array = np.zeros(shape, kind) if not shape else random.integers(0, 2, shape).astype(kind)
    elif kind == "+":
        array = np.abs(array)
    elif kind:
        array = np.array(float(kind), np.float32)
    return onnx.numpy_helper.from_array(array, name)


def _feed(random: np.random.Generator, seed: str, value: onnx.ValueInfoProto) -> NDArray[Any]:
    tensor = value.type.tensor_type
    sizes: Sequence[int] = [d.dim_value or _SIZES[d.dim_param] for d in tensor.shape.dim]
    dtype = onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type)
    if value.name in _VALUES and dtype.kind in "ib":
        return _VALUES[value.name].astype(dtype)
    if dtype.kind == "O":
        return np.array(["a", "b"], object)
    return np.asarray(random.standard_normal(sizes)).astype(dtype)
