"""Read recommendations: the live run, ranked lists, pages of products."""
