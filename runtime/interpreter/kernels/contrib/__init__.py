"""Operators of onnxruntime's own domain, ``com.microsoft``, that its quantization tools write."""
