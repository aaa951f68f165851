"""Support vector machines against onnxruntime, which computes them in float32."""

from typing import Any

import numpy as np
import pytest

from onnxwright import runtime

from .classical_cases import RANDOM, check_same, model_of, run_on

X = RANDOM.standard_normal((30, 3)).astype(np.float32)
KERNELS = {
    "LINEAR": [0.0, 0.0, 0.0],
    "POLY": [0.5, 0.25, 3.0],
    "RBF": [0.5, 0.0, 3.0],
    "SIGMOID": [0.5, 0.25, 3.0],
}


def floats(count: int, low: float = -1) -> list[float]:
    found: list[float] = RANDOM.uniform(low, 1, count).astype(np.float32).tolist()
    return found


def machine(kernel: str, each: tuple[int, ...], *, probable: bool) -> dict[str, Any]:
    """Return a classifier of random vectors, `each` of so many for a class."""
    pairs = len(each) * (len(each) - 1) // 2
    given: dict[str, Any] = {
        "kernel_type": kernel,
        "kernel_params": KERNELS[kernel],
        "vectors_per_class": list(each),
        "support_vectors": floats(3 * sum(each)),
        "coefficients": floats((len(each) - 1) * sum(each)),
        "rho": floats(pairs),
        "classlabels_ints": list(range(5, 5 + len(each))),
    }
    if probable:
        given |= {"prob_a": [-1 - abs(a) for a in floats(pairs)], "prob_b": floats(pairs)}
    return given


CLASSIFIERS = {
    f"{kernel} {len(each)} {'probable' if probable else 'decided'}": machine(
        kernel, each, probable=probable
    )
    for kernel in KERNELS
    for each in ((4, 3), (3, 2, 4), (2, 3, 1, 2))
    for probable in (False, True)
}
CLASSIFIERS |= {
    f"{how} {probable}": machine("RBF", (4, 3), probable=probable) | {"post_transform": how}
    for how in ("LOGISTIC", "SOFTMAX")
    for probable in (False, True)
}
CLASSIFIERS["strings"] = {
    **{k: v for k, v in CLASSIFIERS["RBF 2 probable"].items() if k != "classlabels_ints"},
    "classlabels_strings": ["no", "yes"],
}
VECTORS = {"support_vectors": floats(12), "coefficients": floats(4), "rho": [0.3]}
REGRESSORS = {
    kernel: VECTORS | {"kernel_type": kernel, "kernel_params": params, "n_supports": 4}
    for kernel, params in KERNELS.items()
}
REGRESSORS["one class"] = REGRESSORS["RBF"] | {"one_class": 1, "rho": [-0.1]}
REGRESSORS["no vectors"] = {
    "coefficients": floats(3),
    "rho": [0.3],
    "kernel_params": KERNELS["LINEAR"],
}


@pytest.mark.parametrize("name", CLASSIFIERS)
@pytest.mark.parametrize("on", ["numpy", "numpy:float64"])
def test_a_classifier_gives_what_onnxruntime_gives(name: str, on: str) -> None:
    model = model_of("SVMClassifier", [X], CLASSIFIERS[name], 1, outputs=2)
    expected = run_on("onnxruntime", model, [X])
    for got, wanted in zip(run_on(on, model, [X]), expected, strict=True):
        check_same(got, wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", REGRESSORS)
@pytest.mark.parametrize("on", ["numpy", "numpy:float64"])
def test_a_regressor_gives_what_onnxruntime_gives(name: str, on: str) -> None:
    model = model_of("SVMRegressor", [X], REGRESSORS[name], 1)
    (expected,) = run_on("onnxruntime", model, [X])
    check_same(run_on(on, model, [X])[0], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", [name for name in CLASSIFIERS if name.endswith("probable")])
def test_probabilities_are_between_0_and_1_and_add_up(name: str) -> None:
    model = model_of("SVMClassifier", [X], CLASSIFIERS[name], 1, outputs=2)
    _, scores = run_on("numpy", model, [X])
    np.testing.assert_equal(bool((scores >= 0).all() and (scores <= 1).all()), True)
    np.testing.assert_allclose(scores.sum(axis=1), 1, rtol=1e-6)


BROKEN: list[tuple[str, dict[str, Any], str]] = [
    ("SVMClassifier", {"coefficients": [1.0]}, "1 coefficients and 1 rho for 2 classes of 7"),
    ("SVMClassifier", {"rho": [1.0, 2.0]}, "2 rho for 2 classes"),
    ("SVMClassifier", {"vectors_per_class": [1 << 62, 1]}, "for 2 classes of"),
    ("SVMClassifier", {"vectors_per_class": [-1, 8]}, "for 2 classes of 7"),
    ("SVMClassifier", {"support_vectors": [1.0]}, "1 support_vectors cannot be divided among 7"),
    ("SVMClassifier", {"support_vectors": [1.0] * 14}, "X has 3 features, but the model 2"),
    ("SVMClassifier", {"prob_b": [1.0, 2.0]}, "1 prob_a and 2 prob_b for 1 pairs"),
    ("SVMClassifier", {"classlabels_ints": [1]}, "1 labels, but vectors of 2 classes"),
    ("SVMClassifier", {"kernel_type": "CUBIC"}, "no kernel_type 'CUBIC'"),
    ("SVMClassifier", {"kernel_params": [1.0]}, "kernel_params has 1 entries"),
    ("SVMRegressor", {"n_supports": 1 << 40}, "12 support_vectors cannot be divided among 1099"),
    ("SVMRegressor", {"coefficients": [1.0]}, "1 coefficients and 1 rho for 4 vectors"),
]


@pytest.mark.parametrize(
    ("op", "change", "told"), BROKEN, ids=[f"{n}-{case[0]}" for n, case in enumerate(BROKEN)]
)
def test_a_broken_machine_is_one_clear_error(op: str, change: dict[str, Any], told: str) -> None:
    whole = CLASSIFIERS["RBF 2 probable"] if op == "SVMClassifier" else REGRESSORS["RBF"]
    model = model_of(op, [X], whole | change, 1, outputs=2 if op == "SVMClassifier" else 1)
    with pytest.raises(runtime.NodeError, match=told):
        run_on("numpy", model, [X])
