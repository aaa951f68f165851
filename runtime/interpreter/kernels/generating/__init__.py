"""Operators that make a tensor out of a shape or of attributes."""
