import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import onnx.parser
import pytest
from click.testing import CliRunner, Result
from numpy.typing import NDArray

from onnxwright.bench.cli.app import cli
from onnxwright.bench.results.measured import Process
from onnxwright.bench.results.store import load_results, read_journal
from onnxwright.errors import OnnxwrightError

MODEL = """
    <ir_version: 8, opset_import: ["" : 17]>
    tanh (float[batch, 3] x) => (float[batch, 3] y) { y = Tanh(x) }
"""
QUICK = ["--rounds", "3", "--max-rounds", "3", "--sample-time", "0.005", "--no-peaks"]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    onnx.save(onnx.parser.parse_model(MODEL), tmp_path / "net.onnx")
    return tmp_path / "net.onnx"


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def run(*arguments: str | Path, code: int = 0) -> Result:
    result = CliRunner().invoke(cli, [str(each) for each in arguments])
    np.testing.assert_equal(result.exit_code, code, err_msg=f"{result.output} {result.exception}")
    return result


def test_a_model_is_measured_and_every_export_written(model: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    exports = [tmp_path / "out" / name for name in ("r.json", "r.csv", "r.md")]
    options = ["--on", "numpy", "--axis", "batch=2"]
    for kind, path in zip(("json", "csv", "markdown"), exports, strict=True):
        options += [f"--export-{kind}", str(path)]
    result = run("bench", model, *QUICK, *options)
    assert "net batch=2" in result.stdout
    assert "results go to" in result.stderr
    document = load_results(exports[0])
    (row,) = document["rows"]
    np.testing.assert_equal(
        (row["status"], row["processes"], row["sizes"]), ("ok", 3, {"batch": 2})
    )
    np.testing.assert_equal(row["accuracy"]["passed"], True)
    np.testing.assert_equal(document["counts"]["net batch=2"]["flops"], 6)
    assert exports[1].read_text().startswith("model,")
    assert "| net batch=2 | numpy |" in exports[2].read_text()


def test_json_goes_to_stdout_whole(model: Path) -> None:
    result = run("bench", model, "--on", "numpy", *QUICK, "--format", "json")
    np.testing.assert_equal(len(json.loads(result.stdout)["rows"]), 1)


@pytest.mark.parametrize(("options", "mapped"), [([], True), (["--no-map"], False)])
def test_external_weights_are_mapped_or_copied(
    model: Path, options: list[str], mapped: bool
) -> None:
    result = run("bench", model, "--on", "numpy", *QUICK, *options, "--format", "json")
    document = json.loads(result.stdout)
    np.testing.assert_equal(document["settings"]["map_weights"], mapped)
    np.testing.assert_equal([row["status"] for row in document["rows"]], ["ok"])


def test_a_provider_that_is_not_there_is_a_row(model: Path) -> None:
    result = run("bench", model, "--on", "numpy", "--on", "cann", *QUICK, "--format", "json")
    statuses = {row["on"]: row["status"] for row in json.loads(result.stdout)["rows"]}
    np.testing.assert_equal(statuses["numpy"], "ok")
    assert statuses["cann"] in ("missing provider", "not installed")


def test_a_run_that_measured_nothing_fails(model: Path) -> None:
    run("bench", model, "--on", "cann", *QUICK, code=1)


def test_a_case_without_a_result_fails_the_run_on_request(model: Path) -> None:
    both: list[str | Path] = ["bench", model, "--on", "numpy", "--on", "cann", *QUICK]
    run(*both)
    run(*both, "--fail-on", "failed", code=1)


def test_a_dry_run_tells_the_plan_and_measures_nothing(model: Path, tmp_path: Path) -> None:
    asked: list[str | Path] = ["bench", model, "--on", "numpy", "--on", "cpu", "--dry-run"]
    asked += ["--axis", "batch=1,2"]
    said = run(*asked, "--out", tmp_path / "run.jsonl").stdout
    assert said.startswith("net batch=1: numpy, cpu\nnet batch=2: numpy, cpu\n4 cases, 2 models")
    assert "Expected time: " in said
    told = json.loads(run(*asked, "--format", "json").stdout)
    np.testing.assert_equal((told["cases"], told["least_processes"]), (4, 81))
    np.testing.assert_equal((tmp_path / "run.jsonl").exists(), False)
    np.testing.assert_equal((tmp_path / "state").exists(), False)


def test_columns_are_chosen_by_name(model: Path, tmp_path: Path) -> None:
    run("bench", model, "--on", "numpy", *QUICK, "--out", tmp_path / "r.jsonl")
    few = run("report", tmp_path / "r.jsonl", "--columns", "runtime,processes").stdout
    assert "against the best" not in few
    assert "n: processes that were measured" in few
    assert "start: import to first result" in run("report", tmp_path / "r.jsonl", "--wide").stdout


def test_the_help_has_every_option_under_a_heading() -> None:
    said = run("bench", "--help").stdout
    assert "Other:" not in said
    for words in ("What is measured:", "Examples:", "--dry-run", "onnxwright bench --resume"):
        assert words in said, words


def test_an_error_budget_that_is_exceeded_fails_the_run(model: Path) -> None:
    budget = ["--atol", "0", "--rtol", "0"]
    run("bench", model, "--on", "numpy", *QUICK, *budget, code=1)


def test_named_baselines_compare_and_report(model: Path, tmp_path: Path) -> None:
    run("bench", model, "--on", "numpy", *QUICK, "--save-baseline", "main")
    kept = tmp_path / "state" / "onnxwright" / "bench" / "baselines" / "main.json"
    result = run("bench", model, "--on", "numpy", *QUICK, "--baseline", "main", "--format", "json")
    (row,) = json.loads(result.stdout)["comparison"]["rows"]
    np.testing.assert_equal(row["verdict"], "inconclusive")  # three processes decide nothing
    run("compare", kept, kept)
    run("compare", kept, kept, "--fail-inconclusive", code=3)
    assert "net batch=1" in run("report", kept).stdout
    assert run("report", kept, "--csv").stdout.startswith("model,")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonsense", "--on", "numpy"], "there is no built-in case 'nonsense'"),
        (["lstm/huge", "--on", "numpy"], "there is no size class 'huge'"),
        (["MODEL", "--on", "numpy", "--axis", "nobody=3"], "no model has a dim of that name"),
        (["MODEL", "--on", "numpy@lab"], "there is no environment called 'lab'"),
        (["MODEL", "--on", "numpy", "--env", "numpy=/nowhere"], "is not a Python interpreter"),
        (["MODEL", "--on", "numpy", "--min-effect", "x"], "is not a share"),
        (["MODEL", "--on", "numpy", "--out", "MODEL"], "is there already"),
        (["MODEL", "--resume", "MODEL"], "--resume goes on with the models"),
        (["MODEL", "--on", "numpy", "--hw", "fast"], "--hw names nodes of a cluster"),
        (["MODEL", "--on", "numpy", "--memory-limit", "0"], "leaves no memory"),
        (
            ["MODEL", "--on", "numpy", "--axis", "batch=\N{SUPERSCRIPT TWO}"],
            "is not a whole number",
        ),
        (["MODEL", "--on", "numpy", "--load", "closed=inf"], "is no kind of load"),
    ],
)
def test_mistakes_end_with_two_lines(model: Path, arguments: list[str], said: str) -> None:
    given = [str(model) if each == "MODEL" else each for each in arguments]
    result = CliRunner().invoke(cli, ["bench", *given, *QUICK])
    assert said in str(result.exception), result.output


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--baseline", "nobody"], "cannot read results .*nobody.json: No such file"),
        (["--save-baseline", "../up"], "'../up' cannot be a baseline's name"),
        (["--export-json", "."], "--export-json . is a folder"),
        (["--export-json", "nodir/r.json"], "its folder is not there or not to be written to"),
        (["--export-csv", "MODEL"], "is a file that is read here"),
        (["--export-csv", "."], "--export-csv . is a folder"),
    ],
)
def test_what_cannot_be_delivered_is_told_before_the_run(
    model: Path, tmp_path: Path, options: list[str], said: str
) -> None:
    journal = tmp_path / "run.jsonl"
    given = [str(model) if each == "MODEL" else each for each in options]
    arguments = ["bench", str(model), "--on", "numpy", "--out", str(journal), *QUICK, *given]
    with pytest.raises(OnnxwrightError, match=said):
        cli.main(arguments, standalone_mode=False)
    np.testing.assert_equal(journal.exists(), False)


