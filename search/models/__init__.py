"""What search reads and records."""

from search.models.index import (
    DIMENSIONS,
    IndexState,
    ProductDocument,
    ProductEmbedding,
    SearchQuery,
)

__all__ = ["DIMENSIONS", "IndexState", "ProductDocument", "ProductEmbedding", "SearchQuery"]
