"""Measure how accurate and how fast models are; the command line."""
