"""Pricing as pure functions: guardrails, deciders, prior prices."""
