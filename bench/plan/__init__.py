"""What a run measures: settings, the cases they give, and the files these need."""
