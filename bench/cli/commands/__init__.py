"""The commands of ``onnxwright``, one file each."""
