"""The columns of the table of cases, in one place for the terminal and markdown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...texts import did_you_mean
from ..errors import BenchError
from ..results.conclusion import Conclusion
from ..results.document import Results, Row
from ..results.words import factor
from .units import NONE, seconds, share, size, timing


@dataclass(frozen=True)
class Line:
    """A case and the conclusion of its group."""

    row: Row
    conclusion: Conclusion


@dataclass(frozen=True)
class Column:
    """One column: its name for ``--columns``, its heading, its text in a line, and what it says."""

    name: str
    heading: str
    render: Callable[[Line], str]
    legend: str
    wraps: bool = False
    """Whether its text may go on in the next line."""


def lines(document: Results) -> list[Line]:
    """Return every row with the conclusion of its group."""
    found = {each.group: each for each in document.conclusions}
    return [Line(row, found[row.group]) for row in document.rows]


def choose(names: Sequence[str]) -> tuple[Column, ...]:
    """Return the columns of the given names; BenchError for a name that none has."""
    known = {column.name: column for column in COLUMNS}
    for name in names:
        if name not in known:
            near = did_you_mean(name, known)
            raise BenchError(
                f"there is no column called '{name}'", f"{near}use some of {', '.join(known)}"
            )
    return tuple(known[name] for name in names)


def _time(line: Line) -> str:
    row = line.row
    return NONE if row.status != "ok" else timing(row.median_s, row.interval_s)


def _best(line: Line) -> str:
    """Return how many times as fast the best is."""
    if line.row.label == line.conclusion.best:
        return "best"
    pair = line.conclusion.between(line.conclusion.best or "", line.row.label)
    return " ".join(factor(pair.times_as_fast, pair.low, pair.high)) if pair else NONE


def _verdict(line: Line) -> str:
    """Return the case's place beside the best; what went wrong with one that has none."""
    row, found = line.row, line.conclusion
    if row.status != "ok":
        return row.status
    if row.inaccurate:
        return "WRONG"
    if found.state == "noisy":
        return "inconclusive"
    if row.label == found.best:
        words = {"tied": "same", "open": "inconclusive", "alone": "only one"}
        return words.get(found.state, "fastest")
    told = {**dict.fromkeys(found.equal, "same"), **dict.fromkeys(found.undecided, "inconclusive")}
    return told.get(row.label, "slower")


def _error(line: Line) -> str:
    accuracy = line.row.accuracy
    return NONE if accuracy is None or accuracy.max_abs is None else f"{accuracy.max_abs:.1e}"


def _l2(line: Line) -> str:
    accuracy = line.row.accuracy
    return NONE if accuracy is None or accuracy.rel_l2 is None else f"{accuracy.rel_l2:.1e}"


def _baseline(line: Line) -> str:
    versus = line.row.versus
    if versus is None:
        return "baseline" if line.row.median_s is not None else NONE
    if versus.ratio is None or versus.low is None or versus.high is None:
        return NONE
    return " ".join(factor(1 / versus.ratio, 1 / versus.high, 1 / versus.low))


def _breaks_even(line: Line) -> str:
    """Return after how many runs a slower start is paid back, or what else a start means."""
    versus = line.row.versus
    if versus is None or versus.ratio is None:
        return NONE
    if versus.speed_alone == "inconclusive":
        return "not known"
    if versus.speed_alone == "same":
        return _same(versus.start_difference_s)
    if versus.head_start_runs:
        return f"ahead for {versus.head_start_runs:,} runs"
    if versus.break_even_runs is None:
        return "never"
    return f"{versus.break_even_runs:,} runs" if versus.break_even_runs else "at once"


def _same(difference: float | None) -> str:
    if difference is None:
        return "same speed"
    return f"starts {seconds(abs(difference))} {'later' if difference > 0 else 'sooner'}"


def _peak(line: Line) -> str:
    part = line.row.limits
    if part is None or (part.flops_share is None and part.bytes_share is None):
        return NONE
    least = "" if part.count_is_whole or part.flops_share is None else ">="
    return f"{least}{share(part.flops_share)} / {share(part.bytes_share)}"


def _floor(line: Line) -> str:
    part = line.row.limits
    return NONE if part is None or part.floor_share is None else share(part.floor_share)


def _placement(line: Line) -> str:
    row = line.row
    return f"in {row.stage}: {row.message}"[:160] if row.status != "ok" else row.placement or NONE


def _flags(line: Line) -> str:
    return ", ".join(f"{word} {count}" for word, count in line.row.flags.items()) or NONE


COLUMNS = (
    Column("model", "model", lambda line: line.row.group, "", wraps=True),
    Column("runtime", "runtime", lambda line: line.row.label, "", wraps=True),
    Column("time", "time", _time, "of one run, median of the processes [95 % interval]"),
    Column("best", "against the best", _best, "how many times as fast the best is [95 % interval]"),
    Column("verdict", "verdict", _verdict, "", wraps=True),
    Column("error", "error", _error, "the largest, against float64"),
    Column("l2", "rel. L2", _l2, "relative L2 error of the worst output, against float64"),
    Column("size", "size", lambda line: size(line.row.model_bytes), "of the model's file"),
    Column(
        "baseline",
        "against the first",
        _baseline,
        "how many times as fast it is as the first runtime",
    ),
    Column(
        "bound", "bound", lambda line: seconds(line.row.bound_s), "time without copies (IOBinding)"
    ),
    Column("call", "call", lambda line: seconds(line.row.call_overhead_s), "of an empty model"),
    Column("start", "start", lambda line: seconds(line.row.cold_s), "import to first result"),
    Column(
        "break-even",
        "break even",
        _breaks_even,
        "runs that pay back a slower start, against the first",
    ),
    Column("floor", "floor", _floor, "part of the time that the recurrent layers' floor is"),
    Column("peak", "of peak", _peak, "part of the machine's arithmetic / memory bandwidth"),
    Column(
        "memory",
        "memory",
        lambda line: size(line.row.host_memory_peak_bytes),
        "the process's largest",
    ),
    Column("placement", "placement", _placement, "which nodes ran where", wraps=True),
    Column("processes", "n", lambda line: str(line.row.processes), "processes that were measured"),
    Column("flags", "disturbed", _flags, "processes by what happened meanwhile", wraps=True),
)
"""One entry to add for a new column."""
DEFAULT = ("runtime", "time", "best", "verdict", "error")
AGAINST = ("runtime", "time", "best", "verdict", "l2", "size")
"""The columns of models that are held against one of them."""
SHORT = ("model", *DEFAULT)
WIDE = tuple(c.name for c in COLUMNS if c.name not in ("model", "l2", "size"))
