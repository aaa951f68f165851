"""The lines of a drafted network file for one layer, with marks for what arrays cannot tell."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..checkpoints.parts import RECURRENT, Part
from .behind import FOLLOWING, activated, adjacent, is_activated, is_separable
from .marks import MARK

ORDERS = {"rnn": "h", "gru": "r z n", "lstm": "i f g o"}
"""PyTorch's order of the gates."""
ACTIVATIONS = "relu, tanh, sigmoid, gelu, ...; none: delete the line"
MODULES = "the module's; output_padding = [1, 1] where it has one"
EPSILON = {"torch": "1e-5", "keras": "1e-3"}
"""Each framework's default; Keras's is that of both normalisations."""
POOLING = f"""# {MARK}: pooling here, if the net has it:
# [[layer]]
# kind = "max_pool"
# kernel = 2
# strides = 2
"""
BAG = f"""# {MARK}: the mean over the words here, if it is an EmbeddingBag:
# [[layer]]
# kind = "op"
# op_type = "ReduceMean"
# attributes = {{ axes = [1], keepdims = 0 }}
"""
CHANNELS_FIRST = {1: [0, 2, 1], 2: [0, 3, 1, 2], 3: [0, 4, 1, 2, 3]}
CHANNELS_LAST = {1: [0, 2, 1], 2: [0, 2, 3, 1], 3: [0, 2, 3, 4, 1]}


@dataclass(frozen=True)
class Place:
    """A layer in the chain: what stands before and behind it."""

    part: Part
    name: str
    before: Part | None
    before_name: str
    after: Part | None
    spatial: int
    """Dims of the image (1 to 3) that comes in, channels first; 0 where features are last."""
    lengths: bool

    def lines(self) -> Iterator[str]:
        """Yield the layer's lines, those of what has to stand before it first."""
        yield from self._between()
        yield "[[layer]]"
        if self.part.kind == "unknown":
            yield f'kind = "{MARK}"  # {MARK}: what uses {", ".join(self.part.entries[:6])}?'
            yield f"name = {text(self.name)}"
            return
        kind = {"conv_transpose": "op", "prelu": "op"}.get(self.part.kind, self.part.kind)
        grouped = self.part.kind == "layer_norm" and self.spatial
        yield f'kind = "group_norm"  # {MARK}: or layer_norm' if grouped else f"kind = {text(kind)}"
        yield f"name = {text(self.name)}"
        before = self.before
        if before and before.kind in RECURRENT and self.part.kind not in (*RECURRENT, "conv"):
            last = text(f"{self.before_name}.last")
            which = f"# {MARK}: every step, or the last one: {last}"
            yield f"x = {text(self.before_name)}  {which}"
        yield from self._options()
        if is_activated(self.part, self.after):
            end = "identity" if self.after is None else "relu"
            yield f'\n[[layer]]\nkind = "activation"\nname = {text(activated(self.name))}'
            yield f'activation = "{end}"  # {MARK}: relu, tanh, sigmoid, ...; none: identity'

    def _between(self) -> Iterator[str]:
        """Yield what has to stand between two layers so that their dims fit."""
        part, before = self.part, self.before
        if self._slopes_of_channels():
            yield from _channel_slopes(self.name, part, self.spatial)
        takes_image = part.kind in ("conv", "conv_transpose")
        if takes_image and not self.spatial and (before or part.source == "keras"):
            yield from _transpose(
                CHANNELS_FIRST[len(part.kernel)], "convolutions take channels first"
            )
        if before is None:
            return
        if before.kind == "embedding" and part.kind == "dense" and part.takes == before.gives:
            yield BAG
        if self.spatial == 2 and part.kind in RECURRENT and part.source == "torch":
            yield POOLING
            yield from _columns(part.takes)
        elif self.spatial and part.kind in RECURRENT:
            yield from _transpose(
                CHANNELS_LAST[self.spatial], "recurrent layers take features last"
            )
        if not self.spatial or part.kind not in ("conv", "dense"):
            return
        if not adjacent(before, part) and not is_separable(before, part):
            yield POOLING
        if part.kind == "dense":
            if part.takes == before.gives:
                yield f'[[layer]]\nkind = "global_average_pool"  # {MARK}: or a global_max_pool'
            last = "channels_last = true\n" if part.source == "keras" else ""
            yield f'[[layer]]\nkind = "flatten"\n{last}'

    def _slopes_of_channels(self) -> bool:
        """Say whether slopes belong to channels, behind which an image has its other dims."""
        return self.part.kind == "prelu" and bool(self.spatial) and self.part.takes > 1

    def _options(self) -> Iterator[str]:
        part = self.part
        if part.kind == "embedding":
            prefix = f'{{ from = "torch", prefix = {text(part.prefix)} }}'
            yield f"table = {prefix if part.source == 'torch' else text(part.entries[0])}"
        elif part.kind == "layer_norm":
            yield from self._layer_norm()
        elif part.kind in ("conv_transpose", "prelu"):
            yield from self._operator()
        elif part.kind in RECURRENT:
            yield from self._recurrent()
        else:
            yield from self._convolution() if part.kind == "conv" else ()
            yield from self._weights()
            yield from self._activation()

    def _layer_norm(self) -> Iterator[str]:
        scale, bias = self.part.entries
        if scale.endswith("bias"):
            scale, bias = bias, scale
        if self.spatial:
            yield f"groups = 1  # {MARK}: the module's num_groups"
        yield f"scale = {text(scale)}"
        yield f"bias = {text(bias)}"
        same = "" if self.spatial else "; a GroupNorm has the same arrays"
        yield f"epsilon = {EPSILON[self.part.source]}  # {MARK}: the module's eps{same}"

    def _operator(self) -> Iterator[str]:
        part = self.part
        named = self.before is not None and is_activated(self.before, part)
        before_name = activated(self.before_name) if named else self.before_name
        inputs = [text(before_name), *map(text, part.entries)]
        if part.kind == "prelu":
            inputs[1:] = [text(f"{self.name}_slopes")] if self._slopes_of_channels() else inputs[1:]
            yield 'op_type = "PRelu"'
            yield f"inputs = [{', '.join(inputs)}]"
            return
        strides = list(part.kernel)
        yield 'op_type = "ConvTranspose"'
        yield f"inputs = [{', '.join(inputs)}]"
        pads = [0] * 2 * len(strides)
        yield f"attributes = {{ strides = {strides}, pads = {pads} }}  # {MARK}: {MODULES}"

    def _recurrent(self) -> Iterator[str]:
        yield f"weights = {_recurrent_weights(self.part)}"
        if self.part.kind == "rnn":
            yield f'activations = "tanh"  # {MARK}: tanh or relu (nonlinearity)'
        yield (
            'lengths = "lengths"'
            if self.lengths
            else (f'# lengths = "lengths"  # {MARK}: if sequences are packed')
        )

    def _convolution(self) -> Iterator[str]:
        part = self.part
        yield f"strides = 1  # {MARK}: the module's stride; dilations = ... if it has them"
        same = f"{part.kernel[0] // 2} keeps the size" if part.source == "torch" else 'or "same"'
        yield f"pads = 0  # {MARK}: the module's padding; {same}"
        groups = part.takes if part.depthwise else self._groups()
        if groups > 1:
            told = "" if part.depthwise else f"  # {MARK}: or another layer feeds it: x = ..."
            yield f"groups = {groups}{told}"

    def _groups(self) -> int:
        if self.before is None or not self.spatial:
            return 1
        part, given = self.part, self.before.gives
        groups = given // part.takes if part.takes and given % part.takes == 0 else 1
        return groups if groups and part.gives % groups == 0 else 1

    def _weights(self) -> Iterator[str]:
        part = self.part
        epsilon, mark = "", ""
        if part.kind == "batch_norm":
            epsilon, mark = f", epsilon = {EPSILON[part.source]}", f"  # {MARK}: the module's eps"
        if part.source == "keras":
            depthwise = ", depthwise = true" if part.depthwise else ""
            yield f"weights = {{ {_keras(part)}{depthwise}{epsilon} }}{mark}"
        else:
            yield f'weights = {{ from = "torch", prefix = {text(part.prefix)}{epsilon} }}{mark}'

    def _activation(self) -> Iterator[str]:
        """Yield the line of what may follow a layer; a normalisation takes it over.

        In a Sequential the numbers tell whether something without arrays stands between.
        """
        after = self.after
        if after is None:
            yield f'# activation = "softmax"  # {MARK}: as the net ends; a loss may hold it'
        elif is_separable(self.part, after) or after.kind in FOLLOWING:
            return
        elif not adjacent(self.part, after):
            yield f'activation = "relu"  # {MARK}: {ACTIVATIONS}'
        elif not self.part.prefix.isdecimal():
            which = "a ModuleList may have one, a Sequential has none"
            yield f'# activation = "relu"  # {MARK}: {which}'


