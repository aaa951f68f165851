"""Results: what was measured, one row a case, kept on disk and compared."""