@pytest.mark.parametrize(
    ("name", "array", "said"),
    [
        ("x", np.ones((2, 3)), "input 'x': dtype is float64, but the model takes float32"),
        ("x", np.ones(3, np.float32), "input 'x': rank is 1 .* the model takes rank 2"),
        ("x", np.ones((2, 4), np.float32), "input 'x': dim 1 is 4, but the model fixes it at 3"),
        ("z", np.ones(3), "no model of this run has an input 'z'\\ntheir inputs are x"),
    ],
)
def test_inputs_that_do_not_fit_are_told_before_the_run(
    model: Path, tmp_path: Path, name: str, array: NDArray[Any], said: str
) -> None:
    journal = tmp_path / "run.jsonl"
    np.save(tmp_path / "in.npy", array)
    given = ["--on", "numpy", "--input", f"{name}={tmp_path / 'in.npy'}", "--out", str(journal)]
    with pytest.raises(OnnxwrightError, match=said):
        cli.main(["bench", str(model), *QUICK, *given], standalone_mode=False)
    np.testing.assert_equal(journal.exists(), False)


def test_floats_are_not_taken_for_pairs_of_bfloat16(tmp_path: Path) -> None:
    text = MODEL.replace("batch, 3", "n").replace("float[n] x", "bfloat16[n] x")
    text = text.replace("y = Tanh(x)", "y = Cast<to = 1>(x)")
    onnx.save(onnx.parser.parse_model(text), tmp_path / "net.onnx")
    arguments = ["bench", str(tmp_path / "net.onnx"), "--on", "numpy", *QUICK]
    arguments += ["--input", f"x={tmp_path / 'x.npy'}"]
    np.save(tmp_path / "x.npy", np.array([1, -2.5, 3], ml_dtypes.bfloat16))
    run(*arguments)
    np.save(tmp_path / "x.npy", np.array([1, -2.5, 3], np.float32))
    with pytest.raises(OnnxwrightError, match="dtype is float32, but the model takes bfloat16"):
        cli.main(arguments, standalone_mode=False)


