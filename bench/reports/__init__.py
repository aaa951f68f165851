"""The formats of results: one file each, all from the same document."""
