"""Training the nets that ship."""
