"""Bundles held against the rules of their target, also those that were made by hand."""
