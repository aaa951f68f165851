"""Portable ONNX models from plain weight arrays, proved and measured.

Three packages, one seam (the standard ``onnx.ModelProto``):

* :mod:`onnxwright.graphs` writes models from arrays;
* :mod:`onnxwright.runtime` runs models, on NumPy and on onnxruntime's providers;
* :mod:`onnxwright.bench` measures how accurate and how fast they are.
"""

import os

__all__ = ["__version__"]

__version__ = "0.1.0"

# Git for Windows writes links as small files unless it is told otherwise; an installation needs
# no links. pathlib would be a twentieth of the time that --help takes.
if os.path.isfile(f"{__path__[0]}/graphs"):
    import importlib.util

    if not importlib.util.find_spec(f"{__name__}.graphs"):
        raise ImportError(
            "this checkout has no symbolic links, which onnxwright/graphs, runtime and bench are\n"
            "install it (pip install .), or clone again with: git clone -c core.symlinks=true"
        )
