"""The forms a recurrent layer can take in a graph: a native operator, a Scan, unrolled steps."""
