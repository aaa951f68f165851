"""Changes to written configurations of Triton that the check must tell, and a server feel."""

import re

from onnxwright.graphs.bundles import Options

TREES = {
    "stream": ("stream", Options(states="server")),
    "client": ("stream", Options()),
    "tagger": ("tagger", Options(warm_up=1, dims={"time": 5})),
}
"""Model and options of each tree that is changed."""

# tree | what is replaced in config.pbtxt (a regular expression) | by what | problem | effect
EDITS = r"""
stream | (?s)initial_state \{.*?\}         |                              | state 'ear.c_in' has no initial_state | silently wrong
stream | output_name: "ear.h_out"          | output_name: "ear.c_out"     | the state 'ear.h_in' goes on as 'ear.c_out', in the graph as 'ear.h_out' | silently wrong
stream | (?s)dims: \[ 4 \](.*?)dims: \[ 4 \] | dims: [ 8 ]\1dims: [ 8 ] | state 'ear.c_in' has the dims [8], in the graph [4] | every request fails or reads memory
stream | (?s)dims: \[ 5 \](.*?)dims: \[ 5 \] | dims: [ 1, 5 ]\1dims: [ 1, 5 ] | state 'mind.h_in' has the dims [1, 5], in the graph [5] | does not look
stream | TYPE_FP32                         | TYPE_FP64                    | input 'x' is TYPE_FP64, in the graph FLOAT | does not load
stream | (?s)(state.*?)TYPE_FP32(.*?)TYPE_FP32 | \1TYPE_INT32\2TYPE_INT32 | state 'ear.c_in' is TYPE_INT32, in the graph FLOAT | does not look
stream | name: "zeros"                     |                              | the initial_state of state 'ear.c_in' has no name | does not load
stream | zero_data: true                   |                              | the initial_state of state 'ear.c_in' has no data | does not load
stream | zero_data: true                   | data_file: "h0"              | there is no such file | does not load
stream | (?s)(initial_state.*?)dims: \[ 4 \] | \1dims: [ -1 ]             | the initial_state of state 'ear.c_in' has the dims [-1], the state [4] | does not load
stream | (?s)(initial_state.*?)TYPE_FP32   | \1TYPE_FP16                  | the initial_state of state 'ear.c_in' has another data_type | does not load
stream | (?m)^output                       | input { name: "ear.h_in" data_type: TYPE_FP32 dims: [ 4 ] }\noutput | 'ear.h_in' is a state that the server keeps, and is listed as an input too | every request would have to send it
stream | \Z                                | model_warmup { name: "w" batch_size: 1 count: 1 } | model_warmup beside states that the server keeps | does not load
stream | input_name: "ear.h_in"            | input_name: "nobody"         | the graph has no input 'nobody', which is to be a state | does not load
stream | \Z                                | dynamic_batching { }         | it is no model configuration | cannot read it
client | (?m)^name: "stream"               | name: "other"                | its name is 'other', and its folder's is 'stream' | does not load
client | backend: "onnxruntime"            | backend: "onnx"              | the server has no backend 'onnx' | does not load
client | backend: "onnxruntime"            | platform: "onnx"             | the server has no platform 'onnx' | does not load
client | (?s)output \{\s*name: "ear.h_out".*?\} |                         | the state output 'ear.h_out' is not listed | each begins anew
client | (?s)input \{\s*name: "ear.h_in".*?\} |                           | the graph's input 'ear.h_in' is not listed | does not load
client | name: "x"                         | name: "X"                    | the graph has no input 'X' | does not load
client | dims: \[ -1, 3 \]                 | dims: [ -1, -1, 3 ]          | the dims [-1, -1, 3] of input 'x' have the batch among them | does not load
client | dims: \[ -1, 3 \]                 | dims: [ 3 ]                  | input 'x' has the dims [3], in the graph [-1, 3] | does not load
client | dims: \[ -1, 3 \]                 | dims: [ -1, 4 ]              | input 'x' has the dims [-1, 4], in the graph [-1, 3] | does not load
client | dims: \[ -1, 3 \]                 | dims: [ -1, -1 ]             | input 'x' has the dims [-1, -1], in the graph [-1, 3] | fails in the model
client | dims: \[ -1, 5 \]                 | dims: [ 7, 5 ]               | output 'y' has the dims [7, 5], in the graph [-1, 5]: an output's must be equal | does not load
client | dims: \[ -1, 3 \]                 | dims: [ 0, 3 ]               | input 'x' has the dims [0, 3] | does not load
client | dims: \[ -1, 3 \]                 |                              | input 'x' has no dims | does not load
client | data_type: TYPE_FP32              |                              | input 'x' has no data_type | does not load
client | name: "x"                         | name: "x" optional: true     | input 'x' is optional | fails in the model
client | \Z                                | output { name: "y" data_type: TYPE_FP32 dims: [ -1, 5 ] } | output 'y' is listed twice | one of the two
client | max_batch_size: 64                | max_batch_size: -1           | max_batch_size is negative | does not load
client | max_batch_size: 64                | max_batch_size: 0            | dynamic_batching without max_batch_size | batches nothing
client | dynamic_batching \{               | dynamic_batching { preferred_batch_size: [ 65 ] | preferred_batch_size 65 is not from 1 to max_batch_size | does not load
client | max_batch_size: 64                | max_batch: 64                | it is no model configuration: 3:1 : Message type "inference.ModelConfig" has no field | cannot read it
client | TYPE_FP32                         | TYPE_FLOAT                   | it is no model configuration | cannot read it
client | \Z                                | version_policy { specific { versions: [ 7 ] } } | version_policy asks for version 7, which is not there | does not load
client | \Z                                | default_model_filename: "net.onnx" | there is no such file | does not load
client | \Z                                | default_model_filename: "../../../net.onnx" | default_model_filename '../../../net.onnx' is no file's name | outside
tagger | (?s)reshape \{.*?\}               |                              | the dims [1] of input 'lengths' have the batch among them | does not load
tagger | dims: \[ 5, 3 \]                  | dims: [ 5, 4 ]               | model_warmup 'zeros': 'x' has the dims [5, 4] | does not load
tagger | key: "lengths"                    | key: "length"                | model_warmup 'zeros' lacks the input 'lengths' | does not load
tagger | batch_size: 1\b                   | batch_size: 65               | model_warmup 'zeros' has batch_size 65 | does not load
"""  # noqa: E501
ROWS = [[part.strip() for part in line.split(" | ")] for line in EDITS.strip().splitlines()]


def changed_config(text: str, old: str, new: str) -> str:
    changed = re.sub(old, new, text, count=1)
    assert changed != text
    return changed
