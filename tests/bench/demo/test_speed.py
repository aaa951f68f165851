import os
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import numpy as np
import pytest

from onnxwright.bench.demo import speed
from onnxwright.bench.demo.speed import (
    BUDGET_S,
    FEWEST,
    LONGEST_S,
    PROCESSES,
    Timing,
    gather,
    make_requests,
    measure,
    run_processes,
)
from onnxwright.bench.digits.cases import case
from onnxwright.bench.errors import BenchError

MEDIANS = (5e-5, 1e-5, 2e-5, 3e-5, 9e-3, 4e-5, 6e-5, 7e-5, 8e-5)


def timing(batch: int, medians: tuple[float, ...] = MEDIANS) -> Timing:
    return Timing(batch, medians, ((1e-5,),) * len(medians), (1,) * len(medians))


def test_the_interval_leaves_out_the_fastest_and_the_slowest_process() -> None:
    np.testing.assert_equal(len(MEDIANS), PROCESSES)
    np.testing.assert_equal(timing(1).latency_s, (5e-5, 2e-5, 8e-5))


def test_the_fewest_processes_give_an_interval_over_all_of_them() -> None:
    np.testing.assert_allclose(timing(1, MEDIANS[:FEWEST]).latency_s, (3.5e-5, 1e-5, 9e-3))


def test_items_per_second_turn_the_interval_round() -> None:
    np.testing.assert_allclose(timing(64).items_per_s, (64 / 5e-5, 64 / 8e-5, 64 / 2e-5))


@pytest.mark.parametrize("cases", [1, 42, 200])
def test_the_requests_share_the_budget(cases: int) -> None:
    requests = make_requests(Path(), [("lstm", "numpy")] * cases, 9)
    np.testing.assert_equal([request.seed for request in requests], list(range(9)))
    np.testing.assert_equal(requests[0].seconds <= LONGEST_S, True)
    np.testing.assert_equal(requests[0].seconds * cases * 2 * 9 <= BUDGET_S * 1.001, True)


def test_a_process_measures_every_case_at_both_batch_sizes(tmp_path: Path) -> None:
    case("rnn_tanh").build().save(tmp_path / "rnn_tanh.onnx")
    cases = [("rnn_tanh", "numpy"), ("rnn_tanh", "numpy:float64")]
    found = [measure(request) for request in make_requests(tmp_path, cases, 2)]
    for on in ("numpy", "numpy:float64"):
        one, many = gather(found, "rnn_tanh", on)
        np.testing.assert_equal((one.batch, many.batch), (1, 64))
        for timed in (one, many):
            np.testing.assert_equal(len(timed.medians_s), 2)
            np.testing.assert_array_less(0, timed.medians_s)
            np.testing.assert_equal(
                timed.medians_s, [np.median(samples) for samples in timed.samples_s]
            )


def test_the_threads_of_this_process_stay_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    seen = [
        (process.taken, os.environ["OMP_NUM_THREADS"], os.environ["MKL_NUM_THREADS"])
        for process in run_processes(make_requests(Path(), [], 1))
    ]
    np.testing.assert_equal(seen, [({}, "1", "1")])
    np.testing.assert_equal(os.environ["OMP_NUM_THREADS"], "7")
    np.testing.assert_equal("MKL_NUM_THREADS" in os.environ, False)


def test_a_process_that_dies_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def __init__(self, *_: object, **__: object) -> None: ...

        def __enter__(self) -> "Broken":
            return self

        def __exit__(self, *_: object) -> None: ...

        def map(self, *_: object) -> None:
            raise BrokenProcessPool("a child was killed")

    monkeypatch.setattr(speed, "ProcessPoolExecutor", Broken)
    with pytest.raises(BenchError, match=r"a measuring process died.*\nmeasure one runtime at a"):
        list(run_processes(make_requests(Path(), [], 1)))
