"""Whether a model is the right translation: held against what the framework gave."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...runtime import load
from ...runtime.errors import NodeError, NoKernelError
from ...runtime.providers import NUMPY
from ...runtime.runner import Model, TensorInfo
from ...texts import listed
from ..errors import BenchError
from ..model.arrays import Value, joined, read_npz
from .accuracy import Accuracy, Tolerance, compare
from .fault import Fault, worst_element
from .reference import REFERENCE
from .verification import Tolerances

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Expected:
    """What a framework gave, and those of the inputs that stand in the same file."""

    inputs: Arrays
    outputs: Arrays


@dataclass(frozen=True)
class Translation:
    """How far a model's outputs are from the framework's, on each runtime."""

    source: str
    """The file with the expected outputs."""
    outputs: Mapping[str, tuple[Accuracy, ...]]
    """By runtime, the float64 reference first."""
    unchecked: tuple[str, ...]
    """Outputs of the model that the file does not have."""
    worst: Fault | None = None
    """The element that is furthest off, where there is a number that is too far off."""

    @property
    def passed(self) -> bool:
        """All outputs agree on all runtimes."""
        return all(row.passed for rows in self.outputs.values() for row in rows)

    def to_json(self) -> dict[str, Any]:
        """Return the result, numbers unrounded."""
        rows = {on: [asdict(row) for row in rows] for on, rows in self.outputs.items()}
        return {
            "source": self.source,
            "passed": self.passed,
            "outputs": rows,
            "unchecked": list(self.unchecked),
            "worst": None if self.worst is None else asdict(self.worst),
        }


def read_expected(
    path: Path, inputs: Sequence[TensorInfo], outputs: Sequence[TensorInfo]
) -> Expected:
    """Read an ``.npz`` with outputs of a framework under the model's names, and maybe its inputs.

    Arrays without names, as ``numpy.savez("io.npz", *inputs, *outputs)`` writes them, are taken in
    the model's order: its outputs, or its inputs and then its outputs, with states or without.

    Raises
    ------
    BenchError
        The file cannot be read, has no output of the model, or an array that is neither an input
        nor an output.
    """
    arrays = _named(path, read_npz(path), inputs, outputs)
    asked, given = {info.name for info in inputs}, {info.name for info in outputs}
    strange = sorted(arrays.keys() - asked - given)
    if strange:
        raise BenchError(
            f"{path}: '{strange[0]}' is neither an input nor an output of the model",
            f"name the arrays after the outputs ({_listed(given)}) and inputs ({_listed(asked)})",
        )
    found = {name: array for name, array in arrays.items() if name in given}
    if not found:
        raise BenchError(
            f"{path} has no output of the model: it has {_listed(arrays)}",
            f"name what the framework gave {_listed(given)}",
        )
    if all(array.shape[:1] == (0,) for array in found.values()):
        raise BenchError(
            f"{path} has no number to compare with: {_listed(found)} of no rows",
            "record outputs for at least one row",
        )
    return Expected({name: array for name, array in arrays.items() if name in asked}, found)


def _named(
    path: Path,
    arrays: dict[str, NDArray[Any]],
    inputs: Sequence[TensorInfo],
    outputs: Sequence[TensorInfo],
) -> dict[str, NDArray[Any]]:
    """Return arrays that were saved without names under those of the model, in its order."""
    if not arrays or list(arrays) != [f"arr_{number}" for number in range(len(arrays))]:
        return arrays
    names = [info.name for info in (*inputs, *outputs)]
    carried = states(inputs, outputs)
    own = [one for one in (*inputs, *outputs) if one.name not in (*carried, *carried.values())]
    ranks = [len(one.shape or ()) for one in own]
    if carried and ranks == [array.ndim for array in arrays.values()]:
        names = [one.name for one in own]
    elif len(arrays) == len(outputs):
        names = names[len(inputs) :]
    if len(arrays) != len(names):
        raise BenchError(
            f"{path} has {len(arrays)} arrays without names, the model {len(inputs)} inputs and "
            f"{len(outputs)} outputs",
            "save the inputs and then the outputs, or the outputs alone, in the model's order",
        )
    return dict(zip(names, arrays.values(), strict=True))


def states(inputs: Iterable[TensorInfo], outputs: Iterable[TensorInfo]) -> dict[str, str]:
    """Return the outputs that states come back from, by the names of their inputs."""
    given = {info.name for info in outputs}
    ends = {info.name: f"{info.name.removesuffix('_in')}_out" for info in inputs}
    return {name: end for name, end in ends.items() if name.endswith("_in") and end in given}


def zero_states(
    inputs: Sequence[TensorInfo], outputs: Sequence[TensorInfo], feeds: Arrays
) -> dict[str, NDArray[Any]]:
    """Return zeros for the states that `feeds` do not give: a framework begins with them too."""
    left = [info for info in inputs if info.name in states(inputs, outputs).keys() - feeds.keys()]
    rows = next((len(array) for array in feeds.values() if array.ndim), 1)
    return {
        info.name: np.zeros(
            [size if isinstance(size, int) else rows for size in info.shape or ()], info.dtype
        )
        for info in left
    }


def join_inputs(
    given: Arrays, expected: Expected, needed: Sequence[str], seed: int | None
) -> dict[str, NDArray[Any]]:
    """Return the inputs that belong to the expected outputs: those given, and those in the file.

    Raises
    ------
    BenchError
        An input is given twice; or one is missing, and no `seed` says that it was random.
    """
    twice = sorted(given.keys() & expected.inputs.keys())
    if twice:
        raise BenchError(
            f"the input '{twice[0]}' is given, and stands in the file of expected outputs too",
            "leave one of them out",
        )
    feeds = {**given, **expected.inputs}
    missing = [name for name in needed if name not in feeds]
    if missing and seed is None:
        raise BenchError(
            f"the expected outputs belong to inputs that are not all given: {_listed(missing)}",
            "give them by --input or in the same file, or the --seed of onnxwright run",
        )
    return feeds


def check_translation(
    model: Model,
    runtimes: Mapping[str, Mapping[str, Any]],
    feeds: Arrays,
    expected: Expected,
    source: Path,
    tolerances: Tolerances,
    reference_options: Mapping[str, Any] | None = None,
) -> Translation:
    """Run `model` on the float64 reference and each of `runtimes`, and compare with `expected`.

    With each runtime go its options of :func:`onnxwright.runtime.load`; `reference_options` are
    those of the reference.

    Raises
    ------
    BenchError
        A node of the model does not take what the inputs lead to.
    RunnerError
        The model cannot be loaded or run.
    """
    rows = {}
    faults: list[Fault] = []
    unchecked: tuple[str, ...] = ()
    others = {on: options for on, options in runtimes.items() if on != REFERENCE}
    for on, options in {REFERENCE: reference_options or {}, **others}.items():
        try:
            runner = load(model, on=on, **options)
        except NoKernelError:
            if on == REFERENCE and runtimes and not runtimes.keys() & set(NUMPY):
                continue  # nobody asked for NumPy: what was asked for is held against the file
            raise
        try:
            got = runner.run(feeds)
        except NodeError as error:
            told = f"with the inputs for {source}: {error.problem}"
            raise BenchError(told, error.remedy) from error
        unchecked = tuple(name for name in got if name not in expected.outputs)
        compared = []
        for name, wanted in expected.outputs.items():
            tolerance = _tolerance(got[name], wanted, tolerances)
            whose = f"in {source} it is"
            compared.append(compare(name, got[name], wanted, tolerance, whose=whose))
            if not compared[-1].passed:
                faults += worst_element(runner.on, name, got[name], wanted, tolerance)
        rows[runner.on] = tuple(compared)
    worst = max(faults, key=lambda fault: fault.off_by, default=None)
    return Translation(str(source), rows, unchecked, worst)


def _tolerance(got: Value, wanted: Value, tolerances: Tolerances) -> Tolerance:
    """Return the tolerance of the coarser of the two dtypes."""
    kinds = [joined(value).dtype for value in (got, wanted)]
    return max(map(tolerances.tolerance, kinds), key=lambda tolerance: tolerance.atol)


def _listed(names: Iterable[str]) -> str:
    """Return a few of the names, in quotes.

    >>> _listed("abcdef"), _listed([])
    ("'a', 'b', 'c', 'd' and 2 more", 'none')
    """
    return listed([f"'{name}'" for name in sorted(names)], most=4) or "none"
