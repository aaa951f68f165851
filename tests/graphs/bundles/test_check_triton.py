"""Trees for Triton that are wrong, each told with what the server would do."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest

from onnxwright.graphs.bundles import check

from .trees import MODELS, tree
from .wrong_configs import ROWS, TREES, changed_config

pytest.importorskip("tritonclient.grpc", reason="pip install 'onnxwright[serve]'")
LOADS_NOT = "the server does not load the model"
WRONG = "silently wrong"


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("trees")
    made = {}
    for name, (model, options) in TREES.items():
        (folder / name).mkdir()
        made[name] = tree(folder / name, model, options=options)
    return made


def copied(source: Path, folder: Path) -> Path:
    return Path(shutil.copytree(source, folder / "tree"))


@pytest.mark.parametrize("name", TREES)
def test_nothing_is_wrong_with_what_the_command_makes(name: str, trees: dict[str, Path]) -> None:
    np.testing.assert_equal(check(trees[name]).problems, ())


@pytest.mark.parametrize(
    ("name", "old", "new", "problem", "effect"), ROWS, ids=[r[3] for r in ROWS]
)
def test_a_wrong_configuration_is_told(
    name: str,
    old: str,
    new: str,
    problem: str,
    effect: str,
    trees: dict[str, Path],
    tmp_path: Path,
) -> None:
    made = copied(trees[name], tmp_path)
    (config,) = made.glob("*/config.pbtxt")
    config.write_text(changed_config(config.read_text(), old, new))
    told = [p for p in check(made).problems if p.problem.startswith(problem)]
    assert told, check(made).problems
    assert effect in told[0].effect
    assert told[0].remedy


def rename(old: str, new: str) -> Callable[[Path], None]:
    def edit(made: Path) -> None:
        (made / old).rename(made / new)

    return edit


def misnamed(made: Path) -> None:
    """Name states so that their sorted orders differ, in graph and configuration alike."""
    names = {"ear.h": ("h_in", "h_out"), "ear.c": ("h_k_in", "h_k_out")}
    path, config = made / "stream/1/model.onnx", made / "stream/config.pbtxt"
    model, text = onnx.load(path), config.read_text()
    for stem, new in names.items():
        for end, name in zip(("in", "out"), new, strict=True):
            old = f"{stem}_{end}"
            text = text.replace(f'"{old}"', f'"{name}"')
            for info in (*model.graph.input, *model.graph.output):
                info.name = name if info.name == old else info.name
            for node in model.graph.node:
                node.input[:] = [name if value == old else value for value in node.input]
                node.output[:] = [name if value == old else value for value in node.output]
    config.write_text(text)
    onnx.save(model, path)


def newer(made: Path) -> None:
    path = made / "stream/1/model.onnx"
    model = onnx.load(path)
    model.ir_version = 11
    onnx.save(model, path)


def native_states(made: Path) -> None:
    """Serve a state in ONNX's own layout as if the batch were its first dim."""
    (made / "stream").rename(made / "native")
    onnx.save(MODELS["native"](), made / "native/1/model.onnx")
    state = (
        'state { input_name: "h0" output_name: "hn" data_type: TYPE_FP32 dims: [ -1, 5 ] '
        'initial_state { name: "zeros" data_type: TYPE_FP32 dims: [ 1, 5 ] zero_data: true } }'
    )
    (made / "native/config.pbtxt").write_text(
        'backend: "onnxruntime" max_batch_size: 8\n'
        'input { name: "x" data_type: TYPE_FP32 dims: [ -1, 3 ] }\n'
        'output { name: "y" data_type: TYPE_FP32 dims: [ -1, 5 ] }\n'
        f"sequence_batching {{ oldest {{ }} {state} }}\n"
    )


def time_first(made: Path) -> None:
    path = made / "stream/1/model.onnx"
    model = onnx.load(path)
    for info in (*model.graph.input, *model.graph.output):
        info.type.tensor_type.shape.dim[0].dim_param = "time"
    onnx.save(model, path)


def linked(made: Path) -> None:
    model = made / "stream/1/model.onnx"
    outside = made.parent / "outside.onnx"
    model.rename(outside)
    model.symlink_to(outside)


def outside_data(made: Path) -> None:
    path = made / "stream/1/model.onnx"
    model = onnx.load(path)
    weights = model.graph.initializer[0]
    weights.ClearField("raw_data")
    weights.data_location = onnx.TensorProto.EXTERNAL
    weights.external_data.add(key="location", value="../../../secret")
    (made.parent / "secret").write_bytes(bytes(4096))
    path.write_bytes(model.SerializeToString())


def emptied(made: Path) -> None:
    shutil.rmtree(made / "stream")


def big(made: Path) -> None:
    with (made / "stream/config.pbtxt").open("wb") as stream:
        stream.truncate(1 << 40)


def fixed(made: Path) -> None:
    path = made / "stream/1/model.onnx"
    model = onnx.load(path)
    for info in (*model.graph.input, *model.graph.output):
        info.type.tensor_type.shape.dim[0].dim_value = 1
    onnx.save(model, path)


TREE_CASES = [
    (rename("stream/1", "stream/v1"), "a version's folder is called by a whole", "ignores it"),
    (rename("stream/1", "stream/01"), "a version's folder is called by a whole", "ignores it"),
    (rename("stream/1", "stream/01"), "it has no version", LOADS_NOT),
    (rename("stream/1/model.onnx", "stream/1/m.onnx"), "there is no such file", LOADS_NOT),
    (rename("stream/config.pbtxt", "stream/config"), "there is no such file", "does not start"),
    (lambda made: (made / "notes").mkdir(), "there is no such file", "does not start"),
    (emptied, "it has no model's folder", "no model"),
    (misnamed, "the sorted names of the states' inputs and outputs do not pair", WRONG),
    (native_states, "state 'h0' has ONNX's own layout [1, 'batch', 5]", "each other's states"),
    (
        time_first,
        "max_batch_size is set, and the first dim of 'x', 'y' is 'time', which is time",
        WRONG,
    ),
    (fixed, "max_batch_size is set, and the first dim of 'x', 'y' is fixed or missing", LOADS_NOT),
    (newer, "IR 11: Triton 2.51's onnxruntime reads IR versions up to 10", "unsupported"),
    (linked, "it is a symbolic link", "it was not followed"),
    (outside_data, "the external data of tensor", LOADS_NOT),
    (big, "it has more than 1048576 bytes", "no configuration"),
]


@pytest.mark.parametrize(
    ("edit", "problem", "effect"), TREE_CASES, ids=[case[1][:40] for case in TREE_CASES]
)
def test_a_wrong_tree_is_told(
    edit: Callable[[Path], None],
    problem: str,
    effect: str,
    trees: dict[str, Path],
    tmp_path: Path,
) -> None:
    made = copied(trees["stream"], tmp_path)
    edit(made)
    told = [p for p in check(made, "triton").problems if p.problem.startswith(problem)]
    assert told, check(made, "triton").problems
    assert effect in told[0].effect
