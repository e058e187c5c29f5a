"""What pricing costs, and what it is worth."""
