"""Queries as typed, made fit to be matched, embedded, cached and stored."""

import unicodedata

MAX_QUERY_LENGTH = 512
# What is kept of a longer input before it is normalised: NFKC grows one character to at most 18.
_MAX_READ = 4 * MAX_QUERY_LENGTH
# Control, unassigned, private and surrogate characters: none of them is ever searched for.
# Format characters (Cf) stay, since emoji are joined by one.
_BLANKED = {"Cc", "Cn", "Co", "Cs"}


def normalise_query(query: str) -> str:
    """`query` in NFKC, single-spaced, free of control characters, at most 512 characters.

    Cut at a word's end where there is one in the second half. Empty where nothing is left.
    Case is kept: tokenisers and dictionaries fold it in their own ways.
    """
    text = unicodedata.normalize("NFKC", query[:_MAX_READ])
    blanked = "".join(" " if unicodedata.category(char) in _BLANKED else char for char in text)
    words = " ".join(blanked.split())
    if len(words) <= MAX_QUERY_LENGTH:
        return words
    kept = words[:MAX_QUERY_LENGTH]
    end = kept.rfind(" ")
    return (kept[:end] if end > MAX_QUERY_LENGTH // 2 else kept).rstrip()
