"""Recurrent cells as other frameworks define them, in PyTorch's arithmetic, step by step.

They take the arrays as those frameworks store them and know nothing of ONNX or of this package.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

Function = Callable[[Tensor], Tensor]


def hard_sigmoid(x: Tensor) -> Tensor:
    """Return ``clip(0.2 x + 0.5, 0, 1)``, Keras 2's."""
    return (0.2 * x + 0.5).clamp(0, 1)


def keras_gru(
    x: Tensor,
    arrays: list[Tensor],
    f: Function = torch.sigmoid,
    g: Function = torch.tanh,
) -> Tensor:
    """Return the states ``[batch, time, H]`` of Keras 2's GRU, which resets before the product.

    ``arrays`` are W ``[I, 3H]``, R ``[H, 3H]``, b ``[3H]`` with the gates z, r, h:
    ``h' = z h + (1 - z) g(W_h x + R_h (r h) + b_h)``.
    """
    W, R, b = arrays
    H = R.shape[0]
    h, states = x.new_zeros(x.shape[0], H), []
    for step in (x @ W + b).unbind(1):
        gates = f(step[:, : 2 * H] + h @ R[:, : 2 * H])
        z, r = gates[:, :H], gates[:, H:]
        h = z * h + (1 - z) * g(step[:, 2 * H :] + (r * h) @ R[:, 2 * H :])
        states.append(h)
    return torch.stack(states, 1)


def lstm(products: Tensor, R: Tensor, order: str, forget_bias: float = 0) -> Tensor:
    """Return the states of an LSTM whose gates stand in this `order` of i, f, o and g.

    `products` ``[batch, time, 4H]`` are the inputs through W and b, R is ``[H, 4H]``.
    """
    H = R.shape[0]
    h = c = products.new_zeros(products.shape[0], H)
    states = []
    for step in products.unbind(1):
        gate = dict(zip(order, (step + h @ R).split(H, 1), strict=True))
        c = torch.sigmoid(gate["f"] + forget_bias) * c
        c = c + torch.sigmoid(gate["i"]) * torch.tanh(gate["g"])
        h = torch.sigmoid(gate["o"]) * torch.tanh(c)
        states.append(h)
    return torch.stack(states, 1)


def keras_lstm(x: Tensor, arrays: list[Tensor]) -> Tensor:
    """Return the states of Keras' LSTM: W ``[I, 4H]``, R ``[H, 4H]``, gates i, f, g, o."""
    W, R, b = arrays
    return lstm(x @ W + b, R, "ifgo")


def dynet_bilstm(x: Tensor, ways: list[list[Tensor]]) -> Tensor:
    """Return both directions of DyNet's LSTM: ``[4H, I]``, gates i, f, o, g, 1 added to f."""
    (W, R, b), (back_W, back_R, back_b) = ways
    forth = lstm(x @ W.T + b, R.T, "ifog", forget_bias=1)
    back = lstm(x.flip(1) @ back_W.T + back_b, back_R.T, "ifog", forget_bias=1).flip(1)
    return torch.cat([forth, back], 2)


def take(arrays: dict[str, Any], prefix: str, roles: tuple[str, ...]) -> list[Any]:
    """Return the arrays named ``<prefix><role>``."""
    return [arrays[prefix + role] for role in roles]
