"""How fast events are taken in, and what their indexes are for."""
