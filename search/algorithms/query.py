"""A query as a shopper means it: words, phrases in quotes, words to leave out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

# Quotes as keyboards and word processors make them; an opened one that is never closed is text.
# A mark right after a digit is an inch mark, unless it closes a phrase.
_PHRASE = re.compile(r'(?:^|(?<=[\s-]))["“„«](?P<phrase>[^"“”„«»]*[^"“”„«»\s])["”“»](?=\s|$)')
_EXCLUDED = re.compile(r"(?:^|(?<=\s))[-\u2212](?P<word>[^\W_][^\s\"]*)")
_MARK = "\0"
_PLAIN = re.compile(r"\w+")
_MODEL = re.compile(r"([^\W\d_]{2,})(\d\w*)")
_LONGEST_MODEL = 16


@dataclass(frozen=True, slots=True)
class Expansion:
    """Further words that count for the query's own, at `weight` (1: as if they had been typed)."""

    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """What is looked for.

    `words` are the words to find, those of phrases included, without operators: they are embedded
    too. Each of `phrases` must occur as it stands, none of `excluded` may. `expansions` widen the
    search by words: synonyms enter here.
    """

    words: str
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    expansions: tuple[Expansion, ...] = ()

    @property
    def demands(self) -> bool:
        """Whether a product must hold, or lack, certain words."""
        return bool(self.phrases or self.excluded)


def parse_query(query: str) -> ParsedQuery:
    """The parts of a normalised query.

    `"…"` is a phrase, `-word` and `-"a phrase"` are left out. A hyphen inside a word, an inch mark
    (`65"`) and a quote without its fellow are text. A query of nothing but exclusions finds
    nothing by itself: it is read as words.
    """
    phrases: list[str] = []
    excluded: list[str] = []

    def lift(match: re.Match[str]) -> str:
        phrase = match["phrase"].strip()
        before = match.string[: match.start()]
        if before.endswith("-") and (len(before) == 1 or before[-2].isspace()):
            excluded.append(phrase)
            return _MARK
        phrases.append(phrase)
        return f" {phrase} "

    def drop(match: re.Match[str]) -> str:
        excluded.append(match["word"])
        return " "

    rest = _PHRASE.sub(lift, query).replace(f"-{_MARK}", " ")
    # Words to leave out stand outside phrases; what a phrase holds was put back as text above.
    words = " ".join(_EXCLUDED.sub(drop, rest).split())
    if not words and excluded:
        words, excluded = " ".join(excluded), []
    return ParsedQuery(words, tuple(phrases), tuple(excluded), tuple(_respell(words)))


def _respell(words: str) -> Iterator[Expansion]:
    """Model names written together or apart: `ps 4` is also ps4, `iphone6s` also iphone 6s.

    A spelling that no product has costs nothing.
    """
    listed = [word for word in words.split() if _PLAIN.fullmatch(word)]
    for first, second in pairwise(listed):
        short = min(len(first), len(second)) <= 2 or any(c.isdigit() for c in first + second)
        if short and len(first) + len(second) <= _LONGEST_MODEL:
            yield Expansion(first + second, 1.0)
    for word in listed:
        if model := _MODEL.fullmatch(word):
            yield Expansion(f"{model[1]} {model[2]}", 1.0)
