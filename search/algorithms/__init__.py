"""Ranking, measuring and encoding on plain arrays: no database, no framework, no clock."""
