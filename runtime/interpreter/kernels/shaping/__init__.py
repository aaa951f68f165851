"""Operators that move elements and compute none: shapes, joins, slices."""
