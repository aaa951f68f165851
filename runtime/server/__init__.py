"""Serve models over the Open Inference Protocol v2, by HTTP and gRPC, from this machine."""
