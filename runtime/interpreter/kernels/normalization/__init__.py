"""Operators that bring tensors to a mean, a deviation or a norm."""
