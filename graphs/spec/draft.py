"""A network file drafted from arrays: what they tell stands there, what they cannot tell is marked.

Every mark is a comment ``# CHOOSE: ...`` behind a line that has a likely value; where no value is
likelier than others, the value itself is ``CHOOSE``, and ``read_network`` says which to fill in.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..checkpoints.chain import in_order, is_chain
from ..checkpoints.parts import RECURRENT, Part
from ..checkpoints.recognise import recognise
from ..errors import WeightError
from ..weights.arrays import Array
from .behind import activated, is_activated
from .drafted import Place, text
from .marks import MARK

SPATIAL = {1: ("time",), 2: ("height", "width"), 3: ("depth", "height", "width")}
IMAGES = ("conv", "conv_transpose")
SAME_DIMS = ("batch_norm", "layer_norm", "prelu", "unknown")
"""Layers behind which an image is still one."""


@dataclass(frozen=True)
class Draft:
    """A drafted network file."""

    text: str
    parts: list[Part]

    @property
    def marks(self) -> int:
        """How many places wait for a decision."""
        return self.text.count(f"# {MARK}:")

    @property
    def to_fill_in(self) -> int:
        """How many of them have no value yet."""
        return self.text.count(f'"{MARK}"') + len(re.findall(rf"batch \d+ {MARK}", self.text))


def draft_network(
    arrays: Mapping[str, Array], source: str = "weights", *, lengths: bool = False
) -> Draft:
    """Return the network file of the layers of a PyTorch state or a Keras file, as a chain.

    With `lengths` the recurrent layers read so many steps of each row: sequences are packed.

    Raises
    ------
    WeightError
        No layer is recognised.
    """
    parts = in_order(recognise(arrays))
    if all(part.kind == "unknown" for part in parts):
        listed = ", ".join(list(arrays)[:4])
        raise WeightError(
            f"no layer is recognised among the arrays {listed}",
            "names like those of a PyTorch state dict are known (fc.weight, lstm.weight_ih_l0); "
            "write the network file by hand (onnxwright/pages/network-file.md)",
        )
    lines = [f"# Drafted from {json.dumps(source)}: look at every line with {MARK}, then prove it:"]
    lines += ["# onnxwright build NETWORK.toml -w WEIGHTS -o net.onnx --check io.npz", ""]
    if not is_chain(parts):
        lines += [
            f"# {MARK}: the order of the layers; this is not one in which each feeds the next",
            "",
        ]
    lines += [*_network(arrays), *_inputs(parts, lengths)]
    names = _names(parts)
    for place in range(len(parts)):
        lines += ["", *_layer(parts, place, names, lengths)]
    last = names[len(parts) - 1]
    end = activated(last) if is_activated(parts[-1], None) else last
    lines += ["", "[outputs]", f"y = {text(end)}", ""]
    return Draft("\n".join(lines), parts)


def _network(arrays: Mapping[str, Array]) -> Iterator[str]:
    dtypes = {array.dtype.name for array in arrays.values() if array.ndim}
    if dtypes in ({"float16"}, {"float64"}, {"bfloat16"}):
        dtype = dtypes.pop()
        yield from ["[network]", f"dtype = {text(dtype)}  # {MARK}: as stored, or float32", ""]


def _inputs(parts: Sequence[Part], lengths: bool) -> list[str]:
    first = next(part for part in parts if part.kind != "unknown")
    dims, dtype, mark = _input_dims(parts, first)
    value = f'{{ dims = "{dims}", dtype = "{dtype}" }}' if dtype else text(dims)
    lines = ["[inputs]", f"x = {value}{mark}"]
    if any(part.kind in RECURRENT for part in parts):
        declared = 'lengths = { dims = "batch", dtype = "int64" }'
        lines.append(declared if lengths else f"# {declared}  # {MARK}: if sequences are packed")
    return lines


def _input_dims(parts: Sequence[Part], first: Part) -> tuple[str, str, str]:
    if first.kind == "embedding":
        return "batch time", "int64", ""
    image = next((part for part in parts if part.kind in (*IMAGES, *RECURRENT)), first)
    if image.kind in RECURRENT and first.kind not in ("batch_norm", *IMAGES):
        return f"batch time {first.takes}", "", ""
    if first.kind not in ("batch_norm", *IMAGES) or image.kind not in IMAGES:
        return f"batch {first.takes}", "", ""
    places = SPATIAL[len(image.kernel)]
    flat = any(_is_flattened(parts, place) for place in range(len(parts)))
    sizes = [MARK] * len(places) if flat else places
    mark = f"  # {MARK}: {' and '.join(places)} of the input, numbers" if flat else ""
    dims = [first.takes, *sizes] if first.source == "torch" else [*sizes, first.takes]
    return f"batch {' '.join(map(str, dims))}", "", mark


def _is_flattened(parts: Sequence[Part], place: int) -> bool:
    """Say whether a layer takes all numbers of an image, so many and no others."""
    part = parts[place]
    gives = next((p.gives for p in reversed(parts[:place]) if p.kind != "unknown"), 0)
    return part.kind == "dense" and bool(_spatial(parts, place)) and part.takes != gives


def _spatial(parts: Sequence[Part], place: int) -> int:
    """Return the dims of the image that comes to a layer, channels first; 0 for features last."""
    for before in reversed(parts[:place]):
        if before.kind in IMAGES:
            return len(before.kernel)
        if before.kind not in SAME_DIMS:
            return 0
    first_image = next((p for p in parts[place:] if p.kind not in SAME_DIMS), None)
    if first_image is None or first_image.kind not in IMAGES or first_image.source == "keras":
        return 0
    return len(first_image.kernel)


def _names(parts: Sequence[Part]) -> list[str]:
    """Return a name for each layer: the module's, with its number in a stack, and none twice."""
    taken: list[str] = ["x", "lengths"]
    for part in parts:
        stacked = any(p.prefix == part.prefix and p is not part for p in parts)
        name = re.sub(r"[^A-Za-z0-9_]", "_", part.prefix) or part.kind
        name = f"{part.kind}_{name}" if name[0].isdigit() else name
        name = f"{name}_{part.layer}" if stacked and part.layer is not None else name
        while name in taken:
            name += "_"
        taken.append(name)
    return taken[2:]


def _layer(parts: Sequence[Part], place: int, names: Sequence[str], lengths: bool) -> list[str]:
    before = parts[place - 1] if place else None
    after = parts[place + 1] if place + 1 < len(parts) else None
    spatial = _spatial(parts, place)
    before_name = names[place - 1] if place else "x"
    at = Place(parts[place], names[place], before, before_name, after, spatial, lengths)
    return list(at.lines())
