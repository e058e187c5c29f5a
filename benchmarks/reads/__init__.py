"""Reads of recommendations, measured beside a named peer."""
