"""The requests that warm a model up."""

from collections.abc import Iterator
from typing import Any

from .problem import Problem
from .triton_config import REFUSED


def warm_up_problems(config: Any, where: str) -> Iterator[Problem]:
    """Yield what keeps a request that warms up from running, and so the model from loading."""
    known = {tensor.name: tensor for tensor in config.input}
    for sample in config.model_warmup:
        label = f"model_warmup '{sample.name}'"
        if sample.batch_size > max(config.max_batch_size, 1):
            yield Problem(
                where,
                f"{label} has batch_size {sample.batch_size}",
                f"max_batch_size is {config.max_batch_size}: {REFUSED}",
                "take a smaller one",
            )
        for name in sorted(known.keys() - set(sample.inputs)):
            yield Problem(where, f"{label} lacks the input '{name}'", REFUSED, "give it")
        for name, given in sorted(sample.inputs.items()):
            if name not in known:
                yield Problem(where, f"{label}: no input '{name}' is listed", REFUSED, "remove it")
            elif not _fits(list(given.dims), list(known[name].dims)):
                yield Problem(
                    where,
                    f"{label}: '{name}' has the dims {list(given.dims)}",
                    REFUSED,
                    f"they must fit {list(known[name].dims)}, with a size for each -1",
                )


def _fits(given: list[int], listed: list[int]) -> bool:
    return len(given) == len(listed) and all(
        one > 0 and one in (one if dim == -1 else dim,)
        for one, dim in zip(given, listed, strict=True)
    )
