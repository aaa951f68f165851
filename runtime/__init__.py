"""Run ONNX models on NumPy and on onnxruntime's execution providers."""
