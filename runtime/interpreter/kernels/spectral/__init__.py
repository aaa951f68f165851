"""Kernels of Fourier transforms, and of what stands around them in sound models."""
