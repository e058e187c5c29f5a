"""Domain signal → one task."""
