"""From settings to cases: models x shapes x runtimes x options, in groups that are compared."""

import itertools
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...runtime.providers import NUMPY, ProviderSpec, find_spec, is_served
from ...runtime.runner import TensorInfo
from ..errors import BenchError
from ..model.free_dims import Usual, choose_sizes
from .engine import Engine
from .settings import Settings
from .validate import THREADS, check_axes, check_environments

DEFAULT_SIZES = {"batch": 1}
GPU_PROVIDERS = ("CUDA", "Tensorrt", "NvTensorRTRTX", "ROCM", "MIGraphX", "Dml", "WebGpu")
MOST = 10**9 - 1
OTHER_SIZE = 16
"""The size of a dim that no axis and no default binds."""
USUAL = Usual(batch=1, time=OTHER_SIZE, other=OTHER_SIZE)


@dataclass(frozen=True)
class Subject:
    """A model to measure: its label, its file and the sizes its named dims may take."""

    label: str
    path: Path
    dims: tuple[str, ...]
    """The free dims of its inputs; an unnamed one is called after its input and axis, as x.0."""
    sizes: Mapping[str, int] = field(default_factory=dict)
    """Sizes of dims that no axis binds: those of the inputs given, or of a built-in case."""
    built_in: bool = False
    inputs: tuple[TensorInfo, ...] = ()

    def is_called(self, name: str) -> bool:
        """Say whether `name` is its label, or a path of its file."""
        return name == self.label or Path(name).absolute() == self.path.absolute()


@dataclass(frozen=True)
class Case:
    """One model at one shape on one runtime with one set of options."""

    id: str
    label: str
    """The runtime and what is not the default about it, as tables show it."""
    on: str
    python: str
    environment: str | None
    provider: str | None
    """onnxruntime's name of the provider; None for runtimes of ours and for served models."""
    plugin: str | None
    provider_options: Mapping[str, str]
    threads: int | None
    again: bool = False
    """The second half of the A/A pair: the baseline once more."""
    subject: Subject | None = None
    """The model that it runs, None for the group's."""

    @property
    def engine(self) -> Engine:
        """What a worker is told of the runtime; the rest depends on what it measures."""
        return Engine(
            on=self.on,
            provider=self.provider,
            plugin=self.plugin,
            provider_options=self.provider_options,
            threads=self.threads,
        )

    @property
    def device(self) -> str:
        """``gpu``, ``cpu`` or ``server``: what the runtime computes on, as far as known."""
        if is_served(self.on):
            return "server"
        provider = (self.provider or "").removesuffix("ExecutionProvider")
        return "gpu" if provider in GPU_PROVIDERS else "cpu"


@dataclass(frozen=True)
class Group:
    """Cases of one model at one shape; the first is the baseline of the others.

    Cases of other models that are held against it have their own subject.
    """

    id: str
    subject: Subject
    sizes: Mapping[str, int]
    cases: tuple[Case, ...]

    def subject_of(self, case: Case) -> Subject:
        """Return the model that a case runs."""
        return case.subject or self.subject


def make_plan(settings: Settings, subjects: Sequence[Subject]) -> list[Group]:
    """Return the groups of a run in the order of the models and axes.

    Raises
    ------
    BenchError
        An axis or an environment fits nothing, an environment is not there, or a case would
        stand there twice.
    ProviderError
        A runtime's name is not known.
    """
    check_axes(settings, subjects)
    check_environments(settings)
    groups = []
    for subject, others in held_against(settings.against, subjects):
        for sizes in _shapes(subject, settings.axes):
            name = " ".join([subject.label, *(f"{dim}={size}" for dim, size in sizes.items())])
            cases = list(_cases(name, settings, subject.dims))
            if others:
                cases = [_of(each, case) for each in (subject, *others) for case in cases]
            if len({case.id for case in cases}) < len(cases):
                raise BenchError(
                    f"two cases of {name} are the same: {[case.label for case in cases]}",
                    "give each runtime and each value of an axis once",
                )
            groups.append(Group(name, subject, sizes, (*cases, _again(cases[0]))))
    return groups


