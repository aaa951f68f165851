"""The same nets by this project and by the exporters of PyTorch and Keras, side by side."""
