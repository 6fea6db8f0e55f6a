"""Collections in the hands of other people's replay tools."""
