"""Every snippet of the documentation runs, and every command line in it has these options."""

import contextlib
import io
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import numpy as np
import pytest
import safetensors.numpy

from onnxwright import graphs
from onnxwright.bench.cli.app import COMMANDS, cli
from onnxwright.graphs.spec import read_network

DOCS = Path(__file__).parents[2] / "docs"
FENCE = re.compile(r"^```([a-z]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ELSEWHERE = {
    ("checkpoints.md", "onnxwright inspect model.pt"): "drafts are looked at before they are built",
    ("checkpoints.md", "import numpy as np, torch"): "needs PyTorch",
    ("checkpoints.md", "onnxwright convert model.keras"): "tests/graphs/keras converts real files",
    ("checkpoints.md", "import keras"): "needs Keras",
    ("served-models.md", "runner = runtime.load"): "needs a server",
}
"""Page and beginning of a snippet: why it does not run here. Its options are checked even so."""
SHELL = f"""set -eu
export COLUMNS=80 XDG_STATE_HOME="$PWD/state"
onnxwright() {{ {shlex.quote(sys.executable)} -m onnxwright "$@"; }}
python() {{ {shlex.quote(sys.executable)} "$@"; }}
"""
NET = """[inputs]
x = "batch time 3"
[[layer]]
kind = "dense"
name = "head"
weights = { from = "torch", prefix = "head" }
[outputs]
y = "head"
"""


def pages() -> list[Path]:
    return sorted(DOCS.rglob("*.md"))


def snippets(page: Path) -> list[tuple[str, str]]:
    """Return the language and the text of each fenced block."""
    return FENCE.findall(page.read_text(encoding="utf-8"))


def name_of(page: Path) -> str:
    return page.relative_to(DOCS).as_posix()


def reason(page: Path, text: str) -> str | None:
    return next(
        (why for (name, start), why in ELSEWHERE.items()
         if name == name_of(page) and text.startswith(start)), None,
    )  # fmt: skip


def prepare(folder: Path) -> None:
    """Make the files that pages speak of as the reader's own."""
    shutil.copy(DOCS.parent / "tests" / "data" / "reports" / "run.json", folder / "r.json")
    state = {"head.weight": np.ones((2, 3), "float32"), "head.bias": np.ones(2, "float32")}
    for name in ("net", "tagger"):
        (folder / f"{name}.toml").write_text(NET)
        safetensors.numpy.save_file(state, folder / f"{name}.safetensors")
        read_network(folder / f"{name}.toml", state).save(folder / f"{name}.onnx")
    x = np.ones((1, 4, 3), "float32")
    np.savez(folder / "io.npz", x=x, y=x @ state["head.weight"].T + 1)
    assert graphs.load_weights(folder / "net.safetensors").keys() == state.keys()


def run(language: str, text: str, where: str) -> None:
    if language == "sh":
        done = subprocess.run(
            ["bash", "-c", SHELL + text], capture_output=True, text=True, check=False
        )
        np.testing.assert_equal(done.returncode, 0, err_msg=f"{where}\n{done.stderr[-2000:]}")
        return
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(text, where, "exec"), {})
    said = re.findall(r"^ *print\(.*\)  # (.*)$", text, flags=re.MULTILINE)
    np.testing.assert_equal(printed.getvalue().splitlines(), said, err_msg=where)


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_the_snippets_run_in_their_order(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    todo = [
        (language, text)
        for language, text in snippets(page)
        if language in ("python", "sh") and reason(page, text) is None
    ]
    if any("--on cpu" in text for _, text in todo):
        pytest.importorskip("onnxruntime")
    if any("bundle --check" in text or "bundles.check(" in text for _, text in todo):
        pytest.importorskip("tritonclient.grpc", reason="pip install 'onnxwright[serve]'")
    prepare(tmp_path)
    for number, (language, text) in enumerate(todo, start=1):
        run(language, text, f"{name_of(page)}, snippet {number}")


def test_what_runs_elsewhere_is_there() -> None:
    used = {
        key
        for page in pages()
        for _, text in snippets(page)
        for key in ELSEWHERE
        if key[0] == name_of(page) and text.startswith(key[1])
    }
    np.testing.assert_equal(sorted(set(ELSEWHERE) - used), [])


def command_lines() -> list[tuple[str, str]]:
    return [
        (name_of(page), line)
        for page in pages()
        for _, text in snippets(page)
        for line in re.findall(r"^(?:\$ )?onnxwright +(.+)$", text, flags=re.MULTILINE)
    ]


@pytest.mark.parametrize(("page", "line"), command_lines())
def test_command_lines_have_these_options(page: str, line: str) -> None:
    name, *arguments = shlex.split(re.sub(r"\s>+\s.*", "", line), comments=True)
    if not name.startswith("-"):
        np.testing.assert_equal(name in COMMANDS, True, err_msg=f"{page}: {line}")
        context = click.Context(cli)
        command = cli.get_command(context, name)
        assert command is not None
        inner = click.Context(command, parent=context, info_name=name)
        command.make_parser(inner).parse_args(arguments)
