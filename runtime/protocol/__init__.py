"""The Open Inference Protocol v2: what its clients and its servers share."""
