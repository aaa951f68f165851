"""What pytest must know before it collects: which modules cannot be imported here."""

from importlib.util import find_spec

collect_ignore = (
    []
    if find_spec("torch")
    else [f"onnxwright/bench/digits/{name}.py" for name in ("architectures", "train")]
)
"""Doctests import every module; these need the extra ``train``."""
