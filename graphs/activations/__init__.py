"""Activations: their notation, and the operators that compute them."""
