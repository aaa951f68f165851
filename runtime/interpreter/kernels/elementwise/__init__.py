"""Operators that compute every element by itself: arithmetic, comparison, activations."""
