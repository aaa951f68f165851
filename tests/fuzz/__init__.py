"""Mutated models and feeds against the reading, loading and running of models on NumPy."""
