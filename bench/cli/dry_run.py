"""``bench --dry-run``: what would be measured, and how long that takes."""

from dataclasses import asdict

import click

from ..measure.estimate import Estimate, estimate
from ..measure.session import planned
from ..plan.cases import Group
from ..plan.settings import Settings
from ..reports.printable import printable
from .terminal import print_json

MOST_SHOWN = 20
"""Models and shapes that are listed."""


def show_plan(settings: Settings, output_format: str) -> None:
    """Print the plan of a run. Nothing is measured and no file is written.

    Raises
    ------
    BenchError
        What `measure.session.open_session` raises for these settings, clusters left out.
    """
    groups = planned(settings)
    expected = estimate(groups, settings)
    if output_format == "json":
        print_json({"schema_version": 1, "plan": _as_json(groups), **asdict(expected)})
        return
    for group in groups[:MOST_SHOWN]:
        labels = ", ".join(case.label for case in group.cases if not case.again)
        click.echo(printable(f"{group.id}: {labels}"))
    if groups[MOST_SHOWN:]:
        click.echo(f"and {len(groups) - MOST_SHOWN} more")
    click.echo(_summary(len(groups), settings, expected))


def _summary(groups: int, settings: Settings, expected: Estimate) -> str:
    return (
        f"{expected.cases} cases, {groups} models and shapes. Each case runs in {settings.rounds} "
        f"to {settings.max_rounds} processes,\nthe first runtime of each model and shape in twice "
        "as many, to know the noise.\n"
        f"Expected time: {duration(expected.least_s)} to {duration(expected.most_s)}, where one "
        "run of a model takes less than 0.1 s."
    )


def duration(seconds: float) -> str:
    """Return a time that is known roughly.

    >>> duration(43.1), duration(170), duration(7600)
    ('45 s', '3 min', '2.1 h')
    """
    if seconds < 90:
        return f"{5 * max(1, round(seconds / 5))} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _as_json(groups: list[Group]) -> list[dict[str, object]]:
    return [
        {
            "group": group.id,
            "sizes": dict(group.sizes),
            "runtimes": [case.label for case in group.cases if not case.again],
        }
        for group in groups
    ]
