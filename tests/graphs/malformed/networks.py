"""Networks, inputs, outputs, constants and operators that cannot be."""

from onnxwright.graphs import Network

from .common import DENSE, GRU, LSTM, Call, X, with_inputs

NETWORKS: dict[str, Call] = {
    "opset_too_old": lambda: Network("net", opset=12),
    "opset_too_new": lambda: Network("net", opset=99),
    "dtype_of_integers": lambda: Network("net", dtype="int8"),
    "dims_negative": with_inputs(lambda net: net.input("x", ["batch", -1])),
    "dims_of_a_fraction": with_inputs(lambda net: net.input("x", "batch 3.5")),
    "dims_of_a_bool": with_inputs(lambda net: net.input("x", [True])),
    "dims_as_a_number": with_inputs(lambda net: net.input("x", 3)),
    "input_dtype_unknown": with_inputs(lambda net: net.input("x", "batch", dtype="float")),
    "input_name_taken": with_inputs(lambda net, x: net.input("x", "batch"), X),
    "input_name_empty": with_inputs(lambda net: net.input("", "batch")),
    "layer_name_taken": with_inputs(
        lambda net, x: [net.dense(x, DENSE, name="head") for _ in range(2)], X
    ),
    "layer_name_padded": with_inputs(lambda net, x: net.dense(x, DENSE, name=" head"), X),
    "output_name_of_an_input": with_inputs(lambda net, x: net.output("x", x), X),
    "output_name_taken": with_inputs(lambda net, x: [net.output("y", x), net.output("y", x)], X),
    "output_of_another_network": with_inputs(
        lambda net: net.output("y", Network("other").input("x", "batch"))
    ),
    "output_dims_contradict": with_inputs(lambda net, x: net.output("y", x, "batch time 4"), X),
    "output_is_a_layer_result": with_inputs(lambda net, x: net.output("y", net.lstm(x, LSTM)), X),
    "constant_of_text": with_inputs(lambda net: net.constant(["a"], name="words")),
    "operator_misspelt": with_inputs(lambda net, x: net.op("Softmaks", x, name="p"), X),
    "operator_without_that_attribute": with_inputs(
        lambda net, x: net.op("Softmax", x, axes=1, name="p"), X
    ),
    "streamed_state_has_the_name_of_an_input": with_inputs(
        lambda net, x, s: net.lstm(x, LSTM, streaming=True), X, ("state_0_in", "batch", "float32")
    ),
    "output_has_the_name_of_a_streamed_state": with_inputs(
        lambda net, x: [
            [net.output(name, net.gru(x, GRU).last) for name in ("state_0_out", "gru.h_out")],
            net.build(),
        ],
        X,
        streaming=True,
    ),
    "bfloat16_before_the_operator_takes_it": with_inputs(
        lambda net, x: net.gru(x, GRU), ("x", "batch time 3", "bfloat16"), dtype="bfloat16"
    ),
    "no_output": with_inputs(lambda net, x: net.build(), X),
    "output_has_the_name_of_a_weight": with_inputs(
        lambda net, x: [net.output("head.W", net.dense(x, DENSE, name="head")), net.build()], X
    ),
}
