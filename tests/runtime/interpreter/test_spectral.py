"""DFT, STFT and MelWeightMatrix against their definitions and onnxruntime."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from onnxwright import runtime

from .node_case import Case
from .test_resize import onnxruntime_of

Array = NDArray[Any]
RNG = np.random.default_rng(3)
REAL = RNG.standard_normal((2, 10, 3, 1)).astype(np.float32)
BOTH = RNG.standard_normal((2, 10, 3, 2)).astype(np.float32)


def run(case: Case, on: str = "numpy") -> Array:
    (found,) = runtime.load(case.model(), on=on).run(case.feeds()).values()
    return found


def number(value: int) -> Array:
    return np.array(value, np.int64)


def defined(x: Array, size: int, axis: int, sign: int) -> Array:
    """The sum of the definition; what is missing is 0, what is too long is left out."""
    parts = x[..., 0] + 1j * x[..., 1] if x.shape[-1] == 2 else x[..., 0] + 0j
    lines = np.moveaxis(parts, axis, -1)[..., :size]
    turns = np.exp(sign * 2j * np.pi * np.outer(np.arange(lines.shape[-1]), np.arange(size)) / size)
    return np.moveaxis(lines @ turns, -1, axis)


@pytest.mark.parametrize("on", ["numpy", "numpy:float64"])
@pytest.mark.parametrize("size", [None, 6, 7, 16])
@pytest.mark.parametrize("axis", [1, 2, -2])
@pytest.mark.parametrize("x", [REAL, BOTH], ids=["real", "complex"])
def test_a_transform_is_the_sum_of_its_definition(
    x: Array, axis: int, size: int | None, on: str
) -> None:
    length = None if size is None else number(size)
    place = axis % x.ndim
    for inverse in (0, 1):
        expected = defined(x, size or x.shape[place], place, 1 if inverse else -1)
        expected = expected / expected.shape[place] if inverse else expected
        case = Case("DFT", 20, {"inverse": inverse}, [x, length, number(axis)])
        tolerance = 1e-12 if on.endswith("64") else 1e-5
        given = run(case, on)
        np.testing.assert_allclose(given[..., 0], expected.real, atol=tolerance)
        np.testing.assert_allclose(given[..., 1], expected.imag, atol=tolerance)
        if axis > 0:
            old = run(Case("DFT", 17, {"inverse": inverse, "axis": axis}, [x, length]), on)
            np.testing.assert_array_equal(old, given)


@pytest.mark.parametrize("size", [10, 7])
def test_one_side_is_half_of_it_and_leads_back(size: int) -> None:
    inputs: list[Array | None] = [REAL, number(size), number(1)]
    whole = run(Case("DFT", 20, {}, inputs))
    half = run(Case("DFT", 20, {"onesided": 1}, inputs))
    np.testing.assert_allclose(half, whole[:, : size // 2 + 1], atol=1e-5)
    np.testing.assert_allclose(
        half, onnxruntime_of(Case("DFT", 20, {"onesided": 1}, inputs)), atol=1e-5
    )
    back = Case("DFT", 20, {"onesided": 1, "inverse": 1}, [half, number(size), number(1)])
    np.testing.assert_allclose(run(back), REAL[:, :size], atol=1e-6)


SIGNAL = RNG.standard_normal((2, 50, 1)).astype(np.float32)
WINDOW = np.hanning(16).astype(np.float32)


@pytest.mark.parametrize("onesided", [0, 1])
@pytest.mark.parametrize(
    "more",
    [[WINDOW], [None, number(15)], [WINDOW, number(16)]],
    ids=["window", "length", "both"],
)
def test_frames_are_transformed_one_by_one(more: list[Any], onesided: int) -> None:
    case = Case("STFT", 17, {"onesided": onesided}, [SIGNAL, number(7), *more])
    size = 16 if more[0] is not None else 15
    weights = np.ones(size) if more[0] is None else WINDOW
    bins = size // 2 + 1 if onesided else size
    for n, frame in enumerate(np.moveaxis(run(case), 1, 0)):
        part = SIGNAL[:, 7 * n : 7 * n + size] * weights[:, None]
        expected = defined(part, size, 1, -1)[:, :bins]
        np.testing.assert_allclose(frame[..., 0], expected.real, atol=1e-5)
        np.testing.assert_allclose(frame[..., 1], expected.imag, atol=1e-5)
    np.testing.assert_equal(n, (50 - size) // 7)
    # Its transform of 15 elements is off by 2e-5.
    np.testing.assert_allclose(run(case), onnxruntime_of(case), atol=1e-4)


def test_frames_of_complex_numbers() -> None:
    signal = RNG.standard_normal((1, 20, 2)).astype(np.float32)
    given = run(Case("STFT", 17, {"onesided": 0}, [signal, number(4), None, number(8)]))
    expected = defined(signal[:, 4:12], 8, 1, -1)
    np.testing.assert_allclose(given[:, 1, :, 0], expected.real, atol=1e-5)
    np.testing.assert_allclose(given[:, 1, :, 1], expected.imag, atol=1e-5)


@pytest.mark.parametrize(("bands", "length", "low"), [(8, 512, 0.0), (40, 64, 20.0), (3, 17, 0.0)])
def test_mel_weights(bands: int, length: int, low: float) -> None:
    edges = [np.array(low, np.float32), np.array(7000.0, np.float32)]
    case = Case("MelWeightMatrix", 17, {}, [number(bands), number(length), number(16000), *edges])
    given = run(case)
    np.testing.assert_equal(given.shape, (length // 2 + 1, bands))
    np.testing.assert_allclose(given, onnxruntime_of(case), atol=1e-6)


STEP = number(4)


@pytest.mark.parametrize(
    ("op", "inputs", "problem"),
    [
        ("DFT", [REAL, None, number(3)], r"axis 3 of \[2, 10, 3, 1\]"),
        ("DFT", [REAL, number(0)], "dft_length must be at least 1, got 0"),
        ("DFT", [REAL, number(1 << 50)], "but the memory limit is"),
        ("DFT", [np.zeros((2, 4, 3), np.float32)], "must have 1 number or 2 parts"),
        ("STFT", [SIGNAL, number(0), WINDOW], "frames of 16 every 0 of a signal of 50"),
        ("STFT", [SIGNAL, STEP, None, number(51)], "frames of 51 every 4 of a signal of 50"),
        ("STFT", [SIGNAL, STEP, WINDOW, number(8)], "a window of 16, but frame_length is 8"),
        ("STFT", [SIGNAL[0], STEP], r"signal must be \[batch, length, 1 or 2\]"),
        (
            "MelWeightMatrix",
            [number(-1), number(8), number(9), *[np.ones((), np.float32)] * 2],
            "-1 bands of a transform of 8 at 9 samples",
        ),
        (
            "MelWeightMatrix",
            [number(1 << 40), number(8), number(9), *[np.ones((), np.float32)] * 2],
            "but the memory limit is",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(op: str, inputs: list[Any], problem: str) -> None:
    with pytest.raises(runtime.NodeError, match=problem):
        run(Case(op, 20, {}, inputs))
