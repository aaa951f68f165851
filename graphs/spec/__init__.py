"""The network as a file: TOML for the layers, ``.npz`` or ``.safetensors`` for the weights."""

from .network import read_network

__all__ = ["read_network"]
