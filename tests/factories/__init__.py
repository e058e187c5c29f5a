"""Rows for tests, made through the models with sensible defaults."""
