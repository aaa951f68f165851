"""What a run leaves: the table or JSON, the exports, a baseline, and the exit code."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from rich.console import Console

from ...writing import atomic_write, check_writable, refuse_overwrite
from ..codec import encode
from ..errors import BenchError
from ..measure.session import baseline_path
from ..reports.columns import DEFAULT
from ..reports.compared import BETWEEN_SESSIONS, comparison_table
from ..reports.csv_text import to_csv
from ..reports.html.page import to_html
from ..reports.markdown import to_markdown
from ..results.compare import compare, exit_code
from ..results.comparison import Comparison
from ..results.document import Results
from ..results.store import read_results, save_results
from .show import show_remarks, show_tables
from .terminal import print_json, tell


@dataclass(frozen=True)
class Deliveries:
    """The files that a run is to leave, and the baseline to compare with; None where not asked."""

    export_json: Path | None = None
    export_csv: Path | None = None
    export_markdown: Path | None = None
    export_html: Path | None = None
    save_baseline: str | None = None
    """The name that the results are kept under."""
    baseline: str | None = None
    """The name of the results to compare with."""
    fail_on: str = "wrong"
    """``wrong``: a case over the error budget; ``failed``: one without a result too."""
    columns: tuple[str, ...] = ()
    """Of the table that is printed, the usual ones when empty."""

    @property
    def exports(self) -> tuple[Path, ...]:
        """The files that are asked for."""
        return tuple(self._asked().values())

    def _asked(self) -> dict[str, Path]:
        """Return the files that are asked for, by option."""
        every = {
            "--export-json": self.export_json,
            "--export-csv": self.export_csv,
            "--export-markdown": self.export_markdown,
            "--export-html": self.export_html,
        }
        return {option: path for option, path in every.items() if path is not None}

    def check(self, reads: Iterable[str | PathLike[str]]) -> None:
        """Refuse, before anything is measured, what could not be delivered afterwards.

        Raises
        ------
        BenchError
            The baseline is not there, or cannot be called so.
        FileError
            An export cannot be written, or is one of the files that the run `reads`.
        """
        if self.baseline:
            read_results(baseline_path(self.baseline))
        if self.save_baseline:
            baseline_path(self.save_baseline)
        refuse_overwrite(self.exports, reads)
        for option, path in self._asked().items():
            if path.is_dir():
                raise BenchError(f"{option} {path} is a folder", "give the path of a file")
            check_writable(path)


def deliver(results: Results, wanted: Deliveries, output_format: str, console: Console) -> int:
    """Print and save `results` as `wanted`; return the exit code.

    1 where a case is over the error budget or slower than the named baseline, or where no case
    could be measured at all (with ``fail_on="failed"``: where one could not), else 0.
    """
    compared = None
    if wanted.baseline:
        base = read_results(baseline_path(wanted.baseline))
        compared = compare(base, results, results.settings.min_effect)
    _show(results, compared, wanted.columns or DEFAULT, output_format, console)
    _export(results, wanted)
    inaccurate = any(row.inaccurate for row in results.rows)
    failed = [row.status != "ok" for row in results.rows]
    nothing = any(failed) if wanted.fail_on == "failed" else all(failed)
    return max(int(inaccurate or nothing), exit_code(compared) if compared else 0)


def _show(
    results: Results,
    compared: Comparison | None,
    columns: Sequence[str],
    output_format: str,
    console: Console,
) -> None:
    if output_format == "json":
        told = {"comparison": encode(compared)} if compared else {}
        print_json(results.to_json() | told)
    else:
        more = [comparison_table(compared)] if compared else []
        show_tables(results, *more, names=columns)
    show_remarks(results, console)
    if compared:
        tell(console, f"note: {BETWEEN_SESSIONS}")


def _export(results: Results, wanted: Deliveries) -> None:
    if wanted.export_json:
        save_results(wanted.export_json, results.to_json())
    if wanted.save_baseline:
        path = baseline_path(wanted.save_baseline)
        path.parent.mkdir(parents=True, exist_ok=True)
        save_results(path, results.to_json())
    renders: tuple[tuple[Path | None, Callable[[Results], str]], ...] = (
        (wanted.export_csv, to_csv),
        (wanted.export_markdown, to_markdown),
        (wanted.export_html, to_html),
    )
    for target, render in renders:
        if target:
            with atomic_write(target) as stream:
                stream.write(render(results).encode(errors="backslashreplace"))
