"""Files with weights, read as data and never executed."""
