"""``onnxwright completion``: the script by which a shell completes the command line."""

import click
from click.shell_completion import get_completion_class

VARIABLE = "_ONNXWRIGHT_COMPLETE"
"""The environment variable by which the script asks for completions."""
_LAST = "    return 0\n}"
_NO_SPACE = "    [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace\n"
"""For bash: behind ``batch=`` comes a value, not a space."""


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]), metavar="SHELL")
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    r"""Print the script that makes SHELL (bash, zsh or fish) complete commands, options and values.

    Values are runtimes, targets, formats, and the dims and inputs of the model that the line names.
    Install it once:

    \b
    bash: echo 'eval "$(onnxwright completion bash)"' >> ~/.bashrc
    zsh:  echo 'eval "$(onnxwright completion zsh)"' >> ~/.zshrc
    fish: onnxwright completion fish > ~/.config/fish/completions/onnxwright.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None, shell
    root = context.find_root().command
    variables = kind(root, {}, "onnxwright", VARIABLE).source_vars()
    source = kind.source_template % variables
    if shell == "bash":
        source = source.replace(_LAST, _NO_SPACE + _LAST, 1)
    click.echo(source)
