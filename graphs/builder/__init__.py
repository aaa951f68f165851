"""From layers to a model: nodes, arrays, one ModelProto filled in place, its file."""
