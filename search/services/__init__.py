"""Write the search index and the log of queries."""
