"""Nets in the layouts and with the cells of other makers, trained for the tests.

``python -m tools.training.foreign.train`` writes them, with inputs and the outputs that PyTorch
gives for them, to ``tests/data/foreign/``.
"""
