"""The sample shop as arrays and texts, from one seed: no framework, no clock."""
