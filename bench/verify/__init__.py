"""Whether a model computes the right numbers: errors, the first wrong node, chunks."""
