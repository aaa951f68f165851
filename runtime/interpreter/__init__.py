"""The NumPy interpreter: a model compiled once to a flat plan of kernel calls."""
