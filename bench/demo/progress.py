"""How far the demo is, on stderr: a bar on a terminal, a line per step elsewhere."""

import contextlib
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


@contextlib.contextmanager
def progress(steps: int, console: Console) -> Iterator[Callable[[str], None]]:
    """Yield the function that is told of every step when it begins."""
    if not console.is_terminal:
        yield lambda step: console.print(step, soft_wrap=True, highlight=False, markup=False)
        return
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=steps, completed=-1)
        yield lambda step: bar.update(task, advance=1, description=step)
