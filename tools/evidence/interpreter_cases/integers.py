"""Nets of 8-bit weights, in the forms that quantization tools write.

Weights stay within -63..63: the sums of such products fit the 16 bits that onnxruntime adds them
up in where the processor has no instruction for 8-bit products.
"""

import numpy as np

from .case import Array, Board, Case

LIMIT = 63


def bytes_of(board: Board, *shape: int) -> Array:
    """Return random int8 weights."""
    return board.rng.integers(-LIMIT, LIMIT + 1, shape).astype(np.int8)


def dense(board: Board, x: list[str], inner: int, outer: int) -> str:
    """Return a product of dynamically quantized x (values, scale, zero point) with int8 weights."""
    weight = board.constant(bytes_of(board, inner, outer), np.int8)
    product = board.add("MatMulInteger", x[0], weight, x[2], board.constant(0, np.int8))
    scale = board.add("Mul", x[1], board.constant(1.5 / LIMIT / np.sqrt(inner)))
    y = board.add("Mul", board.add("Cast", product, to=1), scale)
    return board.add("Add", y, board.bias(outer))


def quantized(board: Board, x: str) -> list[str]:
    """Return x as 8-bit values, their scale and their zero point."""
    return board.many("DynamicQuantizeLinear", x, count=3)


def normalized(board: Board, x: str, size: int) -> str:
    """Return x with mean 0 and variance 1 along the last axis, scaled and shifted."""
    scale = board.constant(1 + 0.1 * board.rng.random(size))
    return board.add("LayerNormalization", x, scale, board.bias(size), axis=-1, epsilon=1e-5)


def gelu(board: Board, x: str) -> str:
    """Return x Phi(x), as exporters write it."""
    y = board.add("Erf", board.add("Div", x, board.constant(np.sqrt(2))))
    y = board.add("Mul", x, board.add("Add", y, board.constant(1)))
    return board.add("Mul", y, board.constant(0.5))


def attention(board: Board, x: str, size: int, heads: int) -> str:
    """Return self-attention: int8 projections, products of scores and values in float."""
    given, shape = quantized(board, x), board.constant([0, 0, heads, size // heads], np.int64)
    parts = [board.add("Reshape", dense(board, given, size, size), shape) for _ in range(3)]
    query, value = (board.add("Transpose", parts[n], perm=[0, 2, 1, 3]) for n in (0, 2))
    key = board.add("Transpose", parts[1], perm=[0, 2, 3, 1])
    scores = board.add("MatMul", query, key)
    scores = board.add("Div", scores, board.constant(np.sqrt(size / heads)))
    y = board.add("MatMul", board.add("Softmax", scores, axis=-1), value)
    y = board.add("Transpose", y, perm=[0, 2, 1, 3])
    y = board.add("Reshape", y, board.constant([0, 0, size], np.int64))
    return dense(board, quantized(board, y), size, size)


def transformer() -> Case:
    """Return one encoder layer: attention of 4 heads, then two dense layers, normalized after."""
    board, size, tokens = Board("transformer"), 256, 64
    y = normalized(board, board.add("Add", "x", attention(board, "x", size, 4)), size)
    hidden = gelu(board, dense(board, quantized(board, y), size, 4 * size))
    hidden = dense(board, quantized(board, hidden), 4 * size, size)
    y = normalized(board, board.add("Add", y, hidden), size)
    x = board.rng.standard_normal((1, tokens, size), np.float32)
    return board.case("int8 transformer layer T64 D256", {"x": x}, [y])


LAYERS = ((3, 32, 1), (32, 64, 2), (64, 64, 1), (64, 128, 2))
SCALE = 0.05
"""Of every activation: 0 to 12.75 in uint8."""


def filters(board: Board, inner: int, outer: int) -> tuple[Array, Array]:
    """Return int8 weights [outer, inner, 3, 3] and a scale for each filter."""
    scales = 2 / LIMIT / np.sqrt(9 * inner) * (1 + 0.2 * board.rng.random(outer))
    return bytes_of(board, outer, inner, 3, 3), scales.astype(np.float32)


def integer_cnn() -> Case:
    """Return convolutions as QLinearConv, pooled and classified."""
    board = Board("integer_cnn")
    scale, zero = board.constant(SCALE), board.constant(0, np.uint8)
    y = board.add("QuantizeLinear", "x", scale, zero)
    for inner, outer, stride in LAYERS:
        weight, scales = filters(board, inner, outer)
        y = board.add(
            "QLinearConv",
            y,
            scale,
            zero,
            board.constant(weight, np.int8),
            board.constant(scales),
            board.constant(np.zeros(outer), np.int8),
            scale,
            zero,
            board.constant(board.rng.integers(-200, 200, outer), np.int32),
            strides=[stride, stride],
            pads=[1, 1, 1, 1],
            kernel_shape=[3, 3],
        )
    y = board.add("DequantizeLinear", y, scale, zero)
    return classified(board, y, "QLinearConv CNN 32x32 b1")


def marked_cnn() -> Case:
    """Return the same net as QuantizeLinear and DequantizeLinear around float operators."""
    board = Board("marked_cnn")
    scale, zero = board.constant(SCALE), board.constant(0, np.uint8)
    y = marked(board, "x", scale, zero)
    for inner, outer, stride in LAYERS:
        weight, scales = filters(board, inner, outer)
        kernel = board.add(
            "DequantizeLinear",
            board.constant(weight, np.int8),
            board.constant(scales),
            board.constant(np.zeros(outer), np.int8),
            axis=0,
        )
        bias = board.add(
            "DequantizeLinear",
            board.constant(board.rng.integers(-200, 200, outer), np.int32),
            board.constant(scales * SCALE),
            board.constant(np.zeros(outer), np.int32),
            axis=0,
        )
        y = board.add(
            "Conv",
            y,
            kernel,
            bias,
            strides=[stride, stride],
            pads=[1, 1, 1, 1],
            kernel_shape=[3, 3],
        )
        y = marked(board, board.add("Relu", y), scale, zero)
    return classified(board, y, "QDQ CNN 32x32 b1")


def marked(board: Board, x: str, scale: str, zero: str) -> str:
    """Return x rounded to 8 bits, as float."""
    y = board.add("QuantizeLinear", x, scale, zero)
    return board.add("DequantizeLinear", y, scale, zero)


def classified(board: Board, x: str, name: str) -> Case:
    """Return the case that ends with ten classes of the means of 128 channels."""
    y = board.add("Flatten", board.add("GlobalAveragePool", x))
    y = board.add("Gemm", y, board.weight(10, 128), board.bias(10), transB=1)
    pixels = board.rng.random((1, 3, 32, 32), np.float32)
    return board.case(name, {"x": pixels}, [y])


def lstm() -> Case:
    """Return an LSTM of 8-bit weights, as onnxruntime's dynamic quantization writes it."""
    board, size = Board("int8 lstm"), 128
    weights = [bytes_of(board, 1, size, 4 * size) for _ in range(2)]
    scale = board.constant([1.5 / LIMIT / np.sqrt(size)])
    zero = board.constant([0], np.int8)
    given = [board.constant(weight, np.int8) for weight in weights]
    bias = board.constant(0.1 * board.rng.standard_normal((1, 8 * size)))
    y = board.many(
        "DynamicQuantizeLSTM",
        "x",
        *given,
        bias,
        "",
        "",
        "",
        "",
        scale,
        zero,
        scale,
        zero,
        count=1,
        hidden_size=size,
        domain="com.microsoft",
    )
    x = board.rng.standard_normal((100, 1, size), np.float32)
    return board.case("int8 LSTM T100 H128 b1", {"x": x}, y)
