"""From the rows of a suite's run to its card."""

from collections.abc import Sequence

from ..plan.settings import Settings
from ..plan.suites import SUITES
from .card import Card, CardLine, Quantile
from .document import Row
from .load_row import LoadRow
from .words import joined

UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))


def card_of(settings: Settings, rows: Sequence[Row]) -> Card | None:
    """Return the card of a run, None where no suite that is known chose its cases."""
    if settings.suite is None or settings.suite not in SUITES:
        return None
    lines = tuple(map(_line, rows))
    return Card(suite=settings.suite, text=_text(settings.suite, lines), lines=lines)


def _line(row: Row) -> CardLine:
    under = next((load for load in row.load if load.rate_per_s is not None), None)
    limits = row.limits
    return CardLine(
        model=row.model,
        label=row.label.replace(f" threads={row.threads}", ""),
        status=row.status,
        rate_per_s=under.rate_per_s if under else None,
        requests=under.requests if under else 0,
        p50=_quantile(under, "p50"),
        p99=_quantile(under, "p99"),
        p99_9=_quantile(under, "p99.9"),
        overloaded=bool(under and under.overloaded),
        time_s=row.median_s,
        interval_s=row.interval_s,
        floor_s=limits.floor_s if limits else None,
        error=row.accuracy.max_abs if row.accuracy else None,
        passed=row.accuracy.in_budget if row.accuracy else None,
        instances_per_s={
            str(load.clients): load.throughput_per_s
            for load in row.load
            if load.clients_are == "processes"
            and load.clients
            and load.throughput_per_s is not None
        },
    )


def _quantile(load: LoadRow | None, name: str) -> Quantile | None:
    """Return a quantile with its interval; None where the requests are too few for one."""
    if load is None:
        return None
    value = load.median_s if name == "p50" else (load.percentiles_s or {}).get(name)
    interval = (load.percentile_intervals_s or {}).get(name)
    if value is None or interval is None:
        return None
    return Quantile(seconds=value, interval_s=interval)


def _text(suite: str, lines: Sequence[CardLine]) -> str:
    """Return for each model the runtime with the least p99, and where there is none why."""
    models = dict.fromkeys(line.model for line in lines)
    best = {model: _best([line for line in lines if line.model == model]) for model in models}
    labels = dict.fromkeys(line.label for line in best.values() if line is not None)
    told = []
    for label in labels:
        times = [
            f"{_time(line.p99.seconds)} for {model}"
            for model, line in best.items()
            if line is not None and line.label == label and line.p99 is not None
        ]
        told.append(f"{joined(times)} on {label}")
    clauses = [f"99 % of the answers come within {joined(told)}"] if told else []
    without = [
        f"{model} ({_why([line for line in lines if line.model == model])})"
        for model, line in best.items()
        if line is None
    ]
    clauses += [f"no p99 of {joined(without)}"] if without else []
    return f"{suite}: {'; '.join(clauses)}"


def _why(lines: Sequence[CardLine]) -> str:
    """Return why a model has no p99 that counts."""
    few = [line for line in lines if line.p99 is None]
    if len(few) == len(lines):
        return f"{max(line.requests for line in lines)} answers"
    return "wrong or late"


def _best(lines: Sequence[CardLine]) -> CardLine | None:
    """Return the line with the least p99 of those that are right and not overloaded."""
    fit = [line for line in lines if line.p99 and line.passed is not False and not line.overloaded]
    return min(fit, key=lambda line: line.p99.seconds if line.p99 else 0.0, default=None)


def _time(seconds: float) -> str:
    """Return a time in three digits.

    >>> _time(0.0004123), _time(12.0)
    ('412 µs', '12 s')
    """
    scale, unit = next((each for each in UNITS if seconds >= each[0]), UNITS[-1])
    return f"{seconds / scale:.3g} {unit}"
