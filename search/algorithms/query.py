"""A query as a shopper means it: words, phrases in quotes, words to leave out."""

import re
from dataclasses import dataclass
from itertools import pairwise

# Quotes as keyboards and word processors make them; an opened one that is never closed is text.
# A mark right after a digit is an inch mark, unless it closes a phrase.
_PHRASE = re.compile(r'(?:^|(?<=[\s-]))["“„«](?P<phrase>[^"“”„«»]*[^"“”„«»\s])["”“»](?=\s|$)')
_EXCLUDED = re.compile(r"(?:^|(?<=\s))[-\u2212](?P<word>[^\W_][^\s\"]*)")
_MARK = "\0"
_PLAIN = re.compile(r"\w+")
_MODEL = re.compile(r"([^\W\d_]{2,})(\d\w*)")
_LONGEST_COMPOUND = 20
_NUMBER = re.compile(r"\d{1,2}|[^\W\d_]")
_LINE = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class Expansion:
    """Further words that count for the query's own, at `weight` (1: as if they had been typed)."""

    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """What is looked for.

    `words` are the words to find, those of phrases included, without operators: they are embedded
    too. Without any, nothing is looked for. Each of `phrases` must occur as it stands, none of
    `excluded` may. Synonyms enter by the rest: `expansions` widen the search by words, `rewritings`
    are the query put otherwise, for the search by meaning, and `synonymous` are the words that have
    any, folded.
    """

    words: str
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    expansions: tuple[Expansion, ...] = ()
    rewritings: tuple[str, ...] = ()
    synonymous: frozenset[str] = frozenset()

    @property
    def demands(self) -> bool:
        """Whether a product must hold, or lack, certain words."""
        return bool(self.phrases or self.excluded)


def parse_query(query: str) -> ParsedQuery:
    """The parts of a normalised query.

    `"…"` is a phrase, `-word` and `-"a phrase"` are left out. A hyphen inside a word, an inch mark
    (`65"`) and a quote without its fellow are text. A query of nothing but exclusions has no words.
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
    return ParsedQuery(words, tuple(phrases), tuple(excluded))


def respell(words: str) -> list[str]:
    """What was typed apart written together, and model names the other way round.

    `ps 4` is also ps4, `head phone` headphone, and `iphone6s` iphone 6s. A spelling that no product
    has costs nothing.
    """
    listed = [word for word in words.split() if _PLAIN.fullmatch(word)]
    joined = [first + second for first, second in pairwise(listed)]
    models = (_MODEL.fullmatch(word) for word in listed)
    return [
        *(word for word in joined if len(word) <= _LONGEST_COMPOUND),
        *(f"{model[1]} {model[2]}" for model in models if model),
    ]


def find_numbered(words: str) -> dict[str, str]:
    """Small numbers and single letters, each with the word before that it tells apart.

    The 8 of `iphone 8` belongs to iphone: by itself it says nothing about a product.
    """
    found, line = {}, ""
    for word in words.lower().split():
        if _NUMBER.fullmatch(word):
            if line:
                found[word] = line
        else:
            line = word if _LINE.fullmatch(word) else ""
    return found
