"""What search reads and records, and what merchandisers decide."""

from search.models.index import (
    DIMENSIONS,
    Corpus,
    IndexState,
    Lexeme,
    ProductDocument,
    ProductEmbedding,
    SearchQuery,
    Word,
)
from search.models.judgments import Judgment
from search.models.merchandising import (
    MAX_PHRASES,
    PHRASE_LENGTH,
    BlockedSuggestion,
    MerchandisingRule,
    RuleAction,
    Synonym,
)
from search.models.suggestions import (
    TERM_LENGTH,
    QuerySuggestion,
    SuggestionKind,
    SuggestionPrefix,
    SuggestionTerm,
)

__all__ = [
    "DIMENSIONS",
    "MAX_PHRASES",
    "PHRASE_LENGTH",
    "TERM_LENGTH",
    "BlockedSuggestion",
    "Corpus",
    "IndexState",
    "Judgment",
    "Lexeme",
    "MerchandisingRule",
    "ProductDocument",
    "ProductEmbedding",
    "QuerySuggestion",
    "RuleAction",
    "SearchQuery",
    "SuggestionKind",
    "SuggestionPrefix",
    "SuggestionTerm",
    "Synonym",
    "Word",
]
