"""From a run's entries to one row per case: pure, so a journal can be reported at any time."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..errors import BenchError
from ..measure.load_test import load_rows
from ..measure.profiles import placement_line
from ..measure.schedule import Done, ratio_between
from ..stats import Outcome, Ratio, break_even, judge, median_interval, supported_percentiles
from .roofline import limits_of, with_limits

Entry = Mapping[str, Any]
Row = dict[str, Any]


def summarize(header: Entry, entries: Sequence[Entry]) -> dict[str, Any]:
    """Return the document that reports and comparisons read: rows, noise floors and raw entries."""
    floors = noise_floors(header, entries)
    return {
        "kind": "results",
        "machine": header["machine"],
        "settings": header["settings"],
        "floors": floors,
        "rows": rows(header, entries, floors),
        "peaks": [entry for entry in entries if entry["kind"] == "peak"],
        "processes": [entry for entry in entries if entry["kind"] == "process"],
        "loads": [entry for entry in entries if entry["kind"] == "load"],
        "cases": header["cases"],
        "counts": header["counts"],
    }


def noise_floors(header: Entry, entries: Sequence[Entry]) -> dict[str, Any]:
    """Return per group the ratio of the baseline to itself, from its A/A pair.

    ``honest`` is False where identical processes came out faster or slower: then no verdict of
    the group is to be believed.
    """
    done, floors = _done(entries), {}
    for case in header["cases"]:
        if case["again"]:
            ratio = ratio_between(case["id"], _baseline(case, header)["id"], done)
            if ratio is not None:
                verdict = judge(ratio, header["settings"]["min_effect"])
                honest = verdict not in ("faster", "slower")
                floors[case["group"]] = {**_ratio(ratio), "verdict": verdict, "honest": honest}
    return floors


def rows(header: Entry, entries: Sequence[Entry], floors: Mapping[str, Any]) -> list[Row]:
    """Return one row per case, without the second halves of the A/A pairs."""
    done, peaks = _done(entries), [entry for entry in entries if entry["kind"] == "peak"]
    found: dict[str, Row] = {}
    for case in header["cases"]:
        if not case["again"]:
            mine = [
                entry for (identity, _), entry in sorted(done.items()) if identity == case["id"]
            ]
            found[case["id"]] = {**case, **_measured(case, mine)}
    for row in found.values():
        counts = header["counts"].get(row["group"])
        row["limits"] = limits_of(row, counts, peaks)
        row["load"] = load_rows(row["id"], entries)
        row["profile"] = with_limits(row["profile"], row, counts, peaks)
        baseline = found[_baseline(row, header)["id"]]
        row["versus"] = _versus(row, baseline, done, header, floors)
    return list(found.values())


def _measured(case: Entry, entries: Sequence[Entry]) -> Row:
    """Return what the processes of one case say together."""
    good = [entry["result"] for entry in entries if entry["status"] == "ok"]
    bad = next((entry for entry in entries if entry["status"] != "ok"), None)
    row: Row = {
        "status": bad["status"] if bad else "ok" if good else "not run",
        "stage": bad["stage"] if bad else None,
        "message": bad["message"] if bad else None,
        "processes": len(good),
        "flags": _counted(flag for entry in entries for flag in entry["flags"]),
        "accuracy": next((e["accuracy"] for e in entries if e.get("accuracy")), None),
    }
    return row | (_times(good) if good else {}) | _placed(case, good)


def _times(results: Sequence[Entry]) -> Row:
    steady = [result["steady_run"] for result in results]
    medians = [each["median_s"] for each in steady]
    single = [t for each in steady if each["loops"] == 1 for t in each["samples_s"]]
    waited = [each["warm_up"]["calls_until_steady"] for each in steady]
    bound = [result["bound_run"] for result in results if result.get("bound_run")]
    return {
        "median_s": statistics.median(medians),
        "interval_s": list(median_interval(medians)) if len(medians) >= 6 else None,
        "percentiles_s": supported_percentiles(single),
        "bound_s": _middle(each["median_s"] for each in bound),
        "to_device_s": _middle(each["to_device_s"] for each in bound),
        "from_device_s": _middle(each["from_device_s"] for each in bound),
        "call_overhead_s": _middle(result.get("call_overhead") for result in results),
        "import_s": _middle(result["import_s"] for result in results),
        "session_s": _middle(result["session_s"] for result in results),
        "first_run_s": _middle(result["first_run_s"] for result in results),
        "calls_until_steady": _middle(waited),
        "unsteady_processes": waited.count(None),
        "cores_used": _middle(each["cores_used"] for each in steady),
        "host_memory_peak_bytes": _largest(each["host_memory_peak_bytes"] for each in steady),
        "host_memory_before_bytes": _middle(r["host_memory_before_bytes"] for r in results),
        "device_memory_bytes": _largest(each["device_memory_bytes"] for each in bound),
        "versions": results[0]["versions"],
    }


def _placed(case: Entry, results: Sequence[Entry]) -> Row:
    profile = next((r["profile"] for r in results if r.get("profile")), None)
    provider = case.get("provider")
    line = placement_line(profile, provider) if provider else None
    return {"placement": line, "profile": (profile or {}).get("nodes")}


def _versus(row: Row, baseline: Row, done: Done, header: Entry, floors: Mapping[str, Any]) -> Any:
    """Return the ratio to the baseline, its verdict and the break-even count; None for itself."""
    if row["id"] == baseline["id"]:
        return None
    ratio = ratio_between(row["id"], baseline["id"], done)
    if ratio is None:
        return {"baseline": baseline["label"], "verdict": None}
    floor = floors.get(row["group"])
    speed = judge(ratio, header["settings"]["min_effect"])
    return {
        "baseline": baseline["label"],
        **_ratio(ratio),
        "verdict": final_verdict(speed, row["accuracy"], floor),
        "speed_alone": speed,
        "break_even_runs": break_even(
            cold_s(row), row["median_s"], cold_s(baseline), baseline["median_s"]
        ),
    }


def final_verdict(speed: Outcome, accuracy: Entry | None, floor: Entry | None) -> str:
    """Return the word for the row: errors over the budget are a failure however fast it was."""
    if accuracy is not None and accuracy.get("passed") is False:
        return "inaccurate"
    if floor is not None and not floor["honest"]:
        return "inconclusive"
    return speed


def cold_s(row: Entry) -> float:
    """Return the seconds from starting to import until the first result is there."""
    return float(row["import_s"] + row["session_s"] + row["first_run_s"])


def _baseline(case: Entry, header: Entry) -> Entry:
    for other in header["cases"]:
        if other["group"] == case["group"]:
            return dict(other)
    raise BenchError(f"the results have no group {case['group']}", "the file is damaged")


def _done(entries: Sequence[Entry]) -> dict[tuple[str, int], Entry]:
    return {(e["case"], e["round"]): e for e in entries if e["kind"] == "process"}


def _ratio(ratio: Ratio) -> dict[str, Any]:
    return {"ratio": ratio.value, "low": ratio.low, "high": ratio.high, "pairs": ratio.pairs}


def _middle(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def _largest(values: Iterable[int | None]) -> int | None:
    return max((value for value in values if value is not None), default=None)


def _counted(words: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    return counts
