"""Parts of the machine's peaks that a case and its nodes reach."""

from dataclasses import replace

import numpy as np
import pytest

from onnxwright.bench.model.counts import Counts, NodeCount
from onnxwright.bench.model.steps import Steps
from onnxwright.bench.results.document import CaseFacts
from onnxwright.bench.results.measured import NodeTime, Peak
from onnxwright.bench.results.roofline import part_of, roofline, with_parts

CASE = CaseFacts(
    id="m | cpu",
    group="m",
    model="m",
    sizes={},
    label="cpu",
    on="cpu",
    provider=None,
    environment=None,
    device="cpu",
    threads=None,
    provider_options={},
)
COUNTS = Counts(10**9, 10**6, (), (NodeCount("dense/Gemm", "Gemm", 10**9, 10**6),))


def peak(what: str, rate: float | None, device: str = "cpu", threads: int | None = None) -> Peak:
    return Peak(probe=what, label="cpu", device=device, threads=threads, what=what, rate=rate)


def test_shares_are_of_the_best_peak_of_the_same_device_and_threads() -> None:
    peaks = [
        peak("gemm float32", 2e12),
        peak("gemm float32", 4e12),
        peak("gemm float32", None),
        peak("gemm float32", 9e12, "gpu"),
        peak("gemm float32", 8e12, threads=1),
        peak("memory", 1e10),
    ]
    part = part_of(roofline(CASE, peaks), 1e-3, COUNTS)
    assert part is not None
    np.testing.assert_allclose([part.flops_share or 0, part.bytes_share or 0], [0.25, 0.1])


def test_profiled_nodes_get_shares_also_when_fused() -> None:
    nodes = [
        NodeTime("fused dense/Gemm", "Gemm", "cpu", 1, 5e-4),
        NodeTime("made by the runtime", "Reorder", "cpu", 1, 1e-4),
    ]
    found = with_parts(nodes, roofline(CASE, [peak("gemm float32", 4e12)]), COUNTS)
    assert found is not None
    np.testing.assert_equal([node.flops_share for node in found], [0.5, None])
    np.testing.assert_equal([node.bytes_share for node in found], [None, None])


def test_a_disturbed_peak_counts_only_where_there_is_no_other() -> None:
    busy = replace(peak("gemm float32", 8e12), flags=("busy",))
    found = roofline(CASE, [busy, peak("gemm float32", 4e12), peak("memory", 1e10)])
    np.testing.assert_equal((found.flops_per_s, found.disturbed), (4e12, False))
    found = roofline(CASE, [busy, peak("memory", 1e10)])
    np.testing.assert_equal((found.flops_per_s, found.disturbed), (8e12, True))
    part = part_of(found, 1e-3, COUNTS)
    assert part is not None
    np.testing.assert_equal(part.peaks_disturbed, True)


def test_a_case_is_held_against_the_peak_of_its_own_element_type() -> None:
    peaks = [peak("gemm float32", 4e12), peak("gemm int8", 2e13)]
    found = roofline(CASE, peaks, replace(COUNTS, dtype="int8"))
    np.testing.assert_equal((found.flops_per_s, found.dtype), (2e13, "int8"))
    np.testing.assert_equal(
        roofline(CASE, peaks, replace(COUNTS, dtype="bfloat16")).flops_per_s, None
    )


READS = [peak("gemm float32", 1e12), peak("read 65536", 1e11), peak("read 1048576", 1e10)]
LAYERS = {
    "fits into the small cache": (Steps(100, 50_000, 0), 100 * 50_000 / 1e11),
    "fits into the large cache": (Steps(100, 100_000, 0), 100 * 100_000 / 1e10),
    "larger than all": (Steps(100, 10**7, 0), 100 * 10**7 / 1e10),
    "computes longer than it reads": (Steps(10, 1000, 10**8), 10 * 10**8 / 1e12),
}


@pytest.mark.parametrize("case", LAYERS)
def test_a_step_waits_for_its_weights_or_its_products(case: str) -> None:
    layer, waiting = LAYERS[case]
    flops = 10**9 + layer.steps * layer.flops
    counts = Counts(flops, 10**6, (), (), steps=(layer,))
    part = part_of(roofline(CASE, READS), 1.0, counts)
    assert part is not None
    np.testing.assert_allclose(part.floor_s or 0, waiting + 1e-3)
    np.testing.assert_allclose(part.floor_share or 0, waiting + 1e-3)


def test_there_is_no_floor_without_recurrent_layers_or_reads() -> None:
    counts = Counts(10**9, 10**6, (), (), steps=(Steps(1, 1, 1),))
    for given, peaks in ((COUNTS, READS), (counts, READS[:1])):
        part = part_of(roofline(CASE, peaks), 1.0, given)
        assert part is not None
        np.testing.assert_equal(part.floor_s, None)
