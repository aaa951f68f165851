"""A dim of a model's value as exporters write it: fixed, named or unknown."""

from onnx import TensorShapeProto

UNNAMED = ("", "?", "-1")
"""Names that exporters give to dims of which nothing is known: each is a dim of its own."""


def read_dim(dim: TensorShapeProto.Dimension) -> int | str | None:
    """Return the size of a fixed dim, the name of a named one, None for an unknown one.

    A negative size is an unknown dim: exporters of other frameworks write -1.

    >>> [read_dim(TensorShapeProto.Dimension(**kind)) for kind in (
    ...     {"dim_value": 3}, {"dim_param": "batch"}, {"dim_value": -1}, {"dim_param": "?"}, {})]
    [3, 'batch', None, None, None]
    """
    if dim.HasField("dim_value"):
        return dim.dim_value if dim.dim_value >= 0 else None
    return None if dim.dim_param in UNNAMED else dim.dim_param


def fixed_dim(dim: TensorShapeProto.Dimension) -> int | None:
    """Return the size of a fixed dim, None for any other.

    >>> fixed_dim(TensorShapeProto.Dimension(dim_value=0))
    0
    """
    found = read_dim(dim)
    return found if isinstance(found, int) else None
