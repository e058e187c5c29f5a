"""Which queries may be shown to others."""

import re

from search.algorithms.folding import fold_text
from search.algorithms.query import parse_query

MIN_LENGTH, MAX_LENGTH, MAX_WORDS = 2, 60, 8
# Long numbers: of phones, orders, cards. Model numbers are shorter, or hold letters.
_LONG_NUMBER = re.compile(r"\d(?:[\s./()-]*\d){6,}")
_ADDRESS = re.compile(r"@|://|\bwww\.", re.IGNORECASE)


def is_suggestable(query: str) -> bool:
    """Whether `query` reads like one for goods, not for a person, a number or an address.

    One that only leaves out looks for nothing.
    A net with holes, not proof: what keeps persons out is that several shoppers must have
    succeeded with the same query.
    """
    folded = fold_text(query)
    return (
        MIN_LENGTH <= len(folded) <= MAX_LENGTH
        and len(folded.split()) <= MAX_WORDS
        and bool(parse_query(query).words)
        and not _LONG_NUMBER.search(query)
        and not _ADDRESS.search(query)
    )
