"""What a network says of itself at a prompt and in a notebook."""

import html

from .builder.builder import Builder
from .values import format_dims


def network_line(net: Builder) -> str:
    """Return one line: the name, the opset, the dtype and how much is in the network."""
    parts = {"input": net.inputs, "output": net.outputs, "node": net.nodes}
    counts = [f"{len(part)} {name}{'s' * (len(part) != 1)}" for name, part in parts.items()]
    return f"<Network '{net.name}': opset {net.opset}, {net.dtype.name}, {', '.join(counts)}>"


def network_table(net: Builder) -> str:
    """Return the line and a table of the inputs and outputs, as HTML."""
    rows = [
        f"<tr><td>{kind}</td><td>{html.escape(name)}</td><td>{format_dims(value.dims)}</td>"
        f"<td>{value.dtype.name}</td></tr>"
        for kind, values in (("input", net.inputs), ("output", net.outputs))
        for name, value in values.items()
    ]
    return f"<code>{html.escape(network_line(net))}</code><table>{''.join(rows)}</table>"
