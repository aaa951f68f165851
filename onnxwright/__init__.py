"""Portable ONNX models from plain weight arrays, proved and measured.

Three packages, one seam (the standard ``onnx.ModelProto``):

* :mod:`onnxwright.graphs` writes models from arrays;
* :mod:`onnxwright.runtime` runs models, on NumPy and on onnxruntime's providers;
* :mod:`onnxwright.bench` measures how accurate and how fast they are.
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
