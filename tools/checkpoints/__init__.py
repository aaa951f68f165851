"""Scripts that make the saved models that the tests read; each needs its framework."""
