"""Weights as 8-bit integers, and what of a model was left as it was."""
