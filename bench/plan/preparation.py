"""Everything a run needs on disk before its first process: models, inputs, an empty model."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from ...files import atomic_write, read_model
from ...runtime.feeds import check_feeds
from ...runtime.interpreter.signature import signature
from ...runtime.runner import TensorInfo
from ..errors import BenchError
from ..model.arrays import read_inputs, write_arrays
from ..model.counts import Counts, count
from ..model.free_dims import free_dims, keys, sizes_given
from ..model.inputs import fill_inputs, typed
from ..model.interface import check_same_interface
from ..model.states import at_rest
from .builtin import SIZES, build, families
from .cases import Group, Subject
from .settings import Settings
from .suites import build_sliding, sliding
from .validate import HIDDEN


def subjects(settings: Settings, folder: Path) -> list[Subject]:
    """Return the models of a run: files as they are, built-in cases built into `folder`.

    Raises
    ------
    BenchError
        There is no such built-in case, two models have one label, or no model has an input of a
        name that is given.
    FileError
        A model cannot be read.
    """
    given = read_inputs(settings.inputs)
    found = [
        subject
        for model in settings.models
        for subject in (
            [_from_file(Path(model), given, settings)]
            if model.endswith(".onnx") or Path(model).is_file()
            else _sliding(model, settings, folder) or _built_in(model, settings, folder)
        )
    ]
    labels = [subject.label for subject in found]
    for label in labels:
        if labels.count(label) > 1:
            raise BenchError(
                f"two models are called {label}", "rename one of the files: results go by the name"
            )
    _refuse_unknown(given, found)
    if settings.against is not None:
        _check_alike(settings.against, found)
    return found


def _check_alike(against: str, found: Sequence[Subject]) -> None:
    """Refuse models that cannot be held against each other."""
    base = next((each for each in found if each.is_called(against)), None)
    if base is None or len(found) < 2:
        raise BenchError(
            f"--against {against} has no model to be held against it",
            "name it and at least one other: onnxwright bench A.onnx B.onnx --against A.onnx",
        )
    original = read_model(base.path, embedded=False)
    for other in found:
        proto = read_model(other.path, embedded=False)
        check_same_interface(other.label, proto, base.label, original)


def _refuse_unknown(given: Mapping[str, NDArray[Any]], found: Sequence[Subject]) -> None:
    """Refuse arrays that no model of the run takes; one model may leave out what another takes."""
    taken = [name for subject in found for name in _inputs(subject.path)] if given else []
    for name in given:
        if name not in taken:
            raise BenchError(
                f"no model of this run has an input '{name}'",
                f"their inputs are {', '.join(sorted(set(taken))) or 'none'}",
            )


def _inputs(path: Path) -> list[str]:
    required, optional, _ = signature(read_model(path, embedded=False), None)
    return [info.name for info in (*required, *optional)]


def default_models(sizes: Sequence[str]) -> tuple[str, ...]:
    """Return the built-in cases of the given size classes, all families of each."""
    return tuple(f"{family}/{size}" for size in sizes for family in families())


def feeds_writer(settings: Settings, folder: Path) -> Callable[[Group], Path]:
    """Return the function that writes a group's inputs once and gives their file.

    It raises FeedError where an array that is given does not fit the model.
    """
    given = read_inputs(settings.inputs)
    written: dict[str, Path] = {}

    def write(group: Group) -> Path:
        if group.id not in written:
            model = read_model(group.subject.path, embedded=False)
            inputs, optional, outputs = signature(model, None)
            mine = {
                each.name: given[each.name] for each in (*inputs, *optional) if each.name in given
            }
            mine |= typed(optional, mine)
            feeds = fill_inputs(model, inputs, mine, dims=group.sizes, seed=settings.seed)
            feeds = at_rest(feeds, mine, settings.on, (inputs, outputs))
            check_feeds(inputs, feeds, optional=optional)
            written[group.id] = folder / f"feeds{len(written)}.npz"
            write_arrays(written[group.id], feeds, raw=True)
        return written[group.id]

    return write


def count_group(group: Group, feeds: Path) -> Counts:
    """Return the operations and bytes of one run of a group's model at its shape."""
    with np.load(feeds, allow_pickle=False) as archive:
        shapes = {name: archive[name].shape for name in archive.files}
    return count(read_model(group.subject.path, embedded=False), shapes)


def write_empty_model(folder: Path) -> None:
    """Write ``empty.onnx``, one Identity over a single float: what remains is the call itself."""
    value = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("Identity", ["x"], ["y"])],
        "empty",
        [value("x", onnx.TensorProto.FLOAT, [1])],
        [value("y", onnx.TensorProto.FLOAT, [1])],
    )
    opset = onnx.helper.make_opsetid("", 17)
    model = onnx.helper.make_model(graph, opset_imports=[opset], ir_version=8)
    with atomic_write(folder / "empty.onnx") as stream:
        stream.write(model.SerializeToString())


def _from_file(path: Path, given: Mapping[str, NDArray[Any]], settings: Settings) -> Subject:
    infos = signature(read_model(path, embedded=False), None)[0]
    dims = _dims(infos, settings)
    return Subject(path.stem, path.resolve(), dims, sizes_given(infos, given, {}), inputs=infos)


def _sliding(name: str, settings: Settings, folder: Path) -> list[Subject]:
    """Return a suite's model, built into `folder`; none where the name is that of another."""
    found = sliding(name)
    if found is None:
        return []
    path = folder / f"{name.replace('/', '-')}.onnx"
    build_sliding(*found).save(path)
    infos = signature(read_model(path, embedded=False), None)[0]
    return [Subject(name, path, _dims(infos, settings), {"batch": 1}, inputs=infos)]


def _built_in(name: str, settings: Settings, folder: Path) -> list[Subject]:
    family, _, size_name = name.partition("/")
    if (size_name or "small") not in SIZES:
        raise BenchError(
            f"there is no size class '{size_name}'",
            f"use one of {', '.join(SIZES)}, as in lstm/small",
        )
    size = SIZES[size_name or "small"]
    found = []
    for hidden in settings.axes.get(HIDDEN, ("",)):
        label = f"{family}/{size_name or 'small'}" + (f" hidden={hidden}" if hidden else "")
        if hidden and not (hidden.isascii() and hidden.isdigit() and 0 < int(hidden[:6]) < 10**5):
            raise BenchError(f"--axis hidden: {hidden!r} is no size", "write it as hidden=64,128")
        sized = replace(size, hidden=int(hidden)) if hidden else size
        path = folder / (label.replace("/", "-").replace(" ", "-") + ".onnx")
        build(family, sized).save(path)
        infos = signature(read_model(path, embedded=False), None)[0]
        found.append(
            Subject(label, path, _dims(infos, settings), sized.dims(), built_in=True, inputs=infos)
        )
    return found


def _dims(infos: Sequence[TensorInfo], settings: Settings) -> tuple[str, ...]:
    """Return the free dims; those that follow the batch only where an axis binds them."""
    bound = {name for axis in settings.axes for name in axis.split(",")}
    everything = [key for info in infos for key in keys(info) if isinstance(key, str)]
    free = free_dims(infos)
    return tuple(dict.fromkeys(key for key in everything if key in free or key in bound))