def test_inputs_that_are_given_bind_the_dims(model: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.ones((5, 3), np.float32))
    given = ["--input", f"x={tmp_path / 'x.npy'}", "--format", "json"]
    result = run("bench", model, "--on", "numpy", *QUICK, *given)
    row = json.loads(result.stdout)["rows"][0]
    np.testing.assert_equal(row["sizes"], {"batch": 5})
    assert row["profile"], "NumPy's nodes are not profiled"


@pytest.mark.parametrize("option", ["--time-budget", "--sample-time", "--atol"])
@pytest.mark.parametrize("value", ["nan", "inf"])
def test_numbers_are_finite(model: Path, option: str, value: str) -> None:
    assert "is not a finite number" in run("bench", model, option, value, code=2).output


def test_a_seed_is_not_negative(model: Path) -> None:
    assert "-1 is not in the range" in run("bench", model, "--seed", "-1", code=2).output


def test_a_link_to_itself_is_told(tmp_path: Path) -> None:
    (tmp_path / "loop.onnx").symlink_to("loop.onnx")
    result = CliRunner().invoke(cli, ["bench", str(tmp_path / "loop.onnx"), "--on", "numpy"])
    assert "cannot read" in str(result.exception)


def test_a_run_that_was_killed_goes_on(model: Path, tmp_path: Path) -> None:
    journal = tmp_path / "run.jsonl"
    command = [sys.executable, "-m", "onnxwright", "bench", str(model), "--on", "numpy"]
    process = subprocess.Popen(
        [*command, *QUICK, "--out", str(journal)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not journal.exists() or journal.read_bytes().count(b"\n") < 3:
        assert process.poll() is None, "it ended before it could be killed"
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = read_journal(journal)[1]
    run("bench", "--resume", journal, "--export-json", tmp_path / "r.json")
    after = read_journal(journal)[1]
    np.testing.assert_equal(after[: len(before)], before)
    places = [(entry.case, entry.round) for entry in after if isinstance(entry, Process)]
    np.testing.assert_equal(len(set(places)), len(places))
    np.testing.assert_equal(load_results(tmp_path / "r.json")["rows"][0]["processes"], 3)


def test_a_journal_names_no_program_to_run(model: Path, tmp_path: Path) -> None:
    journal, ran = tmp_path / "run.jsonl", tmp_path / "ran"
    fake = tmp_path / "python"
    fake.write_text(f"#!/bin/sh\ntouch '{ran}'\n")
    fake.chmod(0o755)
    command = ["bench", str(model), "--on", "numpy@lab", "--out", str(journal), *QUICK]
    run(*command, "--env", f"lab={sys.executable}")
    sent = journal.read_text().replace(json.dumps(sys.executable), json.dumps(str(fake)))
    assert str(fake) in sent
    journal.write_text("".join(line + "\n" for line in sent.splitlines()[:2]))
    with pytest.raises(OnnxwrightError, match=r"called 'lab', which a journal cannot choose .*\n"):
        cli.main(["bench", "--resume", str(journal)], standalone_mode=False)
    run("bench", "--resume", journal, "--env", f"lab={sys.executable}")
    np.testing.assert_equal(ran.exists(), False)


def test_a_journal_names_no_cluster_to_ask(model: Path, tmp_path: Path) -> None:
    journal = tmp_path / "run.jsonl"
    run("bench", model, "--on", "numpy", "--out", journal, *QUICK)
    journal.write_text(journal.read_text().replace('"cluster": null', '"cluster": "h:1"'))
    with pytest.raises(OnnxwrightError, match=r"on a cluster, which a journal cannot .*\nsay so"):
        cli.main(["bench", "--resume", str(journal)], standalone_mode=False)
