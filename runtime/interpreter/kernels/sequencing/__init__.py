"""Sequences (Python lists) and optional values (None where empty)."""
