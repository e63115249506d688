"""Compute without effects: what was decided, once more, and what would have been."""
