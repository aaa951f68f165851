"""Keras's activations by their names there, in the versions' own parameters."""

from collections.abc import Callable

from ..activations.emit import activate
from ..activations.notation import Activation, parse_activation
from ..builder.ops import Ops
from ..values import Value
from .fields import Fields
from .registry import Call
from .tensor import Tensor

SAME = {
    **{name: name for name in ("celu", "elu", "gelu", "mish", "relu", "relu6", "selu", "sigmoid")},
    **{name: name for name in ("silu", "softplus", "softsign", "tanh", "softmax", "log_softmax")},
    "exponential": "exp",
    "hard_silu": "hard_swish",
    "hard_swish": "hard_swish",
    "hard_tanh": "clip(min=-1, max=1)",
    "leaky_relu": "leaky_relu(alpha=0.2)",
    "linear": "identity",
    "swish": "silu",
}
"""Keras's name, and the activation here; the defaults are those of Keras 3."""

HARD_SIGMOID = {
    2: Activation("hard_sigmoid", {"alpha": 0.2, "beta": 0.5}),
    3: Activation("hard_sigmoid", {"alpha": 1 / 6, "beta": 0.5}),
}
"""Two functions under one name."""

OVER_AXIS = ("softmax", "log_softmax")
"""Functions of a whole dim, the last one in Keras."""


def named(fields: Fields, key: str, major: int, default: str = "linear") -> Activation | None:
    """Return the activation of a field; None where it is no name but a layer.

    Raises
    ------
    GraphError
        It is unknown.
    """
    value = fields.get(key, default)
    if isinstance(value, dict) and value.get("class_name") in ("function", "__lambda__"):
        fields.refuse_use(key)  # Keras writes its own functions as texts: this one is the user's
    if isinstance(value, dict):
        return None
    if value == "hard_sigmoid":
        return HARD_SIGMOID[major]
    known = SAME.get(value, "") if isinstance(value, str) else ""
    if not known and value not in EQUATIONS:
        fields.refuse(key, value, f"one of {', '.join(sorted([*SAME, *EQUATIONS]))}")
    return parse_activation(known) if known else Activation(str(value))


def cell_activation(fields: Fields, key: str, major: int, default: str) -> str:
    """Return an activation inside a recurrent layer, in the notation of `Network`."""
    found = named(fields, key, major, default)
    if found is None:
        fields.refuse(key, fields.get(key), "the name of an activation")
    inner = ", ".join(f"{name}={value!r}" for name, value in found.parameters.items())
    return f"{found.name}({inner})" if inner else found.name


def apply(call: Call, tensor: Tensor, key: str = "activation") -> Tensor:
    """Return the activation that the field `key` names of a tensor."""
    found = named(call.fields, key, call.major)
    if found is None:
        config = call.fields.get(key)
        (given,) = call.inner(config, call.layer, call.vault, (tensor,))
        return given.masked(tensor.mask)
    return apply_activation(call, tensor, found)


def apply_activation(call: Call, tensor: Tensor, f: Activation) -> Tensor:
    """Return ``f`` of a tensor, in the form that is there unless ``f`` looks at the last dim."""
    if f.name in OVER_AXIS:
        return Tensor(activate(call.net, tensor.keras(call.ops), f, call.layer), mask=tensor.mask)
    if f.name in EQUATIONS:
        return tensor.map(lambda x: EQUATIONS[f.name](call.ops, x))
    return tensor.map(lambda x: activate(call.net, x, f, call.layer))


def _log_sigmoid(ops: Ops, x: Value) -> Value:
    """Return log(sigmoid(x)) = -softplus(-x)."""
    return ops.unary("Neg", ops.unary("Softplus", ops.unary("Neg", x)))


def _hard_shrink(ops: Ops, x: Value) -> Value:
    """Return x where |x| > 0.5, else 0."""
    return ops.unary("Shrink", x, lambd=0.5, bias=0.0)


def _soft_shrink(ops: Ops, x: Value) -> Value:
    """Return x moved by 0.5 towards 0, and 0 nearer than that."""
    return ops.unary("Shrink", x, lambd=0.5, bias=0.5)


def _tanh_shrink(ops: Ops, x: Value) -> Value:
    """Return x - tanh(x)."""
    return ops.sub(x, ops.unary("Tanh", x))


def _squareplus(ops: Ops, x: Value) -> Value:
    """Return (x + sqrt(x^2 + 4)) / 2."""
    root = ops.unary("Sqrt", ops.add(ops.mul(x, x), 4.0))
    return ops.mul(ops.add(x, root), 0.5)


def _sparse_sigmoid(ops: Ops, x: Value) -> Value:
    """Return (x + 1) / 2, held between 0 and 1."""
    return ops.unary("HardSigmoid", x, alpha=0.5, beta=0.5)


def _sparse_plus(ops: Ops, x: Value) -> Value:
    """Return 0 below -1, (x + 1)^2 / 4 up to 1, and x above."""
    risen = ops.add(ops.clip(x, -1.0, 1.0), 1.0)
    return ops.add(ops.mul(ops.mul(risen, risen), 0.25), ops.unary("Relu", ops.add(x, -1.0)))


EQUATIONS: dict[str, Callable[[Ops, Value], Value]] = {
    "hard_shrink": _hard_shrink,
    "log_sigmoid": _log_sigmoid,
    "soft_shrink": _soft_shrink,
    "sparse_plus": _sparse_plus,
    "sparse_sigmoid": _sparse_sigmoid,
    "squareplus": _squareplus,
    "tanh_shrink": _tanh_shrink,
}
"""Activations that have no name of their own here."""


def leaky(alpha: float) -> Activation:
    """Return max(x, 0) + alpha min(x, 0)."""
    return Activation("leaky_relu", {"alpha": alpha}) if alpha else Activation("relu")
