"""Train, refresh and evaluate recommendations."""
