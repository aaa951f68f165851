"""DFT, STFT."""

import numpy as np

from ...dtypes import Array
from ...registry import kernel
from ...run_limits import check_bytes

REAL, COMPLEX = 1, 2
"""Lengths of the last axis: real numbers, or real and imaginary parts."""


@kernel("DFT", since=17)
def dft_17(
    input_: Array,
    dft_length: Array | None = None,
    *,
    axis: int = 1,
    inverse: int = 0,
    onesided: int = 0,
) -> Array:
    """Return the transform along `axis`; see `dft`."""
    return dft(input_, dft_length, np.array(axis), inverse=inverse, onesided=onesided)


@kernel("DFT", since=20)
def dft(
    input_: Array,
    dft_length: Array | None = None,
    axis: Array | None = None,
    *,
    inverse: int = 0,
    onesided: int = 0,
) -> Array:
    """Return y[k] = sum over n of exp(-2 pi i k n / N) x[n] along an axis.

    By default it is the last but one. The inverse has exp(+2 pi i k n / N) / N. One-sided, only
    the first N // 2 + 1 values are returned; of an inverse they are what is given, and the result
    is real. The last axis holds real numbers, or real and imaginary parts.
    """
    along = -2 if axis is None else int(axis.item())
    last = input_.ndim - 1
    along = along + input_.ndim if along < 0 else along
    if not 0 <= along < last:
        raise ValueError(f"axis {along} of {list(input_.shape)}: the last holds the numbers' parts")
    x = joined(input_)
    real = bool(inverse and onesided)
    size = x.shape[along] if not real else 2 * (x.shape[along] - 1)
    size = size if dft_length is None else int(dft_length.item())
    if size < 1:
        raise ValueError(f"dft_length must be at least 1, got {size}")
    check_bytes((*x.shape[:along], size, *x.shape[along + 1 :]), np.complex128)
    if real:
        return np.fft.irfft(x, size, axis=along)[..., None].astype(input_.dtype, copy=False)
    if inverse:
        return split(np.fft.ifft(x, size, axis=along), input_.dtype)
    return split(transformed(x, size, along, onesided=bool(onesided)), input_.dtype)


def joined(x: Array) -> Array:
    """Return real or complex numbers without the axis that holds their parts.

    Raises
    ------
    ValueError
        That axis has another length than 1 or 2.
    """
    if x.shape[-1] not in (REAL, COMPLEX):
        raise ValueError(f"{list(x.shape)}: the last axis must have 1 number or 2 parts of one")
    wide = x if x.dtype in (np.float32, np.float64) else x.astype(np.float32)
    if x.shape[-1] == REAL:
        return wide[..., 0]
    kind = np.complex64 if wide.dtype == np.float32 else np.complex128
    return np.ascontiguousarray(wide).view(kind)[..., 0]


def transformed(x: Array, size: int, axis: int, *, onesided: bool) -> Array:
    """Return the transform; of complex numbers all of it is computed even where half is asked."""
    if x.dtype.kind != "c":
        if onesided:
            return np.fft.rfft(x, size, axis=axis)
        return np.fft.fft(x, size, axis=axis)
    whole = np.fft.fft(x, size, axis=axis)
    return np.take(whole, np.arange(size // 2 + 1), axis=axis) if onesided else whole


def split(y: Array, dtype: np.dtype[np.floating]) -> Array:
    """Return complex numbers as real and imaginary parts on a last axis."""
    whole = np.ascontiguousarray(y)
    parts: Array = whole.view(whole.real.dtype).reshape(*y.shape, COMPLEX)
    return parts.astype(dtype, copy=False)


@kernel("STFT", since=17)
def stft(
    signal: Array,
    frame_step: Array,
    window: Array | None = None,
    frame_length: Array | None = None,
    *,
    onesided: int = 1,
) -> Array:
    """Return [batch, frames, bins, 2]: the transforms of frames of a signal, each times a window.

    There are (length - frame length) // step + 1 frames.
    """
    if signal.ndim != 3:
        raise ValueError(f"signal must be [batch, length, 1 or 2], got {list(signal.shape)}")
    x, step = joined(signal), int(frame_step.item())
    size = _length(x.shape[1], window, frame_length)
    if step < 1 or not 1 <= size <= x.shape[1]:
        raise ValueError(f"frames of {size} every {step} of a signal of {x.shape[1]}")
    count = (x.shape[1] - size) // step + 1
    check_bytes((len(x), count, size), np.complex128)
    frames = np.lib.stride_tricks.sliding_window_view(x, size, axis=1)[:, ::step]
    weighted = frames if window is None else frames * window.astype(x.real.dtype, copy=False)
    return split(transformed(weighted, size, 2, onesided=bool(onesided)), signal.dtype)


def _length(whole: int, window: Array | None, given: Array | None) -> int:
    if window is not None and window.ndim != 1:
        raise ValueError(f"window must have one axis, got {list(window.shape)}")
    if given is None:
        return whole if window is None else len(window)
    size = int(given.item())
    if window is not None and len(window) != size:
        raise ValueError(f"a window of {len(window)}, but frame_length is {size}")
    return size
