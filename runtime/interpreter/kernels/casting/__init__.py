"""Operators that change the element type: casts and quantization."""
