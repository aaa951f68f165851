"""Resize and Upsample against loops that follow the specification, and against onnxruntime."""

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from onnxwright import runtime

from .node_case import Case

Array = NDArray[Any]
COORDINATES = (
    "half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric",
    "tf_crop_and_resize",
)  # fmt: skip
ROUNDED = {
    "round_prefer_floor": lambda x: math.ceil(x - 0.5),
    "round_prefer_ceil": lambda x: math.floor(x + 0.5),
    "floor": math.floor,
    "ceil": math.ceil,
}
WIDTHS = [Fraction(8, 5), Fraction(2), Fraction(3, 5), Fraction(1, 3), 1, 3, 9]
"""Scales, and sizes."""
START, END, BEYOND = Fraction(1, 8), Fraction(5, 4), 9.0
RNG = np.random.default_rng(5)


def place(mode: str, n: int, length: int, size: int, scale: Fraction) -> Fraction:
    """The coordinate as the specification has it, without rounding."""
    width, half = length * scale, Fraction(1, 2)
    middle = (n + half) / scale - half
    if mode == "asymmetric":
        return n / scale
    if mode == "align_corners":
        return n * (length - 1) / (width - 1) if width != 1 else Fraction(0)
    if mode == "half_pixel_symmetric":
        return Fraction(length, 2) * (1 - size / width) + middle
    if mode == "pytorch_half_pixel":
        return middle if size > 1 else Fraction(0)
    if mode == "tf_crop_and_resize":
        if size == 1:
            return (START + END) * (length - 1) / 2
        return START * (length - 1) + n * (END - START) * (length - 1) / (size - 1)
    return middle


def curve(mode: str, d: float, a: float) -> float:
    d = abs(d)
    if mode == "linear":
        return max(0.0, 1 - d)
    if d <= 1:
        return (a + 2) * d**3 - (a + 3) * d**2 + 1
    return a * (d**3 - 5 * d**2 + 8 * d - 4) if d < 2 else 0.0


def line(x: Array, size: int, scale: Fraction, options: dict[str, Any]) -> Array:
    """One axis, element by element."""
    mode, length, found = options["mode"], len(x), []
    for n in range(size):
        at = place(options["coordinate_transformation_mode"], n, length, size, scale)
        if mode == "nearest":
            picked = ROUNDED[options["nearest_mode"]](at)
            found.append(x[min(max(picked, 0), length - 1)])
            continue
        shrink = min(1.0, float(scale)) if options.get("antialias") else 1.0
        reach = math.ceil((1 if mode == "linear" else 2) / shrink) + 1
        total = weight = 0.0
        for i in range(math.floor(at) - reach, math.floor(at) + reach + 2):
            share = curve(mode, float(i - at) * shrink, options.get("cubic_coeff_a", -0.75))
            if options.get("exclude_outside") and not 0 <= i < length:
                continue
            total += share * x[min(max(i, 0), length - 1)]
            weight += share
        shared = weight != 0 and (options.get("exclude_outside") or shrink < 1)
        found.append(total / weight if shared else total)
    return np.array(found)


def looped(x: Array, sizes: list[int], scales: list[Fraction], options: dict[str, Any]) -> Array:
    """The last axes, one after the other; what lies outside in one of them, in the end."""
    y, first = x, x.ndim - len(sizes)
    outside = np.zeros((*x.shape[:first], *sizes), bool)
    for axis, (size, scale) in enumerate(zip(sizes, scales, strict=True), first):
        mode, last = options["coordinate_transformation_mode"], x.shape[axis] - 1
        at = [place(mode, n, last + 1, size, scale) for n in range(size)]
        beyond = np.array([mode == "tf_crop_and_resize" and not 0 <= p <= last for p in at])
        outside |= beyond.reshape([-1 if n == axis else 1 for n in range(x.ndim)])
        y = np.apply_along_axis(line, axis, y, size, scale, options)
    return np.where(outside, BEYOND, y)


def options_of(mode: str) -> Iterator[dict[str, Any]]:
    if mode == "nearest":
        yield from ({"nearest_mode": rounding} for rounding in ROUNDED)
        return
    yield from ({"antialias": a, "exclude_outside": e} for a in (0, 1) for e in (0, 1))
    if mode == "cubic":
        yield {"cubic_coeff_a": -0.5}


