"""Nets for sound: who speaks, which word, and what is computed of sound before any net."""

import numpy as np

from .case import Array, Board, Case

WINDOWS = {16000: 256, 8000: 128}
"""The Fourier transform's length for each sample rate."""


def fourier(size: int) -> Array:
    """Return [2 bins, size]: cosines, then sines, below a Hann window."""
    bins = np.arange(size // 2 + 1)[:, None] * np.arange(size)[None]
    angle = 2 * np.pi * bins / size
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
    return np.concatenate([np.cos(angle), -np.sin(angle)]) * window


def magnitudes(board: Board, x: str, size: int) -> str:
    """Return [batch, bins, frames] of [batch, samples], the transform written as a Conv."""
    rows = board.add("Unsqueeze", x, board.constant([1], np.int64))
    filters = board.constant(fourier(size)[:, None])
    y = board.add("Conv", rows, filters, kernel_shape=[size], strides=[size // 2])
    half = board.constant([size // 2 + 1] * 2, np.int64)
    real, imaginary = board.many("Split", y, half, count=2, axis=1)
    power = board.add("Add", board.add("Mul", real, real), board.add("Mul", imaginary, imaginary))
    return board.add("Sqrt", power)


def at_rate(rate: int) -> tuple[Board, list[str]]:
    """Return one branch of the detector: what it computes of "x", and the LSTM's next states."""
    board, size = Board(f"vad{rate}"), WINDOWS[rate]
    pads = board.constant([0, 0, 0, size // 4], np.int64)
    y = board.add("Pad", "x", pads, mode="reflect")
    y, inner = magnitudes(board, y, size), size // 2 + 1
    for outer, stride in ((128, 1), (64, 2), (64, 2), (128, 1)):
        weight = board.weight(outer, inner, 3)
        y = board.add("Conv", y, weight, board.bias(outer), pads=[1, 1], strides=[stride])
        y, inner = board.add("Relu", y), outer
    y = board.add("ReduceMean", y, axes=[2], keepdims=1)
    y = board.add("Transpose", y, perm=[2, 0, 1])
    outputs = board.many(
        "LSTM",
        y,
        board.weight(1, 512, 128, terms=128),
        board.weight(1, 512, 128, terms=128),
        board.constant(np.zeros((1, 1024))),
        "",
        "h",
        "c",
        count=3,
        hidden_size=128,
    )
    last = board.add("Relu", board.add("Transpose", outputs[1], perm=[1, 2, 0]))
    y = board.add("Conv", last, board.weight(1, 128, 1), board.bias(1), kernel_shape=[1])
    y = board.add("Squeeze", board.add("Sigmoid", y), board.constant([2], np.int64))
    return board, [y, *outputs[1:]]


def voice() -> Case:
    """Return one step of a voice activity detector: a branch for each sample rate, states kept."""
    board = Board("vad")
    rate = board.add("Equal", "sr", board.constant(16000, np.int64))
    branches = {}
    for name, value in (("then_branch", 16000), ("else_branch", 8000)):
        inside, outputs = at_rate(value)
        branches[name] = inside.graph([], outputs)
    outputs = board.many("If", rate, count=3, **branches)
    rng = board.rng
    feeds: dict[str, Array] = {
        "x": rng.standard_normal((1, 576), np.float32),
        "h": np.zeros((1, 1, 128), np.float32),
        "c": np.zeros((1, 1, 128), np.float32),
        "sr": np.array(16000, np.int64),
    }
    return board.case("Voice activity, one step", feeds, outputs)


def keywords() -> Case:
    """Return a keyword spotter: depthwise-separable convolutions on 49 frames of 10 features."""
    board = Board("keywords")
    weight = board.weight(64, 1, 10, 4)
    y = board.add("Conv", "x", weight, board.bias(64), strides=[2, 2], pads=[5, 1, 5, 1])
    y = board.add("Relu", y)
    for _ in range(4):
        y = board.add("Conv", y, board.weight(64, 1, 3, 3), pads=[1, 1, 1, 1], group=64)
        y = rectified(board, y)
        y = rectified(board, board.add("Conv", y, board.weight(64, 64, 1, 1)))
    y = board.add("Flatten", board.add("GlobalAveragePool", y))
    y = board.add("Gemm", y, board.weight(12, 64), board.bias(12), transB=1)
    x = board.rng.standard_normal((1, 1, 49, 10), np.float32)
    return board.case("Keyword spotter b1", {"x": x}, [board.add("Softmax", y)])


def rectified(board: Board, x: str) -> str:
    """Return x normalized and rectified, 64 channels."""
    scale, variance = (board.constant(1 + 0.1 * board.rng.random(64)) for _ in range(2))
    y = board.add("BatchNormalization", x, scale, board.bias(64), board.bias(64), variance)
    return board.add("Relu", y)
