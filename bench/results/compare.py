"""Compare two sets of results from separate sessions; unlike machines are refused."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import BenchError
from ..measure.machine import differences
from ..stats import independent_ratio, judge
from .rows import final_verdict, summarize
from .store import load_results, read_journal

Document = Mapping[str, Any]


def read_results(path: Path) -> dict[str, Any]:
    """Read a document written by ``--export-json``, or the journal of a run.

    Raises
    ------
    BenchError
        The file is neither, or is not whole.
    """
    if path.suffix == ".jsonl" or _is_journal(path):
        header, entries = read_journal(path)
        try:
            return summarize(header, entries)
        except (KeyError, TypeError, AttributeError) as error:
            raise _damaged(path, error) from error
    document = load_results(path)
    if document.get("kind") != "results":
        raise BenchError(
            f"{path} is a results file of another kind", "give one written by onnxwright bench"
        )
    for name in ("machine", "settings", "floors", "rows", "processes"):
        if name not in document:
            raise _damaged(path, KeyError(name))
    return document


def compare(
    base: Document, new: Document, min_effect: float = 0.02, lenient: bool = False
) -> dict[str, Any]:
    """Return one row per case that both have, with the ratio new / base and a verdict.

    Cases are the same when model, sizes, runtime and options are. ``differs`` says what is unlike
    in machine, versions or settings; ``missing`` and ``added`` list the cases of one side only.

    Raises
    ------
    BenchError
        The machines differ and `lenient` is False, or no case is in both.
    """
    unlike = differences(base["machine"], new["machine"])
    if unlike and not lenient:
        raise BenchError(
            f"the results come from unlike machines: {'; '.join(unlike)}",
            "measure both on one machine, or say --lenient to compare all the same",
        )
    olds = {row["id"]: row for row in base["rows"]}
    news = {row["id"]: row for row in new["rows"]}
    shared = [name for name in news if name in olds]
    if not shared:
        raise BenchError(
            f"no case is in both results: {len(olds)} there, {len(news)} here",
            "measure the same models on the same runtimes with the same axes",
        )
    return {
        "kind": "comparison",
        "min_effect": min_effect,
        "differs": [*unlike, *_other_differences(base, new)],
        "missing": [name for name in olds if name not in news],
        "added": [name for name in news if name not in olds],
        "rows": [_compared(name, base, new, olds[name], news[name], min_effect) for name in shared],
    }


def exit_code(comparison: Document, inconclusive_fails: bool = False) -> int:
    """Return 1 on a regression, a failure or an accuracy failure, 3 if asked and unclear, else 0.

    >>> exit_code({"rows": [{"verdict": "slower"}]}), exit_code({"rows": [{"verdict": "same"}]})
    (1, 0)
    """
    verdicts = {row["verdict"] for row in comparison["rows"]}
    if verdicts & {"slower", "inaccurate", "failed"}:
        return 1
    return 3 if inconclusive_fails and "inconclusive" in verdicts else 0


def _damaged(path: Path, error: Exception) -> BenchError:
    return BenchError(
        f"{path} is not whole: {type(error).__name__} {error}",
        "measure again, or give a file as onnxwright bench wrote it",
    )


def _compared(
    name: str, base: Document, new: Document, old: Document, row: Document, min_effect: float
) -> dict[str, Any]:
    facts = {key: row[key] for key in ("id", "group", "label")}
    facts |= {"base_median_s": old.get("median_s"), "new_median_s": row.get("median_s")}
    if row["status"] != "ok":
        worse = old["status"] == "ok"
        return {
            **facts,
            "verdict": "failed" if worse else "failed before too",
            "note": row["message"],
        }
    theirs, mine = _medians(base, name), _medians(new, name)
    if min(len(theirs), len(mine)) < 3:
        return {**facts, "verdict": "inconclusive", "note": "fewer than 3 processes on a side"}
    ratio = independent_ratio(mine, theirs)
    floors = [document["floors"].get(row["group"]) for document in (base, new)]
    floor = next((floor for floor in floors if floor and not floor["honest"]), None)
    verdict = final_verdict(judge(ratio, min_effect), row["accuracy"], floor)
    numbers = {"ratio": ratio.value, "low": ratio.low, "high": ratio.high, "pairs": ratio.pairs}
    return {**facts, **numbers, "verdict": verdict, "note": None}


def _medians(document: Document, name: str) -> list[float]:
    return [
        entry["result"]["steady_run"]["median_s"]
        for entry in document["processes"]
        if entry["case"] == name and entry["status"] == "ok"
    ]


def _other_differences(base: Document, new: Document) -> list[str]:
    """Return what else may explain a change: versions and settings."""
    found = []
    pairs = {**base["machine"]["packages"], **new["machine"]["packages"]}
    for package in sorted(pairs):
        before = base["machine"]["packages"].get(package)
        after = new["machine"]["packages"].get(package)
        if before != after:
            found.append(f"{package}: {before} and {after}")
    for name in ("python", "kernel", "governor"):
        if base["machine"].get(name) != new["machine"].get(name):
            found.append(f"{name}: {base['machine'].get(name)} and {new['machine'].get(name)}")
    for name in ("seed", "inputs", "sample_s", "strict"):
        before, after = base["settings"].get(name), new["settings"].get(name)
        if before != after:
            found.append(f"--{name}: {before} and {after}")
    return found


def _is_journal(path: Path) -> bool:
    try:
        with path.open() as stream:
            first = json.loads(stream.readline())
    except (OSError, ValueError):
        return False
    return isinstance(first, dict) and first.get("kind") == "run"
