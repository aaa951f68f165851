"""Any value anywhere in a network file gives a model or one error."""

from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onnxwright import graphs
from tests.graphs.spec.test_network import TAGGER, read

PLACES = [number for number, line in enumerate(TAGGER.splitlines()) if "=" in line]
VALUES = """1; -1; 0; 3.5; inf; true; "x"; ""; "encoder"; "encoder.state"; "encoder.state.9"
[]; [1, 2]; [["x"]]; ["x", "x"]; {}; {a = 1}; {from = []}
{from = "torch"}; {from = "torch", prefix = "enc"}
{from = "layout", layout = {order = 3}, w = "dynet_w"}; {from = "gates", z = "dynet_w"}; 1979-05-27
{from = "keras", arrays = []}; {from = "arrays", w = "table", b = "table"}; "\\u0000"; "relu"
99999999999999999999"""


@given(
    place=st.sampled_from(PLACES),
    value=st.sampled_from([word.strip() for word in VALUES.replace("\n", ";").split(";")]),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_value_anywhere_gives_a_model_or_one_error(
    tmp_path: Path, place: int, value: str
) -> None:
    lines = TAGGER.splitlines()
    lines[place] = f"{lines[place].split('=')[0]}= {value}"
    try:
        model = read(tmp_path, "\n".join(lines)).build()
    except graphs.GraphError as error:
        np.testing.assert_equal(len(str(error).splitlines()), 2)
    else:
        np.testing.assert_equal(len(model.graph.output), 3)
