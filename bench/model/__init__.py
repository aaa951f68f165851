"""What stands in a model: operators, shapes, operations and bytes; and inputs that suit it."""
