"""What is computed of sound before any net: frames, window, Fourier transform, mel, logarithm."""

import numpy as np

from .case import Array, Board, Case
from .sound import magnitudes

SAMPLES, SIZE, HOP, BANDS = 16000, 400, 160, 80


def mel(bins: int, bands: int) -> Array:
    """Return [bins, bands]: triangles that are equally wide on the mel scale, up to 8 kHz."""
    corners = 700 * (10 ** (np.linspace(0, 2595 * np.log10(1 + 8000 / 700), bands + 2) / 2595) - 1)
    at = np.linspace(0, 8000, bins)[:, None]
    rising = (at - corners[:-2]) / np.diff(corners[:-1])
    falling = (corners[2:] - at) / np.diff(corners[1:])
    return np.maximum(0, np.minimum(rising, falling))


def logarithm(board: Board, power: str, bands: str) -> str:
    """Return the logarithm of the energy in each band, [.., frames, bands]."""
    energy = board.add("MatMul", power, bands)
    return board.add("Log", board.add("Max", energy, board.constant(1e-6)))


def convolved() -> Case:
    """Return log-mel features of a second of sound, the transform by Conv."""
    board = Board("convolved")
    y = board.add("Transpose", magnitudes(board, "x", 512), perm=[0, 2, 1])
    y = logarithm(board, y, board.constant(mel(257, BANDS)))
    x = 0.1 * board.rng.standard_normal((1, SAMPLES), np.float32)
    return board.case("Log-mel by Conv, 1 s", {"x": x.astype(np.float32)}, [y])


def framed() -> Case:
    """Return the same by frames that are gathered, a window and DFT."""
    board, frames = Board("framed"), 1 + (SAMPLES - SIZE) // HOP
    at = np.arange(frames)[:, None] * HOP + np.arange(SIZE)
    y = board.add("Gather", "x", board.constant(at, np.int64), axis=1)
    mean = board.add("ReduceMean", y, axes=[-1], keepdims=1)
    y = board.add("Sub", y, mean)
    y = board.add("Mul", y, board.constant(np.hanning(SIZE)))
    y = board.add("Pad", y, board.constant([0, 0, 0, 0, 0, 512 - SIZE], np.int64))
    y = board.add("Unsqueeze", y, board.constant([-1], np.int64))
    y = board.add("DFT", y, axis=2, onesided=1)
    y = board.add("ReduceSumSquare", y, axes=[-1], keepdims=0)
    y = logarithm(board, y, board.constant(mel(257, BANDS)))
    x = 0.1 * board.rng.standard_normal((1, SAMPLES), np.float32)
    return board.case("Log-mel by DFT, 1 s", {"x": x.astype(np.float32)}, [y])
