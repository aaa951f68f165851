"""A network file drafted from arrays: what they tell stands there, what they cannot tell is marked.

Every mark is a comment ``# CHOOSE: ...`` behind a line that has a likely value; where no value is
likelier than others, the value itself is ``CHOOSE``, and ``read_network`` says which to fill in.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..checkpoints.chain import in_order
from ..checkpoints.recognise import RECURRENT, Part, recognise
from ..errors import WeightError
from ..weights.arrays import Array
from .marks import MARK

ORDERS = {"rnn": "h", "gru": "r z n", "lstm": "i f g o"}
"""PyTorch's order of the gates."""
ACTIVATIONS = "relu, tanh, sigmoid, gelu, ...; none: delete the line"
POOLING = f"""# {MARK}: pooling here, if the net has it:
# [[layer]]
# kind = "max_pool"
# kernel = 2
# strides = 2
"""
SPATIAL = {1: ("time",), 2: ("height", "width"), 3: ("depth", "height", "width")}


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


def draft_network(arrays: Mapping[str, Array], source: str = "weights") -> Draft:
    """Return the network file of a PyTorch state's layers, one after the other.

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
            "write the network file by hand (docs/network-file.md)",
        )
    lines = [f"# Drafted from {json.dumps(source)}: look at every line with {MARK}, then prove it:"]
    lines += ["# onnxwright build NETWORK.toml -w WEIGHTS -o net.onnx --check io.npz", ""]
    lines += [*_network(arrays), *_inputs(parts)]
    names = _names(parts)
    for place in range(len(parts)):
        lines += ["", *_layer(parts, place, names)]
    lines += ["", "[outputs]", f"y = {_text(names[len(parts) - 1])}", ""]
    return Draft("\n".join(lines), parts)


def _network(arrays: Mapping[str, Array]) -> Iterator[str]:
    dtypes = {array.dtype.name for array in arrays.values() if array.ndim}
    if dtypes in ({"float16"}, {"float64"}, {"bfloat16"}):
        dtype = dtypes.pop()
        yield from ["[network]", f"dtype = {_text(dtype)}  # {MARK}: as stored, or float32", ""]


def _inputs(parts: Sequence[Part]) -> list[str]:
    first = next(part for part in parts if part.kind != "unknown")
    dims, dtype, mark = _input_dims(parts, first)
    value = f'{{ dims = "{dims}", dtype = "{dtype}" }}' if dtype else _text(dims)
    lines = ["[inputs]", f"x = {value}{mark}"]
    if any(part.kind in RECURRENT for part in parts):
        lines.append(
            f'# lengths = {{ dims = "batch", dtype = "int32" }}  # {MARK}: if sequences are packed'
        )
    return lines


def _input_dims(parts: Sequence[Part], first: Part) -> tuple[str, str, str]:
    if first.kind == "embedding":
        return "batch time", "int64", ""
    if first.kind in RECURRENT:
        return f"batch time {first.takes}", "", ""
    if first.kind != "conv":
        return f"batch {first.takes}", "", ""
    places = SPATIAL[len(first.kernel)]
    flat = any(part.kind == "dense" for part in parts)  # which takes so many numbers and no others
    sizes = [MARK] * len(places) if flat else places
    mark = f"  # {MARK}: {' and '.join(places)} of the input, numbers" if flat else ""
    return f"batch {first.takes} {' '.join(sizes)}", "", mark


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


def _layer(parts: Sequence[Part], place: int, names: Sequence[str]) -> list[str]:
    part, name = parts[place], names[place]
    before = parts[place - 1] if place else None
    after = parts[place + 1] if place + 1 < len(parts) else None
    lines = list(_between(before, part, names[place - 1]))
    lines += ["[[layer]]", f"kind = {_text(part.kind)}", f"name = {_text(name)}"]
    if part.kind == "unknown":
        lines[-2] = f'kind = "{MARK}"  # {MARK}: what uses {", ".join(part.entries[:6])}?'
        return lines
    if before is not None and before.kind in RECURRENT and part.kind not in (*RECURRENT, "conv"):
        last = f"{names[place - 1]}.last"
        lines.append(
            f"x = {_text(names[place - 1])}  # {MARK}: every step, or the last one: {_text(last)}"
        )
    lines += _options(part, before, after)
    return lines


def _between(before: Part | None, part: Part, name: str) -> Iterator[str]:
    """Yield what has to stand between two layers so that their dims fit."""
    if before is None:
        return
    if before.kind in RECURRENT and part.kind == "conv":
        yield f'[[layer]]\nkind = "transpose"  # {MARK}: convolutions take channels first'
        yield f"perm = [0, 2, 1]\nx = {_text(name)}\n"
    if before.kind not in ("conv", "batch_norm") or part.kind not in ("conv", "dense"):
        return
    if before.kind == "batch_norm" and part.kind == "dense" and part.takes == before.gives:
        return  # as after a Linear
    if not _adjacent(before, part):
        yield POOLING
    if part.kind == "dense":
        if part.takes == before.gives:
            yield f'[[layer]]\nkind = "global_average_pool"  # {MARK}: or a max_pool'
        yield '[[layer]]\nkind = "flatten"\n'


def _options(part: Part, before: Part | None, after: Part | None) -> Iterator[str]:
    where = f"prefix = {_text(part.prefix)}"
    if part.kind == "embedding":
        yield f"table = {_text(part.entries[0])}"
        return
    if part.kind == "layer_norm":
        yield from (f"{key} = {_text(name)}" for key, name in _scale_and_bias(part))
        yield f"epsilon = 1e-5  # {MARK}: the module's eps; a GroupNorm has the same arrays"
        return
    if part.kind in RECURRENT:
        yield f"weights = {_recurrent_weights(part)}"
        if part.kind == "rnn":
            yield f'activations = "tanh"  # {MARK}: tanh or relu (nonlinearity)'
        yield f'# lengths = "lengths"  # {MARK}: if sequences are packed'
        return
    if part.kind == "conv":
        yield f"strides = 1  # {MARK}: the module's stride"
        yield f"pads = 0  # {MARK}: the module's padding; {part.kernel[0] // 2} keeps the size"
        groups = _groups(part, before)
        yield from [f"groups = {groups}"] if groups > 1 else []
    epsilon = (
        f", epsilon = 1e-5 }}  # {MARK}: the module's eps" if part.kind == "batch_norm" else " }"
    )
    yield f'weights = {{ from = "torch", {where}{epsilon}'
    yield from _activation(part, after)


def _recurrent_weights(part: Part) -> str:
    """Return the table of a recurrent layer's weights; those of a cell have no number."""
    if part.layer is not None:
        return f'{{ from = "torch", prefix = {_text(part.prefix)}, layer = {part.layer} }}'
    named = {name.rpartition(".")[2]: name for name in part.entries}
    keys = {"w": "weight_ih", "r": "weight_hh", "b": "bias_ih", "rb": "bias_hh"}
    arrays = [f"{key} = {_text(named[leaf])}" for key, leaf in keys.items() if leaf in named]
    biases = 2 if "bias_ih" in named else 1
    layout = f'layout = {{ order = "{ORDERS[part.kind]}", biases = {biases} }}'
    reset = ['reset = "after"'] if part.kind == "gru" else []
    return f'{{ from = "layout", {", ".join([layout, *arrays, *reset])} }}'


def _scale_and_bias(part: Part) -> Iterator[tuple[str, str]]:
    for key, leaf in (("scale", "weight"), ("bias", "bias")):
        yield key, next(name for name in part.entries if name.rpartition(".")[2] == leaf)


def _groups(part: Part, before: Part | None) -> int:
    if before is None or before.kind not in ("conv", "batch_norm"):
        return 1
    return before.gives // part.takes if before.gives % part.takes == 0 else 1


def _activation(part: Part, after: Part | None) -> Iterator[str]:
    """Yield the line of what may follow a layer; a normalisation takes it over.

    In a Sequential the numbers tell whether something without arrays stands between.
    """
    if after is None:
        yield f'# activation = "softmax"  # {MARK}: as the net ends; a loss may hold it'
    elif after.kind not in ("batch_norm", "layer_norm", "unknown") and not _adjacent(part, after):
        yield f'activation = "relu"  # {MARK}: {ACTIVATIONS}'


def _adjacent(part: Part, after: Part) -> bool:
    one, two = (re.fullmatch(r"(.*?)(\d+)", p.prefix) for p in (part, after))
    if one is None or two is None or one[1] != two[1] or (one[1] and one[1][-1] != "."):
        return False
    return int(two[2]) == int(one[2]) + 1


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
