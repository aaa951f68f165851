"""From a run's entries to one row per case: pure, so a journal can be reported at any time."""

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, TypeVar

from ..stats import Outcome, break_even, judge, median_interval, supported_percentiles
from .accuracy import worst
from .conclude import conclude
from .document import CaseFacts, Floor, Header, Results, Row, Versus
from .elements import mean_share
from .loads import load_rows, saturation
from .measured import Entry, Errors, LoadRun, Measurement, Peak, Process
from .pairs import Done, ratio_between
from .placement import placement_line
from .releases import release_series
from .roofline import part_of, roofline, with_parts
from .suite_card import card_of

Kind = TypeVar("Kind", Process, LoadRun, Peak)


def summarize(header: Header, entries: Sequence[Entry]) -> Results:
    """Return the document that reports and comparisons read: rows, noise floors and raw entries."""
    floors = noise_floors(header, entries)
    found, done = rows(header, entries, floors), by_round(entries)
    conclusions = conclude(found, done, floors, header.settings.min_effect)
    return Results(
        machine=header.machine,
        settings=header.settings,
        floors=floors,
        rows=found,
        conclusions=conclusions,
        releases=release_series(found, conclusions),
        card=card_of(header.settings, found),
        peaks=_only(Peak, entries),
        processes=_only(Process, entries),
        loads=_only(LoadRun, entries),
        cases=header.cases,
        counts=header.counts,
    )


def concluded(results: Results) -> Results:
    """Return results with the conclusions that follow from them, whatever a file says itself."""
    done, effect = by_round(results.processes), results.settings.min_effect
    found = conclude(results.rows, done, results.floors, effect)
    series = release_series(results.rows, found)
    card = card_of(results.settings, results.rows)
    return replace(results, conclusions=found, releases=series, card=card)


def noise_floors(header: Header, entries: Sequence[Entry]) -> dict[str, Floor]:
    """Return per group the ratio of the baseline to itself, from its A/A pair."""
    done, floors = by_round(entries), {}
    for case in header.cases:
        ratio = case.again and ratio_between(case.id, header.baseline(case.group).id, done)
        if ratio:
            verdict = judge(ratio, header.settings.min_effect)
            floors[case.group] = Floor(
                ratio=ratio.value,
                low=ratio.low,
                high=ratio.high,
                pairs=ratio.pairs,
                verdict=verdict,
                honest=verdict not in ("faster", "slower"),
            )
    return floors


def rows(header: Header, entries: Sequence[Entry], floors: Mapping[str, Floor]) -> tuple[Row, ...]:
    """Return one row per case, without the second halves of the A/A pairs."""
    done, peaks, loads = by_round(entries), _only(Peak, entries), _only(LoadRun, entries)
    ordered = sorted(done.items())
    found: dict[str, Row] = {}
    for case in (case for case in header.cases if not case.again):
        mine = [process for (identity, _), process in ordered if identity == case.id]
        row = _measured(case, mine)
        # Operations and bytes were counted for the group's own model.
        own = case.model == header.baseline(case.group).model
        counts = header.counts.get(case.group) if own else None
        peak, loaded = roofline(case, peaks, counts), load_rows(case.id, loads)
        found[case.id] = replace(
            row,
            limits=part_of(peak, row.median_s, counts),
            profile=with_parts(row.profile, peak, counts),
            load=loaded,
            saturation=saturation(loaded),
        )
    baselines = {row.id: found[header.baseline(row.group).id] for row in found.values()}
    return tuple(
        replace(row, versus=_versus(row, baselines[row.id], done, header, floors))
        for row in found.values()
    )


def by_round(entries: Iterable[Entry]) -> dict[tuple[str, int], Process]:
    """Return the processes by case and round."""
    return {(each.case, each.round): each for each in entries if isinstance(each, Process)}


def final_verdict(speed: Outcome, accuracy: Errors | None, floor: Floor | None) -> Any:
    """Return the word for the row: errors over the budget are a failure however fast it was."""
    if accuracy is not None and accuracy.passed is False:
        return "inaccurate"
    return "inconclusive" if floor is not None and not floor.honest else speed


