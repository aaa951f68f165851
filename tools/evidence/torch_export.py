"""Let PyTorch's two exporters export the nets of the tests themselves; see exporters.py.

In PyTorch's environment, with onnx and onnxscript, from the root of the repository::

    python -m tools.evidence.torch_export tests/data/checkpoints/torch exported

For each exporter there is then a folder ``exported/NAME`` with models, errors and times; and in
``exported/records`` what PyTorch gives for each net's recorded input, and for one of another batch
and, where the net takes sequences, another length.
"""

import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch

from tools.checkpoints.make_torch import NETS

BATCH = {name: [0] for name in ("x", "image", "signal", "lengths")}
DYNAMIC = BATCH | {"sequence": [0, 1], "ids": [0, 1]}
"""The dims of each input that are open."""
TRIED = {
    name: DYNAMIC | ({"x": [0, 1]} if name == "packed_bilstm" else {})
    for name in [
        "mlp",
        "images",
        "signal",
        "rnn_relu",
        "gru",
        "lstm_projection",
        "classifier",
        "packed_bilstm",
    ]
}


def main() -> None:
    """Export every net, and note why where that fails."""
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    warnings.simplefilter("ignore")
    nets = {name: _net(name, source) for name in TRIED}
    for name, (net, arrays) in nets.items():
        _record(net, arrays, TRIED[name], target / "records" / name)
    for exporter in ("dynamo", "torchscript"):
        folder = target / exporter
        folder.mkdir(parents=True, exist_ok=True)
        told: dict[str, Any] = {"versions": f"torch.onnx ({exporter}) of {torch.__version__}"}
        told |= {"errors": {}, "seconds": {}}
        _export(exporter, *nets["signal"], TRIED["signal"], folder / "signal.onnx")  # imports
        for name, (net, arrays) in nets.items():
            begin = time.perf_counter()
            try:
                _export(exporter, net, arrays, TRIED[name], folder / f"{name}.onnx")
            except BaseException as error:
                told["errors"][name] = _reason(error)
            told["seconds"][name] = time.perf_counter() - begin
        (folder / "export.json").write_text(json.dumps(told, indent=2))


def _net(name: str, source: Path) -> tuple[torch.nn.Module, dict[str, Any]]:
    make = NETS[name][0]
    net = make()
    (path,) = (p for p in source.glob(f"{name}.*") if p.suffix != ".npz")
    state = torch.load(path, weights_only=True)
    net.load_state_dict(state.get("state_dict", state))
    with np.load(source / f"{name}.npz") as recorded:
        arrays = {key: recorded[key] for key in recorded.files if key != "y"}
    return net.eval(), arrays


def _record(net: Any, arrays: dict[str, Any], dynamic: dict[str, list[int]], stem: Path) -> None:
    """Write what PyTorch gives for the input, and for one that is larger in its open dims."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    larger = {key: _larger(array, dynamic[key]) for key, array in arrays.items()}
    if "lengths" in larger:
        larger["lengths"] = larger["lengths"] + 2  # PyTorch cuts off what no row reaches
    for number, given in enumerate((arrays, larger)):
        with torch.no_grad():
            y = net(*(torch.from_numpy(array) for array in given.values())).numpy()
        np.savez(f"{stem}.{number}.npz", *given.values(), y)


def _larger(array: Any, axes: list[int]) -> Any:
    return np.pad(array, [(0, 2 if axis in axes else 0) for axis in range(array.ndim)], "reflect")


def _export(
    exporter: str, net: Any, arrays: dict[str, Any], dynamic: dict[str, list[int]], path: Path
) -> None:
    given = tuple(torch.from_numpy(array) for array in arrays.values())
    names = {"input_names": list(arrays), "output_names": ["y"]}
    open_dims: dict[str, Any]
    if exporter == "dynamo":
        shapes = tuple(dict.fromkeys(dynamic[key], torch.export.Dim.DYNAMIC) for key in arrays)
        open_dims = {"dynamic_shapes": shapes, "dynamo": True, "external_data": False}
        torch.onnx.export(net, given, path, verbose=False, **names, **open_dims)
    else:
        axes = {key: {axis: f"d{axis}" for axis in dynamic[key]} for key in arrays}
        open_dims = {"dynamic_axes": axes, "dynamo": False, "opset_version": 17}
        torch.onnx.export(net, given, path, **names, **open_dims)
    onnx.checker.check_model(path)


def _reason(error: BaseException) -> str:
    """Return the lines that say why: those of the first cause."""
    while error.__cause__ is not None:
        error = error.__cause__
    lines = [line.strip(" -") for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {' '.join(lines[:2])[:400]}"


if __name__ == "__main__":
    main()
