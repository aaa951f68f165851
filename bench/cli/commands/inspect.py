"""``onnxwright inspect``: what stands in a model's file."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import onnx

from ....files import atomic_write, check_outputs, model_files, read_model
from ....graphs.builder.provenance import digest_holds
from ....kinds import weights_kind
from ....runtime.runner import TensorInfo
from ...errors import BenchError
from ...model.inputs import parse_dims
from ...model.inspection import count_findings, inspect
from ...model.processor import features, processor_flags
from ...model.weights import WeightsFacts, weights_facts
from ...model.work import Work, measure_work
from ...reports.inspection import Inspected, answer, facts_table, node_table, operator_table
from ...reports.node_data import error_data, node_data, rows_of
from ...reports.weights import weights_tables
from .. import completion
from ..netron import view
from ..options import runtime_names
from ..terminal import format_option, print_json, print_table

DIGEST = {None: "none stored", True: "holds", False: "DIFFERS: the weights were changed since"}
"""What is said of the digest of the weights in the model's metadata."""


@click.command(name="inspect")
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--entry", metavar="NAME", help="The part of a PyTorch checkpoint, such as ema.")
@click.option(
    "--dim",
    "dims",
    multiple=True,
    metavar="NAME=SIZE",
    shell_complete=completion.dims,
    help="Size of a free dim to count at.",
)
@click.option("--nodes", is_flag=True, help="A line for each node too.")
@click.option(
    "--node-data",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Write numbers of each node there, as Model Explorer overlays them on the graph.",
)
@click.option(
    "--results",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="With --node-data: also time and placement from a results file of bench.",
)
@click.option(
    "--error-on",
    metavar="RUNTIME",
    callback=runtime_names,
    shell_complete=completion.runtimes,
    help="With --node-data: also each node's error there against float64, on random inputs.",
)
@click.option("--view", "viewed", is_flag=True, help="Open the graph in Netron, where installed.")
@format_option
def command(
    model: Path,
    entry: str | None,
    dims: tuple[str, ...],
    nodes: bool,
    node_data: Path | None,
    results: Path | None,
    error_on: str | None,
    viewed: bool,
    output_format: str,
) -> None:
    """Show what MODEL takes, gives and costs: dims, parameters, operations, operators, metadata.

    MODEL may be a weights file too (.pt, .safetensors, .npz, .h5, ...): then its arrays are shown,
    what is wrong in them, and the layers that are recognised.

    Operations and bytes are those of one run at a batch of 1 and usual sizes of the other free
    dims, which --dim sets. "On NumPy" says what computes an operator there: a kernel of our own,
    the function body that ONNX or the model gives, the reference kernel of the onnx package
    (fallback), or none.
    """
    for option, value in (("--results", results), ("--error-on", error_on)):
        if value is not None and node_data is None:
            raise BenchError(
                f"{option} is for --node-data", "add --node-data FOLDER, or leave it out"
            )
    if weights_kind(model) is not None:
        _show_weights(model, weights_facts(model, entry), output_format)
        return
    proto = read_model(model)
    found = _inspected(model, proto, measure_work(proto, parse_dims(dims)))
    if node_data is not None:
        more = {} if error_on is None else _errors(model, proto, error_on, parse_dims(dims))
        _write_node_data(node_data, found, results, more)
    if output_format == "json":
        print_json(_as_json(found))
    else:
        _print(found, nodes)
    if viewed:
        view(model)


def _inspected(model: Path, proto: onnx.ModelProto, work: Work) -> Inspected:
    return Inspected(
        path=model,
        facts=inspect(proto),
        work=work,
        features=features(proto, processor_flags()),
        findings=count_findings(proto),
        digest=DIGEST[digest_holds(proto, {})],
    )


def _print(found: Inspected, nodes: bool) -> None:
    for line in answer(found):
        click.echo(line)
    print_table(operator_table(found))
    if nodes:
        print_table(node_table(found.work.nodes))
    print_table(facts_table(found))


def _errors(
    model: Path, proto: onnx.ModelProto, on: str, dims: dict[str, int]
) -> dict[str, dict[str, Any]]:
    """Return the node data of each value's error on a runtime."""
    from ....runtime import load
    from ...verify.everywhere import errors_everywhere
    from ...verify.reference import find_reference
    from ..feeds import choose_feeds

    reference, _ = find_reference(model, on)
    feeds, _ = choose_feeds(proto, lambda: (reference, ""), {}, dims, None, None)
    return error_data(on, errors_everywhere(proto, reference, load(model, on=on), feeds))


def _write_node_data(
    folder: Path, found: Inspected, results: Path | None, more: dict[str, dict[str, Any]]
) -> None:
    """Write one file for each kind of number into `folder`, which is made where it is missing."""
    from ...results.store import read_results

    rows = [] if results is None else rows_of(read_results(results).rows, found.path.stem)
    documents = node_data(found.work.nodes, rows) | more
    files = {folder / name: told for name, told in documents.items()}
    reads = [*model_files(found.path), *([] if results is None else [results])]
    if not folder.exists():
        folder.mkdir(parents=False)
    check_outputs(list(files), reads)
    for path, document in files.items():
        with atomic_write(path) as stream:
            stream.write(json.dumps(document, indent=1, allow_nan=False).encode())
    click.echo(f"wrote {len(files)} files of node data to {folder}", err=True)


def _show_weights(path: Path, found: WeightsFacts, output_format: str) -> None:
    if output_format == "json":
        print_json({"schema_version": 1, "weights": str(path), **found.as_json()})
        return
    for table in weights_tables(path, found):
        print_table(table)


def _as_json(found: Inspected) -> dict[str, Any]:
    facts = found.facts
    told = {"schema_version": 1, "model": str(found.path), "weights_digest": found.digest}
    return {
        **told,
        **asdict(facts),
        "inputs": [_tensor(info) for info in facts.inputs],
        "outputs": [_tensor(info) for info in facts.outputs],
        "states": [{"takes": taken, "gives": given} for taken, given in facts.states],
        "work": asdict(found.work),
        "instruction_sets": [asdict(feature) for feature in found.features],
        "lint": found.findings,
    }


def _tensor(info: TensorInfo) -> dict[str, Any]:
    shape = None if info.shape is None else list(info.shape)
    return {"name": info.name, "dtype": info.dtype.name, "shape": shape}
