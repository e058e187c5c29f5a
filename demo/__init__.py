"""The sample shop: a seeded generator with known tastes and price elasticities, and `make demo`."""