def _measured(case: CaseFacts, processes: Sequence[Process]) -> Row:
    """Return what the processes of one case say together."""
    good = [each.result for each in processes if each.result is not None and each.status == "ok"]
    bad = next((each for each in processes if each.status != "ok"), None)
    errors = [each.accuracy for each in processes if each.accuracy is not None]
    profile = next((result.profile for result in good if result.profile), None)
    row = Row(
        **{field.name: getattr(case, field.name) for field in fields(CaseFacts)},
        status=bad.status if bad else "ok" if good else "not run",
        stage=bad.stage if bad else None,
        message=bad.message if bad else None,
        processes=len(good),
        flags=Counter(flag for each in processes for flag in each.flags),
        accuracy=worst(errors),
        accuracy_varies=len({each.max_abs for each in errors}) > 1,
        placement=placement_line(profile, case.provider) if case.provider else None,
        profile=profile.nodes if profile else None,
    )
    return _timed(row, good) if good else row


def _timed(row: Row, results: Sequence[Measurement]) -> Row:
    """Return the row with timings, memory and versions."""
    steady = [result.steady_run for result in results]
    medians = [each.median_s for each in steady]
    single = [t for each in steady if each.loops == 1 for t in each.samples_s]
    waited = [each.warm_up.calls_until_steady for each in steady]
    bound = [result.bound_run for result in results if result.bound_run is not None]
    return replace(
        row,
        median_s=statistics.median(medians),
        interval_s=median_interval(medians) if len(medians) >= 6 else None,
        percentiles_s=supported_percentiles(single),
        bound_s=_middle(each.median_s for each in bound),
        to_device_s=_middle(each.to_device_s for each in bound),
        from_device_s=_middle(each.from_device_s for each in bound),
        call_overhead_s=_middle(result.call_overhead for result in results),
        server=mean_share(result.server for result in results),
        import_s=_middle(result.import_s for result in results),
        session_s=_middle(result.session_s for result in results),
        first_run_s=_middle(result.first_run_s for result in results),
        calls_until_steady=_middle(waited),
        unsteady_processes=waited.count(None),
        cores_used=_middle(each.cores_used for each in steady),
        host_memory_peak_bytes=_largest(each.host_memory_peak_bytes for each in steady),
        host_memory_before_bytes=_middle(r.host_memory_before_bytes for r in results),
        device_memory_bytes=_largest(each.device_memory_bytes for each in bound),
        versions=results[0].versions,
    )


def _versus(
    row: Row, baseline: Row, done: Done, header: Header, floors: Mapping[str, Floor]
) -> Versus | None:
    """Return the ratio to the baseline, its verdict and the break-even count; None for itself."""
    if row.id == baseline.id:
        return None
    ratio = ratio_between(row.id, baseline.id, done)
    if ratio is None:
        return Versus(baseline=baseline.label, verdict=None)
    speed = judge(ratio, header.settings.min_effect)
    versus = Versus(
        baseline=baseline.label,
        verdict=final_verdict(speed, row.accuracy, floors.get(row.group)),
        ratio=ratio.value,
        low=ratio.low,
        high=ratio.high,
        pairs=ratio.pairs,
        speed_alone=speed,
    )
    return _with_start(versus, row, baseline)


def _with_start(versus: Versus, row: Row, baseline: Row) -> Versus:
    """Return it with what a start costs in runs, where both starts are known."""
    costs = (row.cold_s, row.median_s, baseline.cold_s, baseline.median_s)
    known = [cost for cost in costs if cost is not None]
    if len(known) < len(costs):
        return versus
    cold, steady, base_cold, base_steady = known
    back, ahead = (cold, steady, base_cold, base_steady), (base_cold, base_steady, cold, steady)
    return replace(
        versus,
        start_difference_s=cold - base_cold,
        break_even_runs=break_even(*back) if versus.speed_alone == "faster" else None,
        head_start_runs=break_even(*ahead) if versus.speed_alone == "slower" else None,
    )


def _only(kind: type[Kind], entries: Iterable[Entry]) -> tuple[Kind, ...]:
    return tuple(entry for entry in entries if isinstance(entry, kind))


def _middle(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def _largest(values: Iterable[int | None]) -> int | None:
    return max((value for value in values if value is not None), default=None)
