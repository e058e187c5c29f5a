"""Benchmarks of recommendations: training, warm starts and fold-in."""
