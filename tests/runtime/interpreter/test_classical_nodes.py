"""Linear models, scalers and encoders of ``ai.onnx.ml`` against onnxruntime."""

from typing import Any

import numpy as np
import onnx
import pytest

from onnxwright import runtime
from onnxwright.runtime.interpreter.attribute_binding import parameters
from onnxwright.runtime.interpreter.registry import registrations

from .classical_cases import DOMAIN, check_same, model_of, run_on

X = np.array([[0.5, -1], [1, 2], [-0.5, -0.3]], np.float32)
GAPS = np.array([[1, np.nan], [np.nan, 2], [0, 3]], np.float32)
ZEROS = np.array([[0.5, -1], [0, 0], [-3, -2], [-1, 0]], np.float32)
WHOLE = np.array([[1, 3], [3, -2]], np.int64)
TEXT = np.array([["a", "b"], ["zz", "a"]], object)
ONE = {"coefficients": [0.3, 0.2], "intercepts": [0.1]}
TWO = {"coefficients": [0.3, 0.2, -0.3, 0.4], "intercepts": [0.1, -0.2]}
INTEGERS, NAMES = {"classlabels_ints": [5, 6]}, {"classlabels_strings": ["a", "b"]}
NAN = float("nan")
PAIR = {"cats_strings": ["a", "b"], "cats_int64s": [3, 4]}

Case = tuple[str, list[Any], dict[str, Any], int]
CASES: list[Case] = [
    *[
        ("LinearClassifier", [x], {**given, **labels, "post_transform": how}, 1)
        for how in ("NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO")
        for given in (ONE, TWO)
        for labels, x in ((INTEGERS, X), (NAMES, WHOLE))
    ],
    *[
        ("LinearRegressor", [X], {**TWO, "targets": 2, "post_transform": how}, 1)
        for how in ("NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO")
    ],
    ("LinearRegressor", [X], ONE, 1),
    ("LinearRegressor", [X], {"coefficients": [0.3, 0.2]}, 1),
    ("Scaler", [X], {"offset": [0.5], "scale": [2.0]}, 1),
    ("Scaler", [X.astype(np.float64)], {"offset": [0.5, 1.0], "scale": [2.0, 3.0]}, 1),
    ("Scaler", [WHOLE], {"offset": [0.5, 1.0], "scale": [2.0, 3.0]}, 1),
    *[("Normalizer", [x], {"norm": n}, 1) for n in ("MAX", "L1", "L2") for x in (ZEROS, WHOLE)],
    ("Binarizer", [X], {"threshold": 0.5}, 1),
    ("Imputer", [GAPS], {"imputed_value_floats": [7.0, 8.0], "replaced_value_float": NAN}, 1),
    ("Imputer", [GAPS], {"imputed_value_floats": [9.0], "replaced_value_float": 0.0}, 1),
    ("Imputer", [WHOLE], {"imputed_value_int64s": [9], "replaced_value_int64": 3}, 1),
    ("FeatureVectorizer", [X, X[:, :1]], {"inputdimensions": [2, 1]}, 1),
    ("FeatureVectorizer", [X, X[:, :1]], {"inputdimensions": [1, 2]}, 1),
    ("ArrayFeatureExtractor", [X, np.array([1, 0, 1])], {}, 1),
    ("ArrayFeatureExtractor", [X[0], np.array([1])], {}, 1),
    ("ArrayFeatureExtractor", [TEXT, np.array([[1]])], {}, 1),
    ("LabelEncoder", [TEXT], {"classes_strings": ["a", "b"]}, 1),
    ("LabelEncoder", [WHOLE], {"classes_strings": ["a", "b"], "default_string": "?"}, 1),
    ("LabelEncoder", [TEXT], {"keys_strings": ["a", "b"], "values_int64s": [3, 4]}, 2),
    ("LabelEncoder", [TEXT], {"keys_strings": ["a", "a"], "values_floats": [3.0, 4.0]}, 2),
    ("LabelEncoder", [TEXT], {"keys_strings": ["a", "b"], "values_strings": ["x", "y"]}, 2),
    ("LabelEncoder", [WHOLE], {"keys_int64s": [1, 3], "values_strings": ["x", "y"]}, 2),
    ("LabelEncoder", [WHOLE], {"keys_int64s": [1, 3], "values_floats": [0.1, 0.2]}, 2),
    ("LabelEncoder", [GAPS], {"keys_floats": [1.0, 2.0], "values_int64s": [7, 8]}, 2),
    ("LabelEncoder", [GAPS], {"keys_floats": [NAN, 2.0], "values_strings": ["n", "t"]}, 4),
    (
        "LabelEncoder",
        [WHOLE],
        {
            "keys_tensor": onnx.numpy_helper.from_array(np.array([1, 3])),
            "values_tensor": onnx.numpy_helper.from_array(np.array([10, 30])),
            "default_tensor": onnx.numpy_helper.from_array(np.array([-7])),
        },
        4,
    ),
    ("CategoryMapper", [TEXT], PAIR, 1),
    ("CategoryMapper", [WHOLE], PAIR, 1),
    ("OneHotEncoder", [TEXT], {"cats_strings": ["a", "b"]}, 1),
    ("OneHotEncoder", [WHOLE[1]], {"cats_int64s": [3, -2, 5], "zeros": 0}, 1),
    ("OneHotEncoder", [np.array([1, 2.7], np.float32)], {"cats_int64s": [1, 2]}, 1),
    ("ZipMap", [X], {"classlabels_int64s": [3, 4]}, 1),
    ("ZipMap", [X[0]], {"classlabels_strings": ["a", "b"]}, 1),
]
OUTPUTS = {"LinearClassifier": 2}


