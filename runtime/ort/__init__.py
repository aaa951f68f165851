"""onnxruntime's execution providers as runners; onnxruntime itself is imported when used."""
