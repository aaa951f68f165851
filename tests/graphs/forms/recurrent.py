"""A recurrent layer as data, for the builder and for the oracle."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from onnxwright.graphs import DenseWeights, GRUWeights, LSTMWeights, Network, RNNWeights

from .. import oracle
from .form import Array, Feeds, Values

Activation = tuple[str, dict[str, float]]
Weights = RNNWeights | LSTMWeights | GRUWeights


@dataclass(frozen=True)
class RecurrentForm:
    """One recurrent layer over ``x [batch, time, features]``."""

    name: str
    weights: Weights
    activations: tuple[Activation, ...] = ()
    direction: str | None = None
    clip: float | None = None
    coupled: bool = False
    merge: Any = "concat"
    lengths: bool = False
    initial: bool = False
    operator: bool = True
    """Whether ONNX has an operator for the layer."""

    @property
    def state_names(self) -> tuple[str, ...]:
        """The inputs that hold initial states for this layer, by kind and width."""
        sizes = [self.weights.output_size]
        if isinstance(self.weights, LSTMWeights):
            sizes.append(self.weights.hidden_size)
        directions = self.weights.directions
        return tuple(f"{kind}{directions * n}" for kind, n in zip("hc", sizes, strict=False))

    def lowerings(self, time_is_fixed: bool) -> tuple[str, ...]:
        """Return the forms in the graph that can express the layer."""
        return ("op",) * self.operator + ("scan",) + ("unrolled",) * time_is_fixed

    def add(self, net: Network, inputs: Values, lowering: str, **more: Any) -> Values:
        """Add the layer to the network; return its outputs by name."""
        options: dict[str, Any] = {"lowering": lowering, **more}
        if self.activations:
            options["activations"] = tuple(map(written, self.activations))
        if self.direction:
            options["direction"] = self.direction
        if self.clip:
            options["clip"] = self.clip
        if self.coupled:
            options["coupled"] = True
        if self.merge != "concat":
            options["merge"] = self.merge
        if self.lengths:
            options["lengths"] = inputs["lengths"]
        if self.initial:
            states = tuple(inputs[name] for name in self.state_names)
            options["initial_state"] = states if len(states) > 1 else states[0]
        kind = type(self.weights).__name__.removesuffix("Weights").lower()
        h = getattr(net, kind)(inputs["x"], self.weights, **options)
        return {
            "sequence": h.sequence,
            "last": h.last,
            **{f"state_{i}": part for i, part in enumerate(h.state)},
        }

    def expected(self, feeds: Feeds) -> Feeds:
        """Return what the outputs must be."""
        directions = self.weights.directions
        results = []
        for d in range(directions):
            initial = [
                feeds[name].reshape(len(feeds["x"]), directions, -1)[:, d] * self.initial
                for name in self.state_names
            ]
            results.append(
                oracle.run(
                    step_of(self, d),
                    feeds["x"],
                    initial,
                    lengths=feeds["lengths"] if self.lengths else None,
                    backward=d == 1 or self.direction == "reverse",
                )
            )
        result = results[0]
        if directions == 2:
            merge = self.merge
            if isinstance(merge, DenseWeights):
                merge = (merge.w, merge.b)
            result = oracle.both(results[0], results[1], merge)
        states = {f"state_{i}": part for i, part in enumerate(result.state)}
        return {"sequence": result.sequence, "last": result.last, **states}


def written(activation: Activation) -> str:
    """Write an activation in the builder's notation."""
    name, parameters = activation
    inner = ", ".join(f"{key}={value}" for key, value in parameters.items())
    return f"{name}({inner})" if inner else name


def step_of(form: RecurrentForm, d: int) -> oracle.Step:
    """Return the oracle's cell of direction `d`."""
    weights = form.weights
    b: Array | None = None if weights.b is None else weights.b[d]
    arrays = (weights.w[d], weights.r[d], b)
    functions = [oracle.function(name, **given) for name, given in form.activations]
    options: Mapping[str, Any] = {"functions": functions} if functions else {}
    if isinstance(weights, LSTMWeights):
        return oracle.lstm(
            *arrays,
            p=None if weights.p is None else weights.p[d],
            lecture=weights.peephole == "lecture",
            coupled=form.coupled,
            projection=None if weights.projection is None else weights.projection[d],
            clip=form.clip,
            **options,
        )
    if isinstance(weights, GRUWeights):
        after = weights.reset == "after"
        return oracle.gru(*arrays, reset_after=after, clip=form.clip, **options)
    f = functions[0] if functions else oracle.FUNCTIONS["tanh"]
    return oracle.rnn(*arrays, f=f, clip=form.clip)