def case_of(x: Array, width: Fraction | int, options: dict[str, Any], end: Fraction = END) -> Case:
    """The last two axes, or the only one, resized by a scale or to a size."""
    many = min(2, x.ndim)
    roi = np.array([*[START] * many, *[end] * many], np.float32)
    given = options | {"axes": list(range(-many, 0)), "extrapolation_value": BEYOND}
    if isinstance(width, int):
        return Case("Resize", 19, given, [x, roi, None, np.array([width] * many)])
    return Case("Resize", 19, given, [x, roi, np.array([width] * many, np.float32)])


def run(case: Case, on: str = "numpy") -> Array:
    (found,) = runtime.load(case.model(), on=on).run(case.feeds()).values()
    return found


@pytest.mark.parametrize("width", WIDTHS, ids=str)
@pytest.mark.parametrize("coordinates", COORDINATES)
@pytest.mark.parametrize("mode", ["nearest", "linear", "cubic"])
def test_against_loops(mode: str, coordinates: str, width: Fraction | int) -> None:
    for shape in ((7,), (5, 6), (1, 2, 4, 5)):
        x, ends = RNG.standard_normal(shape), shape[-2:]
        scales = [Fraction(width, n) if isinstance(width, int) else width for n in ends]
        sizes = [math.floor(n * scale) for n, scale in zip(ends, scales, strict=True)]
        for more in options_of(mode):
            options = {"mode": mode, "coordinate_transformation_mode": coordinates, **more}
            expected = looped(x, sizes, scales, options)
            given = run(case_of(x, width, options), "numpy:float64")
            np.testing.assert_allclose(given, expected, atol=1e-12, err_msg=str(options))


def comparable(mode: str, coordinates: str, width: Fraction | int, more: dict[str, Any]) -> bool:
    """Whether onnxruntime is asked.

    It computes places in float32, and so picks the other of two cells where the exact place lies
    between them; with align_corners it takes the new length rounded down, as onnx's own tests do
    not; it refuses exclude_outside in mode linear.
    """
    if mode == "nearest":
        return width == Fraction(2) and coordinates in ("asymmetric", "half_pixel")
    whole = isinstance(width, int) or (width * 5).denominator == 1
    return (whole or coordinates != "align_corners") and not (
        mode == "linear" and more["exclude_outside"]
    )


@pytest.mark.parametrize("width", WIDTHS, ids=str)
@pytest.mark.parametrize("coordinates", COORDINATES)
@pytest.mark.parametrize("mode", ["nearest", "linear", "cubic"])
def test_against_onnxruntime(mode: str, coordinates: str, width: Fraction | int) -> None:
    x = RNG.standard_normal((1, 2, 5, 10)).astype(np.float32)
    for more in options_of(mode):
        if comparable(mode, coordinates, width, more):
            options = {"mode": mode, "coordinate_transformation_mode": coordinates, **more}
            # Before 1.32 it fails where a part ends beyond the picture.
            case = case_of(x, width, options, end=Fraction(7, 8))
            expected = onnxruntime_of(case)
            np.testing.assert_allclose(run(case), expected, atol=1e-5, err_msg=str(options))


