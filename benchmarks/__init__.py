"""Benchmarks: what measures, never a timed test."""
