import time

import numpy as np
import onnx
import onnx.parser
import pytest
from onnx import TensorProto, numpy_helper

from onnxwright.untrusted import (
    byte_count,
    element_count,
    model_problem,
    tensor_problem,
)
from onnxwright.walking import walk_tensors

NAMES = [name for name, number in TensorProto.DataType.items() if number]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("raw", [False, True])
@pytest.mark.parametrize("size", [1, 3, 4, 0])
def test_every_element_type_that_onnx_writes_is_accepted(name: str, raw: bool, size: int) -> None:
    number = TensorProto.DataType.Value(name)
    if name == "STRING":
        tensor = TensorProto(data_type=number, dims=[size], string_data=[b"a"] * size)
    elif raw:
        dtype = onnx.helper.tensor_dtype_to_np_dtype(number)
        tensor = numpy_helper.from_array(np.ones(size, dtype), "t")
    else:
        tensor = onnx.helper.make_tensor("t", number, [size], [1] * size)
    np.testing.assert_equal(tensor_problem(tensor), None)


@pytest.mark.parametrize(
    ("tensor", "problem"),
    [
        (TensorProto(data_type=1, dims=[-1]), "has a negative dim: [-1]"),
        (TensorProto(data_type=1, dims=[2**40, 2**40]), "overflows int64"),
        (TensorProto(data_type=1, dims=[2**62]), "overflows int64"),
        (TensorProto(data_type=1, dims=[2**40]), "needs 1099511627776 values, has 0"),
        (TensorProto(data_type=1, dims=[3], raw_data=b"1234"), "needs 12 bytes, has 4"),
        (TensorProto(data_type=1, dims=[1], float_data=[1, 2]), "needs 1 values, has 2"),
        (TensorProto(data_type=8, dims=[2], string_data=[b"a"]), "needs 2 strings, has 1"),
        (TensorProto(data_type=0, dims=[1]), "element type 0, which ONNX does not have"),
        (TensorProto(data_type=999, dims=[1]), "element type 999, which ONNX does not have"),
        (
            TensorProto(data_type=8, dims=[1], data_location="EXTERNAL"),
            "string tensor in external data",
        ),
    ],
)
def test_tensors_that_cannot_be_are_named(tensor: onnx.TensorProto, problem: str) -> None:
    found = tensor_problem(tensor)
    assert found is not None
    assert problem in found


def test_a_dim_of_zero_beside_huge_ones_is_an_empty_tensor() -> None:
    tensor = TensorProto(data_type=1, dims=[2**62, 0])
    np.testing.assert_equal([byte_count(tensor), tensor_problem(tensor)], [0, None])


def test_the_product_of_many_large_dims_is_not_computed() -> None:
    tensor = TensorProto(data_type=1, dims=[2**62] * 40_000)
    assert element_count(tensor.dims) < 2**126
    assert byte_count(tensor) < 2**130
    assert "overflows int64" in (tensor_problem(tensor) or "")
    np.testing.assert_equal(element_count([*tensor.dims, 0]), 0)


def test_tensors_are_found_wherever_they_stand() -> None:
    model = onnx.parser.parse_model("""<ir_version: 8, opset_import: ["" : 17, "f" : 1]>
        g (float[1] x, bool c) => (float[1] y) <float[1] w = {1.0}> {
            k = Constant <value = float[1] {2.0}> ()
            y = If (c) <then_branch = t () => (float[1] p) <float[1] v = {3.0}> { p = Add(v, k) },
                        else_branch = e () => (float[1] q) {
                            q = Constant <value = float[1] {4.0}> () }>
        }
        <domain: "f", opset_import: ["" : 17]>
        h (a) => (b) { b = Constant <value = float[1] {5.0}> () }""")
    values = sorted(float(numpy_helper.to_array(t)[0]) for t in walk_tensors(model))
    np.testing.assert_equal(values, [1.0, 2.0, 3.0, 4.0, 5.0])


def chain(length: int, calls: int) -> onnx.ModelProto:
    """Return a model whose function i calls function i + 1 `calls` times, the last none."""
    model = onnx.parser.parse_model("""<ir_version: 8, opset_import: ["" : 17, "f" : 1]>
        g (float[1] x) => (float[1] y) { y = f.f0 (x) }""")
    for i in range(length):
        function = model.functions.add(domain="f", name=f"f{i}")
        for _ in range(calls):
            function.node.add(domain="f", op_type=f"f{i + 1}")
    return model


def test_functions_that_grow_exponentially_are_refused_at_once() -> None:
    start = time.process_time()
    np.testing.assert_equal(model_problem(chain(12, 2)), None)
    problem = model_problem(chain(60, 10))
    assert problem is not None
    assert "its function calls expand to more than 500000 nodes" in problem
    assert time.process_time() - start < 30


def test_a_long_chain_of_functions_is_looked_at_once_each() -> None:
    model = chain(20_000, 2)
    start = time.process_time()
    np.testing.assert_equal("expand to more than" in (model_problem(model) or ""), True)
    assert time.process_time() - start < 15  # 0.3 s; pass after pass it takes minutes


def test_functions_that_call_each_other_in_a_circle_are_refused() -> None:
    model = chain(3, 1)
    model.functions[2].node[0].op_type = "f1"
    problem = model_problem(model)
    assert problem is not None
    assert "call each other in a circle" in problem


def test_a_split_into_billions_is_refused() -> None:
    node = onnx.helper.make_node("Split", ["x"], ["y"], name="s", num_outputs=2**31 - 1)
    model = onnx.helper.make_model(onnx.helper.make_graph([node], "g", [], []))
    problem = model_problem(model)
    np.testing.assert_equal(problem, "node 's' splits into 2147483647 parts, and has 1 outputs")


def test_a_model_without_a_graph_is_refused() -> None:
    np.testing.assert_equal(model_problem(onnx.ModelProto()), "it holds no graph")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        # Field 7 is the graph; in it 2 is its name, 1 a node, whose field 4 is the operator.
        (b"\x3a\x04\x12\x02\xff\xfe", "a GraphProto's name is no UTF-8 text: b'\\xff\\xfe'"),
        (b"\x3a\x05\x0a\x03\x22\x01\xff", "a NodeProto's op_type is no UTF-8 text: b'\\xff'"),
        (b"\x3a\x05\x0a\x03\x0a\x01\xff", "a NodeProto's input is no UTF-8 text: b'\\xff'"),
        (b"\x3a\x05\x2a\x03\x42\x01\xff", "a TensorProto's name is no UTF-8 text: b'\\xff'"),
        (
            b"\x3a\x07\x2a\x05\x6a\x03\x0a\x01\xff",
            "a StringStringEntryProto's key is no UTF-8 text: b'\\xff'",
        ),
    ],
)
def test_names_that_are_no_text_are_refused(content: bytes, problem: str) -> None:
    np.testing.assert_equal(model_problem(onnx.ModelProto.FromString(content)), problem)


@pytest.mark.parametrize("version", [-1, 2**31, 2**62])
def test_impossible_opsets_are_refused(version: int) -> None:
    model = chain(1, 0)
    model.functions[0].opset_import.add(version=version)
    np.testing.assert_equal(model_problem(model), f"it asks for the impossible opset {version}")
