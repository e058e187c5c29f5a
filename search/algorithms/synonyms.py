"""Synonyms: which phrases of a query stand for which others."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from search.algorithms.folding import fold_text

# Of one phrase at most so many others are looked for: each costs a look into the index.
MAX_ALTERNATIVES = 20
# So many ways to put a query are embedded beside its own: each costs a run of the model.
MAX_REWRITINGS = 3

Words = tuple[str, ...]
# From the folded words of a phrase to the folded words of those that it also finds.
SynonymIndex = Mapping[Words, tuple[Words, ...]]


@dataclass(frozen=True, slots=True)
class Expansion:
    """`alternatives`, as folded words, may stand where the words from `start` to before `stop`."""

    start: int
    stop: int
    alternatives: tuple[Words, ...]


def check_synonym(direction: str, phrase: str, terms: Sequence[str]) -> dict[str, str]:
    """What is wrong with a synonym, by field; empty where nothing is."""
    errors = {}
    folded = [fold_text(term) for term in terms]
    if not all(folded) or not folded:
        errors["terms"] = "Give phrases of at least one letter or digit."
    elif direction == "two_way" and len(set(folded)) < 2:
        errors["terms"] = "Give two phrases or more that differ."
    if direction == "two_way" and phrase:
        errors["phrase"] = "A two-way synonym has terms only."
    if direction == "one_way" and not fold_text(phrase):
        errors["phrase"] = "A one-way synonym needs the phrase that is typed."
    return errors


def index_synonyms(
    rows: Iterable[tuple[str, str, Sequence[str]]],
) -> dict[Words, tuple[Words, ...]]:
    """The index of (direction, phrase, terms); later rows add to what earlier ones say."""
    found: dict[Words, dict[Words, None]] = {}
    for direction, phrase, terms in rows:
        phrases = [split for term in terms if (split := _words(term))]
        sources = phrases if direction == "two_way" else [_words(phrase)]
        for source in sources:
            others = {other: None for other in phrases if other != source}
            if source and others:
                found.setdefault(source, {}).update(others)
    return {source: tuple(others)[:MAX_ALTERNATIVES] for source, others in found.items()}


def expand_words(words: Sequence[str], index: SynonymIndex) -> list[Expansion]:
    """Where phrases of a query have synonyms, from left to right, none overlapping.

    `words` are folded. At each word the longest phrase that is known wins. Synonyms of synonyms
    are not followed, so a chain of them can't lead a query away from what was typed.
    """
    longest = max(map(len, index), default=0)
    found, start = [], 0
    while start < len(words):
        step = 1
        for length in range(min(longest, len(words) - start), 0, -1):
            alternatives = index.get(tuple(words[start : start + length]))
            if alternatives:
                found.append(Expansion(start, start + length, alternatives))
                step = length
                break
        start += step
    return found


def rewrite_words(words: Sequence[str], expansions: Sequence[Expansion]) -> list[str]:
    """The query with its phrases replaced by what stands for them, at most three ways.

    The first of them has the first alternative of each phrase, and so on.
    """
    most = max((len(expansion.alternatives) for expansion in expansions), default=0)
    return [_rewrite(words, expansions, number) for number in range(min(most, MAX_REWRITINGS))]


def _rewrite(words: Sequence[str], expansions: Sequence[Expansion], number: int) -> str:
    rewritten = list(words)
    for expansion in reversed(expansions):
        others = expansion.alternatives
        rewritten[expansion.start : expansion.stop] = others[number % len(others)]
    return " ".join(rewritten)


def _words(phrase: str) -> Words:
    return tuple(fold_text(phrase).split())
