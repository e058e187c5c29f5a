"""The wire shapes of prices, quotes, proposals, rules and controls."""
