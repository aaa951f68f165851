"""What shells complete: by click's own way of asking, and once in a real bash."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from click.shell_completion import ShellComplete

from onnxwright.bench.cli.app import cli

from ... import foreign_models
from .conftest import Call


def complete(*words: str) -> list[str]:
    """Return what is offered for the last of the words."""
    shell = ShellComplete(cli, {}, "onnxwright", "_ONNXWRIGHT_COMPLETE")
    return [item.value for item in shell.get_completions(list(words[:-1]), words[-1])]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    onnx.save(foreign_models.voice(), "voice.onnx")
    Path("broken.onnx").write_bytes(b"nothing")
    kept = tmp_path / "state" / "onnxwright" / "bench" / "baselines"
    kept.mkdir(parents=True)
    (kept / "monday.json").write_text("{}")


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["insp"], ["inspect"]),
        (["run", "voice.onnx", "--on", "num"], ["numpy", "numpy:float64"]),
        (["verify", "--on", "cud"], ["cuda"]),
        (["bench", "voice.onnx", "--on", "openv"], ["openvino"]),
        (["lint", "voice.onnx", "-t", "tens"], ["tensorrt"]),
        (["build", "--target", "web"], ["webgpu", "web"]),
        (["run", "voice.onnx", "--dim", ""], ["input.0=", "input.1="]),
        (["inspect", "voice.onnx", "--dim", "input.1"], ["input.1="]),
        (["bench", "voice.onnx", "--axis", ""], ["input.0=", "input.1=", "threads=", "hidden="]),
        (["run", "voice.onnx", "--input", "st"], ["state="]),
        (["run", "voice.onnx", "--format", "j"], ["json"]),
        (["bench", "--load", "po"], ["poisson="]),
        (["bench", "--baseline", ""], ["monday"]),
        (["bench", "gru-after/s"], ["gru-after/small"]),
        (["bench", "lstm-a/"], ["lstm-a/window", "lstm-a/step"]),
        (["bench", "--suite", "l"], ["lstm-latency"]),
        (["completion", "z"], ["zsh"]),
        (["run", "broken.onnx", "--dim", ""], []),
        (["run", "none.onnx", "--dim", ""], []),
        (["run", "--dim", ""], []),
    ],
)
def test_values_are_offered(words: list[str], offered: list[str]) -> None:
    np.testing.assert_equal(complete(*words), offered)


@pytest.mark.parametrize("words", [["bench", "some.on"], ["run", "voice.onnx", "--input", "x.np"]])
def test_files_are_the_shells_to_complete(words: list[str]) -> None:
    shell = ShellComplete(cli, {}, "onnxwright", "_ONNXWRIGHT_COMPLETE")
    (item,) = shell.get_completions(words[:-1], words[-1])
    np.testing.assert_equal(item.type, "file")


def test_no_runtime_is_imported() -> None:
    code = """
import sys
from click.shell_completion import ShellComplete
from onnxwright.bench.cli.app import cli
shell = ShellComplete(cli, {}, "onnxwright", "_ONNXWRIGHT_COMPLETE")
assert shell.get_completions(["bench", "voice.onnx", "--axis"], "input")
assert shell.get_completions(["run", "--on"], "cp")
assert not {"onnxruntime", "scipy"} & sys.modules.keys()
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(call: Call, shell: str) -> None:
    code, stdout, stderr = call("completion", shell)
    np.testing.assert_equal((code, stderr), (0, ""))
    assert f"_ONNXWRIGHT_COMPLETE={shell}_complete" in stdout


def test_a_real_bash_completes() -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not installed")
    asked = f"""
        onnxwright() {{ {sys.executable} -m onnxwright "$@"; }}
        export -f onnxwright
        eval "$(onnxwright completion bash)"
        env() {{ shift 0; command env "${{@:1:$#-1}}" {sys.executable} -m onnxwright; }}
        ask() {{
            COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
            _onnxwright_completion onnxwright; echo "${{COMPREPLY[*]}}"
        }}
        compopt() {{ echo "compopt $2"; }}
        ask onnxwright lint --target tens
        ask onnxwright run voice.onnx --dim input.0
        complete -p onnxwright
    """
    environment = {**os.environ, "PATH": os.environ["PATH"]}
    done = subprocess.run([bash, "-c", asked], capture_output=True, text=True, env=environment,
                          check=False)  # fmt: skip
    lines = done.stdout.splitlines()
    np.testing.assert_equal(lines[:3], ["tensorrt", "compopt nospace", "input.0="])
    assert lines[3].startswith("complete -o nosort -F _onnxwright_completion"), done.stderr
