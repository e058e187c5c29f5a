"""A query as a shopper means it: words, phrases in quotes, words to leave out."""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

# Quotes as keyboards and word processors make them; an opened one that is never closed is text.
# A mark right after a digit is an inch mark, unless it closes a phrase.
_PHRASE = re.compile(r'(?:^|(?<=[\s-]))["“„«](?P<phrase>[^"“”„«»]*[^"“”„«»\s])["”“»](?=\s|$)')
_EXCLUDED = re.compile(r"(?:^|(?<=\s))[-\u2212](?P<word>[^\W_][^\s\"]*)")
_MARK = "\0"
_SAYING = re.compile(r"[^\W_]")
_HYPHEN = re.compile(r"(?<=[^\W_])-(?=[^\W_])")
_WORD = re.compile(r"[^\W_]+")
# What PostgreSQL's `english` leaves out of texts: without them a phrase that begins or ends with
# one is about the rest alone.
_STOP_WORDS = (
    "i me my myself we our ours ourselves you your yours yourself yourselves he him his himself"
    " she her hers herself it its itself they them their theirs themselves what which who whom"
    " this that these those am is are was were be been being have has had having do does did doing"
    " a an the and but if or because as until while of at by for with about against between into"
    " through during before after above below to from up down in out on off over under again"
    " further then once here there when where why how all any both each few more most other some"
    " such no nor not only own same so than too very s t can will just don should now"
)
STOP_WORDS = frozenset(_STOP_WORDS.split())
_PLAIN = re.compile(r"\w+")
_MODEL = re.compile(r"([^\W\d_]{2,})(\d\w*)")
_LONGEST_COMPOUND = 20
_NUMBER = re.compile(r"\d{1,2}|[^\W\d_]")
_LINE = re.compile(r"[^\W\d_]{2,}")
# What things are counted by, in the singular: read by Python and by PostgreSQL alike.
COUNTED = (
    "person|people|man|pack|pk|piece|pc|count|ct|pair|set|roll|sheet|slice|cup|bottle|serving|ply"
    "|drawer|shelf|tier|level|door|seat|seater|light|bulb|burner|speed|blade|port|outlet|way|pin"
    "|hook|ring|disc|pocket|player|hour|minute|day|week|month|year|foot|yard|quart|gallon|liter"
    "|litre|pint|ounce|pound|gram|volt|amp"
)
_COUNTED = re.compile(f"({COUNTED})s?")


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
    `excluded` may, in which hyphenated ones are spelt in each of their ways. Synonyms enter by the
    rest: `expansions` widen the search by words, `rewritings` are the query put otherwise, for the
    search by meaning, and `synonymous` are the words that have any, folded.
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


@lru_cache(maxsize=256)  # one request asks for it several times
def parse_query(query: str) -> ParsedQuery:
    """The parts of a normalised query.

    `"…"` is a phrase, `-word` and `-"a phrase"` are left out. A hyphen inside a word, an inch mark
    (`65"`) and a quote without its fellow are text. What has neither letter nor digit is no word: a
    lone hyphen, of one who goes on to type an exclusion, says nothing. A query of nothing but
    exclusions has no words.
    """
    phrases: list[str] = []
    excluded: list[str] = []

    def lift(match: re.Match[str]) -> str:
        phrase = match["phrase"].strip()
        before = match.string[: match.start()]
        if before.endswith("-") and (len(before) == 1 or before[-2].isspace()):
            excluded.extend(_spellings(phrase))
            return _MARK
        if _SAYING.search(phrase):
            phrases.append(phrase)
        return f" {phrase} "

    def drop(match: re.Match[str]) -> str:
        excluded.extend(_spellings(match["word"]))
        return " "

    rest = _PHRASE.sub(lift, query).replace(f"-{_MARK}", " ")
    # Words to leave out stand outside phrases; what a phrase holds was put back as text above.
    words = " ".join(filter(_SAYING.search, _EXCLUDED.sub(drop, rest).split()))
    return ParsedQuery(words, tuple(phrases), tuple(dict.fromkeys(excluded)))


def _spellings(text: str) -> list[str]:
    """`text`, and what it is without its hyphens: apart and together; none where it says nothing.

    Not apart where its first or last word is a stop word: `-in-ear` would leave out every ear.
    """
    words = _WORD.findall(text.lower())
    if not words or not _HYPHEN.search(text):
        return [text] if words else []
    apart = [] if STOP_WORDS.intersection((words[0], words[-1])) else [_HYPHEN.sub(" ", text)]
    return [text, *apart, _HYPHEN.sub("", text)]


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


@dataclass(frozen=True, slots=True)
class Numbered:
    """A small number or single letter, the word that it belongs to, and the two as one word."""

    number: str
    line: str
    model: str


def find_numbered(words: str) -> list[Numbered]:
    """The numbers that say nothing about a product by themselves.

    The 8 of `iphone 8 case` belongs to iphone, the word before it; the 4 of `tent 4 person` to
    person, since persons are counted.
    """
    found: dict[str, Numbered] = {}
    line, listed = "", words.lower().split()
    for word, after in pairwise([*listed, ""]):
        counted = _COUNTED.fullmatch(after) if word.isdigit() else None
        if not _NUMBER.fullmatch(word):
            line = word if _LINE.fullmatch(word) else ""
        elif counted:
            found[word] = Numbered(word, after, word + counted[1])
        elif line:
            found[word] = Numbered(word, line, line + word)
    return list(found.values())