def onnxruntime_of(case: Case) -> Array:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(
        case.model().SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    (found,) = session.run(None, case.feeds())
    return np.asarray(found)


ROW = np.array([[1, 200, 255, 0, 30, 77, 127, 3]], np.uint8)
FIVE = np.array([1, 5], np.int64)
TWICE = np.array([1, 2], np.float32)


@pytest.mark.parametrize(
    ("opset", "op", "inputs", "attributes", "expected"),
    [
        (19, "Resize", [ROW, None, None, FIVE], {"mode": "linear"}, [[61, 250, 15, 82, 40]]),
        (19, "Resize", [ROW, None, None, FIVE], {"mode": "cubic"}, [[54, 255, 0, 85, 40]]),
        # Below opset 11, down where the axis grows and up where it shrinks.
        (10, "Resize", [ROW, np.array([1, 0.6], np.float32)], {}, [[1, 255, 30, 77]]),
        (10, "Resize", [ROW[:, :2], np.array([1, 1.5], np.float32)], {}, [[1, 1, 200]]),
        (9, "Upsample", [ROW[:, :2], TWICE], {}, [[1, 1, 200, 200]]),
        (7, "Upsample", [ROW[:, :2]], {"scales": [2.0, 2.0]}, [[1, 1, 200, 200]] * 2),
        (
            9,
            "Upsample",
            [ROW[:, :2] / np.float32(1), TWICE],
            {"mode": "linear"},
            [[1, 100.5, 200, 200]],
        ),
        (13, "Resize", [ROW[:, :0], None, TWICE], {}, np.zeros((1, 0))),
    ],
)
def test_values(
    opset: int, op: str, inputs: list[Any], attributes: dict[str, Any], expected: Any
) -> None:
    np.testing.assert_array_equal(run(Case(op, opset, attributes, inputs)), expected)


@pytest.mark.parametrize(
    ("policy", "axes", "sizes", "shape"),
    [
        ("not_larger", [2, 3], [9, 8], (1, 2, 6, 8)),
        ("not_smaller", [3, 2], [9, 8], (1, 2, 8, 11)),
        ("not_larger", [3], [9], (1, 2, 5, 9)),
    ],
)
def test_the_aspect_ratio_is_kept(
    policy: str, axes: list[int], sizes: list[int], shape: tuple[int, ...]
) -> None:
    x = RNG.standard_normal((1, 2, 5, 7)).astype(np.float32)
    options = {"mode": "linear", "axes": axes, "keep_aspect_ratio_policy": policy}
    case = Case("Resize", 19, options, [x, None, None, np.array(sizes)])
    expected = onnxruntime_of(case)
    np.testing.assert_equal(expected.shape, shape)
    np.testing.assert_allclose(run(case), expected, atol=1e-5)


def test_what_is_infinite_stays_where_it_is() -> None:
    x = np.arange(64, dtype=np.float32)[None]
    x[0, 3], x[0, 40] = np.inf, np.nan
    case = Case("Resize", 19, {"mode": "linear"}, [x, None, TWICE])
    np.testing.assert_allclose(run(case), onnxruntime_of(case), atol=1e-5)


@pytest.mark.parametrize(
    ("inputs", "attributes", "problem"),
    [
        ([ROW, None, TWICE, FIVE], {}, "either scales or sizes must be given, and not both"),
        ([ROW, None, TWICE[:1]], {}, "1 scales for 2 axes"),
        ([ROW, None, -TWICE], {}, "scales must be finite and above 0"),
        ([ROW, None, TWICE * np.nan], {}, "scales must be finite and above 0"),
        ([ROW, None, None, FIVE[:1]], {}, "1 sizes for 2 axes"),
        ([ROW, None, None, -FIVE], {}, "sizes must not be below 0"),
        ([ROW, None, TWICE], {"mode": "area"}, "no mode 'area'"),
        ([ROW, None, TWICE], {"nearest_mode": "up"}, "no nearest_mode 'up'"),
        ([ROW, None, TWICE], {"coordinate_transformation_mode": "x"}, "no coordinate_trans.*'x'"),
        ([ROW, None, None, FIVE], {"keep_aspect_ratio_policy": "x"}, "no keep_aspect_ratio_pol"),
        ([ROW, None, TWICE], {"axes": [0, 2]}, "axes .0, 2. of an array of 2: each must exist"),
        ([ROW, None, TWICE], {"axes": [1, -1]}, "each must exist, and once"),
        ([ROW, None, TWICE], {"coordinate_transformation_mode": "tf_crop_and_resize"}, "roi has 0"),
        ([ROW[:, :0], None, None, FIVE], {}, r"X \[1, 0\] has nothing to make \[1, 5\] of"),
    ],
)
def test_what_makes_no_sense_is_refused(
    inputs: list[Any], attributes: dict[str, Any], problem: str
) -> None:
    with pytest.raises(runtime.NodeError, match=problem):
        run(Case("Resize", 19, attributes, inputs))


def test_an_absurd_size_is_refused_at_once() -> None:
    sizes = np.array([526337, 1 << 40])
    with pytest.raises(runtime.NodeError, match=r"uint8 \[526337, 1099511627776\] takes .*limit"):
        run(Case("Resize", 19, {}, [ROW, None, None, sizes]))
