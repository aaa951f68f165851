"""Build portable ONNX models from plain weight arrays."""
