"""Operators that fold axes away, or run along them."""
