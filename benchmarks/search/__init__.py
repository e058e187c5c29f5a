"""How fast search is, and how near its legs come to what they approximate."""
