import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnxwright.runtime.ort.placement import Assigned, Placement, Ran, read_profile

CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"


def event(name: str, start: int, length: int, provider: str = CPU, tid: int = 1) -> dict[str, Any]:
    return {
        "cat": "Node",
        "name": f"{name}_0_kernel_time",
        "ts": start,
        "dur": length,
        "tid": tid,
        "args": {"provider": provider, "op_name": name},
    }


def write(folder: Path, *events: dict[str, Any]) -> Path:
    path = folder / "profile.json"
    path.write_text(json.dumps(events))
    return path


def run(start: int) -> dict[str, Any]:
    return {"cat": "Session", "name": "model_run", "ts": start, "dur": 100, "args": {}}


def test_what_runs_inside_a_scan_is_not_counted_twice(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        run(0),
        event("Scan", 10, 50),
        event("Add", 12, 5),
        event("If", 20, 30),
        event("Tanh", 25, 10),
        event("Relu", 60, 8),
        event("Exp", 15, 20, tid=2),
    )
    times = {row.op_type: row.microseconds for row in read_profile(path)}
    want = {"Scan": 15.0, "If": 20.0, "Add": 5.0, "Tanh": 10.0, "Relu": 8.0, "Exp": 20.0}
    np.testing.assert_equal(times, want)


def test_the_first_runs_are_left_out_and_the_rest_averaged(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        run(0),
        event("Add", 10, 70),
        run(100),
        event("Add", 110, 4, CUDA),
        event("Add", 120, 6, CUDA),
        run(200),
        event("Add", 210, 4, CUDA),
        {**event("Add", 220, 50), "name": "Add_0_fence_before"},
    )
    np.testing.assert_equal(read_profile(path, skip_runs=1), (Ran("cuda", "Add", 1.5, 7.0),))


MIXED = Placement(
    on="cuda",
    assigned=(
        Assigned("cpu", "GRU", 6, ("g",)),
        Assigned("cuda", "MatMul", 412, ()),
        Assigned("cpu", "Shape", 2, ()),
    ),
    ran=(Ran("cpu", "GRU", 6.0, 30.0), Ran("cuda", "MatMul", 412.0, 90.0)),
)


def test_a_mixed_placement_names_what_fell_back() -> None:
    np.testing.assert_equal(
        MIXED.describe(), "412 of 420 nodes on cuda, 8 on cpu (GRU x6, Shape x2; 25% of the time)"
    )
    np.testing.assert_equal(
        replace(MIXED, ran=None).describe(),
        "412 of 420 nodes on cuda, 8 on cpu (GRU x6, Shape x2)",
    )
    np.testing.assert_equal(list(MIXED.nodes.items()), [("cuda", 412), ("cpu", 8)])
    np.testing.assert_equal([row.op_type for row in MIXED.fell_back], ["GRU", "Shape"])
    np.testing.assert_equal([MIXED.share("cpu"), MIXED.share("cuda")], [0.25, 0.75])


@pytest.mark.parametrize(
    ("placement", "text"),
    [
        (Placement("cpu", None, None), "placement unknown: this onnxruntime does not record it"),
        (Placement("cpu", (), None), "0 of 0 nodes on cpu"),
    ],
)
def test_what_is_not_known_is_said(placement: Placement, text: str) -> None:
    np.testing.assert_equal(placement.describe(), text)
    np.testing.assert_equal(placement.share("cpu"), None)