def held_against(
    against: str | None, subjects: Sequence[Subject]
) -> list[tuple[Subject, Sequence[Subject]]]:
    """Return each model with those that are held against it: all others, or none."""
    if against is None:
        return [(subject, ()) for subject in subjects]
    base = next(each for each in subjects if each.is_called(against))
    return [(base, [subject for subject in subjects if subject is not base])]


def _of(subject: Subject, case: Case) -> Case:
    """Return the case with another model, which its label names."""
    label = f"{subject.label} on {case.label}"
    changes = {"id": f"{case.id} | {subject.label}", "label": label, "subject": subject}
    return Case(**{**vars(case), **changes})


def _cases(group: str, settings: Settings, dims: Sequence[str]) -> Iterable[Case]:
    option_axes = {
        name: values for name, values in settings.axes.items() if "." in name and name not in dims
    }
    counts = settings.axes.get(THREADS, (None,))
    # A server's threads are its own: there the axis has one case.
    pairs = [(on, n) for on in settings.on for n in ((None,) if is_served(on) else counts)]
    for on, threads in pairs:
        name, _, environment = on.partition("@")
        mine = {
            axis.partition(".")[2]: values
            for axis, values in option_axes.items()
            if axis.partition(".")[0] == name
        }
        for chosen in itertools.product(*mine.values()):
            options = dict(zip(mine, chosen, strict=True))
            yield _case(group, name, environment, threads, options, settings)


def _case(
    group: str,
    on: str,
    environment: str,
    threads: str | None,
    options: dict[str, str],
    settings: Settings,
) -> Case:
    ours = on in NUMPY or is_served(on)
    spec = None if ours else find_spec(on)
    said = [on + (f"@{environment}" if environment else "")]
    said += [f"threads={threads}"] if threads else []
    said += [f"{name}={value}" for name, value in options.items()]
    return Case(
        id=f"{group} | {' '.join(said)}",
        label=" ".join(said),
        on=on,
        python=_python(on, environment, settings.environments),
        environment=environment or (on if on in settings.environments else None),
        provider=spec.ort_name if spec else None,
        plugin=spec.plugin if spec else None,
        provider_options=_options(on, spec, options, settings),
        threads=_count(threads, THREADS) if threads else None,
    )


def _options(
    on: str, spec: ProviderSpec | None, options: Mapping[str, str], settings: Settings
) -> Mapping[str, str]:
    """Return what the runtime is opened with, besides what every runtime takes."""
    usual = spec.defaults if spec else settings.served if is_served(on) else {}
    return {**usual, **options}


def _again(case: Case) -> Case:
    return Case(**{**vars(case), "id": f"{case.id} again", "again": True})


def _shapes(subject: Subject, axes: Mapping[str, tuple[str, ...]]) -> Iterable[dict[str, int]]:
    usual = {**subject.sizes, **choose_sizes(subject.inputs, subject.sizes, USUAL)}
    bound = {name: axis for axis in axes for name in axis.split(",")}
    choices = []
    for axis in dict.fromkeys(bound.get(dim, dim) for dim in subject.dims):
        together = [dim for dim in axis.split(",") if dim in subject.dims]
        default = usual.get(axis, DEFAULT_SIZES.get(axis, OTHER_SIZE))
        sizes = [_count(text, axis) for text in axes.get(axis, (str(default),))]
        choices.append([dict.fromkeys(together, size) for size in sizes])
    for chosen in itertools.product(*choices):
        found = {dim: size for each in chosen for dim, size in each.items()}
        yield {dim: found[dim] for dim in subject.dims}


def _python(on: str, environment: str, environments: Mapping[str, str]) -> str:
    if environment and environment not in environments:
        raise BenchError(
            f"--on {on}@{environment}: there is no environment called '{environment}'",
            f"add --env {environment}=/path/to/its/bin/python",
        )
    return environments.get(environment or on, sys.executable)


def _count(text: str, axis: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text[:10]) <= MOST):
        raise BenchError(
            f"--axis {axis}: {text!r} is not a whole number from 1 to {MOST}",
            f"write it as {axis}=1,8",
        )
    return int(text)
