"""Wire shapes of recommendations."""
