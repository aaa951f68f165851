"""What the project is made and measured with; nothing of it ships."""
