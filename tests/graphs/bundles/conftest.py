"""What pytest is not to look into: a program that only Triton's own Python can import."""

collect_ignore = ["stand_in.py"]
