"""The report: its vendored scripts and the pictures of it in the documentation."""