def _transpose(perm: Sequence[int], why: str) -> Iterator[str]:
    yield f'[[layer]]\nkind = "transpose"  # {MARK}: {why}'
    yield f"perm = {list(perm)}\n"


def _channel_slopes(name: str, part: Part, spatial: int) -> Iterator[str]:
    """Yield what puts a slope for each channel in front of the image's other dims."""
    raw = text(f"{name}_array")
    yield f'[[layer]]\nkind = "constant"\nname = {raw}\narray = {text(part.entries[0])}\n'
    dims = " ".join(["1"] * spatial)
    yield f'[[layer]]\nkind = "reshape"\nname = {text(f"{name}_slopes")}'
    yield f'dims = "{part.takes} {dims}"\n'


def _columns(features: int) -> Iterator[str]:
    """Yield what makes steps of an image's columns, as a net over lines of text reads them."""
    which = "the last dim is time; [0, 2, 1, 3] where the other one is"
    yield f'[[layer]]\nkind = "transpose"\nperm = [0, 3, 1, 2]  # {MARK}: {which}\n'
    yield f'[[layer]]\nkind = "reshape"\ndims = "batch ? {features}"\n'


def _keras(part: Part) -> str:
    return f'from = "keras", arrays = [{", ".join(map(text, part.entries))}]'


def _recurrent_weights(part: Part) -> str:
    """Return the table of a recurrent layer's weights; those of a cell have no number."""
    if part.source == "keras":
        return f"{{ {_keras(part)} }}"
    if part.layer is not None:
        return f'{{ from = "torch", prefix = {text(part.prefix)}, layer = {part.layer} }}'
    named = {name.rpartition(".")[2]: name for name in part.entries}
    keys = {"w": "weight_ih", "r": "weight_hh", "b": "bias_ih", "rb": "bias_hh"}
    arrays = [f"{key} = {text(named[leaf])}" for key, leaf in keys.items() if leaf in named]
    biases = 2 if "bias_ih" in named else 1
    layout = f'layout = {{ order = "{ORDERS[part.kind]}", biases = {biases} }}'
    reset = ['reset = "after"'] if part.kind == "gru" else []
    return f'{{ from = "layout", {", ".join([layout, *arrays, *reset])} }}'


def text(value: str) -> str:
    """Return a text as TOML has it."""
    return json.dumps(value, ensure_ascii=False)
