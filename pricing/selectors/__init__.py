"""Read prices, and what they are decided from."""