@pytest.mark.parametrize(
    ("op", "inputs", "attributes", "version"),
    CASES,
    ids=[f"{place}-{case[0]}" for place, case in enumerate(CASES)],
)
@pytest.mark.parametrize("on", ["numpy", "numpy:float64"])
def test_a_node_gives_what_onnxruntime_gives(
    op: str, inputs: list[Any], attributes: dict[str, Any], version: int, on: str
) -> None:
    model = model_of(op, inputs, attributes, version, OUTPUTS.get(op, 1))
    expected = run_on("onnxruntime", model, inputs)
    for got, wanted in zip(run_on(on, model, inputs), expected, strict=True):
        check_same(got, wanted)
        if on == "numpy" and isinstance(wanted, np.ndarray):
            np.testing.assert_equal(got.dtype, wanted.dtype)


def test_scores_may_be_probits() -> None:
    model = model_of("LinearRegressor", [X], {**ONE, "post_transform": "PROBIT"}, 1)
    (got,) = run_on("numpy", model, [X])
    np.testing.assert_allclose(got[:2, 0], [-1.6448536, 0.8416212], rtol=1e-6)
    np.testing.assert_equal(np.isnan(got[2, 0]), True)
    check_same(got, run_on("onnxruntime", model, [X])[0], rtol=1e-3)


HOSTILE: list[tuple[str, list[Any], dict[str, Any], str]] = [
    ("LinearRegressor", [X], {"coefficients": [1.0]}, "1 coefficients, but 1 targets"),
    (
        "LinearRegressor",
        [X],
        {**ONE, "targets": 1 << 40},
        "1099511627776 targets of 2 features need",
    ),
    ("LinearRegressor", [X], {**ONE, "intercepts": [1.0, 2.0]}, "2 intercepts for 1 targets"),
    ("LinearClassifier", [X], {**TWO, "classlabels_ints": [1, 2, 3]}, "4 coefficients, but 3"),
    ("Scaler", [X], {"offset": [0.0], "scale": [1.0, 2.0, 3.0]}, "scale has 3 entries"),
    ("Scaler", [X], {"scale": [1.0]}, "offset has 0 entries"),
    ("Normalizer", [X], {"norm": "L3"}, "no norm 'L3'"),
    ("Imputer", [X], {"imputed_value_floats": [1.0] * 3}, "imputed_value has 3 entries"),
    ("FeatureVectorizer", [X], {"inputdimensions": [1 << 40]}, "but the memory limit is"),
    ("FeatureVectorizer", [X], {"inputdimensions": [-1]}, r"inputdimensions are \[-1\]"),
    ("ArrayFeatureExtractor", [X, np.array([9])], {}, "index 9 is out of bounds"),
    ("LabelEncoder", [TEXT], {"keys_strings": ["a"], "values_int64s": [1, 2]}, "1 keys, but 2"),
    ("LabelEncoder", [TEXT], {"keys_strings": ["a"]}, "0 attributes give values"),
    ("CategoryMapper", [TEXT], {"cats_strings": ["a"], "cats_int64s": [1, 2]}, "1 keys, but 2"),
    ("OneHotEncoder", [TEXT], {"cats_strings": ["a"], "zeros": 0}, "'b' is no category"),
    ("ZipMap", [X], {"classlabels_int64s": [1]}, "2 scores in a row, but 1 labels"),
]


@pytest.mark.parametrize(
    ("op", "inputs", "attributes", "told"),
    HOSTILE,
    ids=[f"{place}-{case[0]}" for place, case in enumerate(HOSTILE)],
)
def test_a_broken_node_is_one_clear_error(
    op: str, inputs: list[Any], attributes: dict[str, Any], told: str
) -> None:
    model = model_of(op, inputs, attributes, 4 if op == "LabelEncoder" else 1)
    with pytest.raises(runtime.NodeError, match=told):
        run_on("numpy", model, inputs)


def test_the_kernels_take_what_the_schemas_have() -> None:
    for each in registrations():
        if each.domain == DOMAIN:
            version = 5 if each.until is None else each.until - 1
            schema = onnx.defs.get_schema(each.op_type, version, DOMAIN)
            taken = parameters(each.kernel).keywords.keys() - {"node"}
            np.testing.assert_equal(sorted(taken), sorted(schema.attributes), each.op_type)
