"""Prices for everybody; decisions and controls for a shop's back end."""
