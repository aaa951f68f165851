"""Nets for pictures: inverted residuals, and the two of an OCR program."""

from dataclasses import dataclass

import numpy as np

from .case import Board, Case


@dataclass(frozen=True)
class Painter:
    """Draws convolutions as exporters write them: normalized apart, or folded into the weights."""

    board: Board
    fused: bool
    activation: str

    def conv(
        self,
        x: str,
        inner: int,
        outer: int,
        size: int = 3,
        stride: int = 1,
        *,
        groups: int = 1,
        active: bool = True,
    ) -> str:
        """Return a convolution that keeps the picture's size, normalized, then the activation."""
        board, pad = self.board, size // 2
        given = [x, board.weight(outer, inner // groups, size, size)]
        if self.fused:
            given.append(board.bias(outer))
        y = board.add(
            "Conv",
            *given,
            kernel_shape=[size, size],
            strides=[stride, stride],
            group=groups,
            pads=[pad, pad, pad, pad],
            dilations=[1, 1],
        )
        y = y if self.fused else self.normalized(y, outer)
        return self.active(y) if active else y

    def normalized(self, x: str, channels: int) -> str:
        """Return a batch normalization near to the identity."""
        board = self.board
        scale, variance = (board.constant(1 + 0.1 * board.rng.random(channels)) for _ in range(2))
        return board.add(
            "BatchNormalization", x, scale, board.bias(channels), board.bias(channels), variance
        )

    def active(self, x: str) -> str:
        """Return the activation."""
        if self.activation == "Relu6":
            return self.board.add("Clip", x, self.board.constant(0), self.board.constant(6))
        return self.board.add(self.activation, x)

    def inverted(self, x: str, inner: int, outer: int, stride: int, grow: int = 6) -> str:
        """Return an inverted residual: to more channels, depthwise, to few channels."""
        wide = inner * grow
        y = self.conv(x, inner, wide, 1)
        y = self.conv(y, wide, wide, 3, stride, groups=wide)
        y = self.conv(y, wide, outer, 1, active=False)
        return self.board.add("Add", x, y) if stride == 1 and inner == outer else y

    def excited(self, x: str, channels: int) -> str:
        """Return x with every channel weighed by what is seen of the whole picture."""
        board, few = self.board, channels // 4
        y = board.add("GlobalAveragePool", x)
        y = board.add("Conv", y, board.weight(few, channels, 1, 1), board.bias(few))
        y = board.add("Relu", y)
        y = board.add("Conv", y, board.weight(channels, few, 1, 1), board.bias(channels))
        return board.add("Mul", x, board.add("HardSigmoid", y, alpha=0.2, beta=0.5))


STACK = [(16, 24, 2), (24, 24, 1), (24, 32, 2), (32, 32, 1), (32, 64, 2), (64, 64, 1)]


def mobilenet(*, fused: bool) -> Case:
    """Return inverted residuals as in MobileNetV2, on one picture."""
    board = Board("mobilenet")
    paint = Painter(board, fused, "Relu6")
    y = paint.conv("x", 3, 16, 3, 2)
    for inner, outer, stride in STACK:
        y = paint.inverted(y, inner, outer, stride)
    y = paint.conv(y, 64, 256, 1)
    y = board.add("Flatten", board.add("GlobalAveragePool", y))
    y = board.add("Gemm", y, board.weight(100, 256), board.bias(100), transB=1)
    x = board.rng.standard_normal((1, 3, 128, 128), np.float32)
    return board.case(f"MobileNet blocks {'folded' if fused else 'with BN'} b1", {"x": x}, [y])


def detector() -> Case:
    """Return a text detector: four sizes of picture, put together from small to large, a map."""
    board = Board("detector")
    paint = Painter(board, fused=False, activation="HardSwish")
    y, levels = paint.conv("x", 3, 8, 3, 2), []
    for inner, outer in ((8, 16), (16, 24), (24, 40), (40, 80)):
        y = paint.inverted(y, inner, outer, 2, 3)
        y = paint.excited(paint.inverted(y, outer, outer, 1, 3), outer)
        levels.append(paint.conv(y, outer, 48, 1, active=False))
    merged = levels[-1]
    smooth = [paint.conv(merged, 48, 12, active=False)]
    for level in reversed(levels[:-1]):
        merged = board.add("Add", level, enlarged(board, merged, 2))
        smooth.append(paint.conv(merged, 48, 12, active=False))
    same = [enlarged(board, y, 2 ** (3 - n)) if n < 3 else y for n, y in enumerate(smooth)]
    y = head(board, board.add("Concat", *same, axis=1), 48)
    x = board.rng.standard_normal((1, 3, 192, 192), np.float32)
    return board.case("OCR detector 192x192", {"x": x}, [y])


def enlarged(board: Board, x: str, times: int) -> str:
    """Return every cell `times` x `times` times."""
    scales = board.constant([1, 1, times, times])
    return board.add(
        "Resize",
        x,
        "",
        scales,
        mode="nearest",
        nearest_mode="floor",
        coordinate_transformation_mode="asymmetric",
    )


def head(board: Board, x: str, channels: int) -> str:
    """Return a map as large as the picture, by two transposed convolutions."""
    paint, few = Painter(board, fused=False, activation="Relu"), channels // 4
    y = paint.conv(x, channels, few)
    for outer in (few, 1):
        weight = board.weight(few, outer, 2, 2, terms=few)
        y = board.add(
            "ConvTranspose", y, weight, board.bias(outer), kernel_shape=[2, 2], strides=[2, 2]
        )
        y = paint.active(paint.normalized(y, outer)) if outer > 1 else y
    return board.add("Sigmoid", y)


def recogniser() -> Case:
    """Return a text recogniser: convolutions down to one row, two BiLSTMs, softmax of classes."""
    board, units, classes = Board("recogniser"), 48, 200
    paint = Painter(board, fused=True, activation="Relu")
    y, inner = "x", 3
    for outer, stride in ((16, 2), (32, 1), (64, 1), (96, 1)):
        y = paint.conv(y, inner, outer, 3, stride)
        rows = 1 if outer == 16 else 2
        if rows == 2:
            y = board.add("MaxPool", y, kernel_shape=[2, 1], strides=[2, 1])
        inner = outer
    y = board.add("MaxPool", y, kernel_shape=[2, 1], strides=[2, 1])
    y = board.add("Squeeze", y, board.constant([2], np.int64))
    y = board.add("Transpose", y, perm=[2, 0, 1])
    for width in (inner, 2 * units):
        y = bilstm(board, y, width, units)
    y = board.add("Transpose", y, perm=[1, 0, 2])
    y = board.add("MatMul", y, board.weight(2 * units, classes, terms=2 * units))
    y = board.add("Softmax", board.add("Add", y, board.bias(classes)), axis=2)
    x = board.rng.standard_normal((1, 3, 32, 160), np.float32)
    return board.case("OCR recogniser 32x160", {"x": x}, [y])


def bilstm(board: Board, x: str, inner: int, units: int) -> str:
    """Return [time, batch, 2 units]; states and the last reshape follow x's shape, as exported."""
    batch = board.add("Gather", board.add("Shape", x), board.constant(1, np.int64), axis=0)
    one = board.add("Unsqueeze", batch, board.constant([0], np.int64))
    two, size = board.constant([2], np.int64), board.constant([units], np.int64)
    state = board.add("ConstantOfShape", board.add("Concat", two, one, size, axis=0))
    y = board.many(
        "LSTM",
        x,
        board.weight(2, 4 * units, inner, terms=inner),
        board.weight(2, 4 * units, units, terms=units),
        board.constant(np.zeros((2, 8 * units))),
        "",
        state,
        state,
        count=3,
        hidden_size=units,
        direction="bidirectional",
    )[0]
    y = board.add("Transpose", y, perm=[0, 2, 1, 3])
    return board.add("Reshape", y, board.constant([0, 0, -1], np.int64))
