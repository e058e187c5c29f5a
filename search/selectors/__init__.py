"""Read the search index: candidates, ranked lists, pages of products."""
