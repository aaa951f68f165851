"""The report: its vendored scripts, a browser to open it in, the documentation's pictures."""
