"""What a run of the benchmark is asked to do, as plain data that its journal repeats."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from ...runtime.providers import NUMPY
from ..codec import Least
from ..errors import BenchError
from ..model.interface import DEFAULT_BUDGET
from .engine import Allowance


@dataclass(frozen=True)
class Settings:
    """Everything that decides which cases a run has and how they are measured."""

    models: tuple[str, ...] = ()
    """Paths of models, or built-in cases as ``family/size``."""
    suite: str | None = None
    """The suite that chose them; None where the call did."""
    on: tuple[str, ...] = ()
    """Runtimes, the baseline first; ``name@environment`` runs in another environment."""
    axes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Values per axis: a dim's name, ``threads``, ``hidden`` or ``runtime.option``."""
    environments: Mapping[str, str] = field(default_factory=dict)
    served: Mapping[str, str] = field(default_factory=dict)
    """Options of the served models, of ``ServedOptions``; a token's file or variable, no token."""
    """Environment's name to the path of its Python interpreter."""
    inputs: tuple[str, ...] = ()
    """Files with inputs, as ``--input`` was given."""
    seed: Annotated[int, Least(0)] = 0
    min_effect: Annotated[float, Least(0.0)] = 0.02
    """The smallest difference that matters; 0.02 is two per cent."""
    rounds: Annotated[int, Least(3)] = 10
    """Fewest processes of each case."""
    max_rounds: Annotated[int, Least(3)] = 60
    time_budget_s: Annotated[float, Least(0.0)] = 60.0
    """Seconds per model and shape, all its runtimes together; `rounds` come first."""
    sample_s: Annotated[float, Least(0.001)] = 0.1
    """Seconds that one process takes samples for."""
    timeout_s: Annotated[float, Least(0.01)] = 300.0
    """Seconds after which a process is ended."""
    memory_limit_bytes: int | None = None
    max_steps: Annotated[int, Least(1)] | None = None
    """Steps that the loops of one run may make together on NumPy; its own default when None."""
    map_weights: bool = True
    """Map external weights on NumPy; False copies them into memory."""
    against: str | None = None
    """The model that all others are held against, in speed and error; None for each its own."""
    budget: Annotated[float, Least(0.0)] = DEFAULT_BUDGET
    """The largest relative L2 error that the others may have against it."""
    atol: float | None = None
    """Error budget against float64; the accuracy check's own when None."""
    rtol: float | None = None
    loads: tuple[str, ...] = ()
    """``closed=CLIENTS`` or ``poisson=RATE``, measured after a case's rounds."""
    servers: Annotated[int, Least(1)] = 1
    """Threads that answer a Poisson load."""
    load_s: Annotated[float, Least(0.01)] = 3.0
    """Seconds that one process is under load."""
    cluster: str | None = None
    """Address of the Ray cluster whose nodes measure, None for this machine."""
    hardware: tuple[str, ...] = ()
    """Labels of the nodes; all that have one when empty."""
    peaks: bool = True
    """Measure the machine's peaks first."""
    strict: bool = False
    """Refuse cases of which a node would run on the CPU provider instead."""

    def allowed(self, on: str) -> Allowance:
        """Return what the runtime `on` may take.

        >>> [Settings(max_steps=9).allowed(on).options() for on in ("numpy", "cpu")]
        [{'max_steps': 9}, {}]
        """
        chosen = Allowance(max_steps=self.max_steps, map_weights=self.map_weights)
        return chosen if on in NUMPY else Allowance()


def parse_axes(given: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Parse ``name=value,value`` options; ``name,name=`` binds several dims to the same sizes.

    >>> parse_axes(["batch=1,8", "threads=2"])
    {'batch': ('1', '8'), 'threads': ('2',)}
    """
    axes: dict[str, tuple[str, ...]] = {}
    for text in given:
        name, values = split_pair(text, "--axis", "batch=1,8,64")
        name = ",".join(part.strip() for part in name.split(",") if part.strip())
        axes[name] = tuple(value.strip() for value in values.split(",") if value.strip())
        if not axes[name]:
            raise BenchError(f"--axis {text!r} has no values", "write it as batch=1,8,64")
    return axes


def split_pair(text: str, option: str, example: str) -> tuple[str, str]:
    """Split ``name=value``, or say how `option` is written."""
    name, equals, value = text.partition("=")
    if not (name.strip() and equals and value.strip()):
        raise BenchError(f"{option} {text!r} is not a name and a value", f"write it as {example}")
    return name.strip(), value.strip()


def parse_share(text: str, option: str = "--min-effect") -> float:
    """Parse ``2%`` or ``0.02``.

    >>> parse_share("2%"), parse_share("0.05")
    (0.02, 0.05)
    """
    match = re.fullmatch(r"\s*([0-9]*\.?[0-9]+)\s*(%?)\s*", text)
    share = float(match[1]) / (100 if match[2] else 1) if match else -1.0
    if not 0 < share < 1:
        raise BenchError(
            f"{option} {text!r} is not a share between 0 and 1", "write it as 2% or 0.02"
        )
    return share


def parse_bytes(text: str, option: str = "--memory-limit") -> int:
    """Parse a size such as ``512MiB``, ``2G`` or a number of bytes.

    >>> parse_bytes("2G"), parse_bytes("512MiB")
    (2147483648, 536870912)
    """
    match = re.fullmatch(r"\s*([0-9]*\.?[0-9]+)\s*([KMGT]?)(?:i?B)?\s*", text, re.IGNORECASE)
    if match is None:
        raise BenchError(f"{option} {text!r} is not a size", "write it as 512MiB or 2G")
    power = " KMGT".index(match[2].upper()) if match[2] else 0
    size = int(float(match[1]) * 1024**power)
    if not size:
        raise BenchError(
            f"{option} {text!r} leaves no memory", "leave it out for no limit of yours"
        )
    return size
