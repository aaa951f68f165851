"""``python -m onnxwright``: the same as the ``onnxwright`` command."""

from .bench.cli.app import main

if __name__ == "__main__":
    main()
