"""What the machine tells of itself."""

import json
from dataclasses import replace

import numpy as np

from onnxwright.bench.codec import decode, encode
from onnxwright.bench.measure.machine import machine
from onnxwright.bench.results.machine import Machine, differences


def test_the_machine_is_described_in_json() -> None:
    here = machine()
    again = decode(Machine, json.loads(json.dumps(encode(here), allow_nan=False)))
    np.testing.assert_equal(again, here)
    np.testing.assert_equal(here.packages["numpy"], np.__version__)
    assert (here.cores or 0) >= 1


def test_unlike_machines_are_told_apart() -> None:
    here = machine()
    np.testing.assert_equal(differences(here, here), [])
    np.testing.assert_equal(
        differences(replace(here, cpu="other", load_1min=9.0), here),
        [f"cpu: 'other' and {here.cpu!r}"],
    )


def test_unlike_nodes_of_two_clusters_are_told_apart() -> None:
    one, other = (Machine(nodes={"a": Machine(cores=cores), "b": Machine()}) for cores in (2, 4))
    np.testing.assert_equal(differences(one, other), ["node a: cores: 2 and 4"])
