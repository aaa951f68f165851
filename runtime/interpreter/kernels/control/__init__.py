"""Operators with subgraphs: If, Loop, Scan."""
