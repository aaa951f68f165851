"""The layers of a network, one file per family, each a mix-in of methods."""
