"""Measuring: worker processes, their machine and its conditions, load, peaks, clusters."""
