"""The NumPy kernels, one file per family; importing this package registers them all."""
