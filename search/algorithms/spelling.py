"""Words that a misspelt one may stand for, out of those that a catalogue uses.

Distances are Damerau's and Levenshtein's (one letter wrong, missing, too many, or two swapped), by
rapidfuzz; a word must be four letters long to be corrected by one edit, and eight for two.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA

MIN_LETTERS = 4
TWO_EDITS_FROM = 8
# A word that so few products have is taken for a slip where a near one is so much more frequent.
RARE = 2
FAR_MORE = 25

_WORD = re.compile(rf"(?<![\w'\u2019-])[^\W\d_]{{{MIN_LETTERS},40}}(?![\w'\u2019-])")


@dataclass(frozen=True, slots=True)
class Spelling:
    """What a query may have meant; empty where nothing is to be said.

    `corrected` is what was searched for instead; `did_you_mean` is only offered.
    """

    did_you_mean: str = ""
    corrected: str = ""


class Vocabulary:
    """The words of a catalogue, lower case, each with the number of products that have it."""

    def __init__(self, words: Mapping[str, int]) -> None:
        """Memory: about 200 bytes a word."""
        self._products = dict(words)
        self._by_length: dict[int, list[str]] = {}
        for word in self._products:
            self._by_length.setdefault(len(word), []).append(word)

    def __len__(self) -> int:
        return len(self._products)

    def nearest(self, word: str, *, edits: int | None = None) -> str | None:
        """The likeliest word within the allowed edits: fewest edits, same first letter, frequent.

        None where there is none, or where `word` is in the vocabulary itself and nothing is nearer.
        """
        allowed = edits if edits is not None else 2 if len(word) >= TWO_EDITS_FROM else 1
        near = [pair for pair in self._within(word, allowed) if pair[0] != word]
        if not near:
            return None
        return min(near, key=lambda pair: (pair[1], pair[0][0] != word[0], -self.count(pair[0])))[0]

    def _within(self, word: str, edits: int) -> Iterator[tuple[str, int]]:
        for length in range(max(len(word) - edits, 3), len(word) + edits + 1):
            choices: Sequence[str] = self._by_length.get(length, ())
            found: Any = process.extract(
                word, choices, scorer=OSA.distance, score_cutoff=edits, limit=None
            )
            for text, distance, _ in found:
                yield text, int(distance)

    def split(self, word: str) -> str | None:
        """Two words that were typed as one, such as `phone case`; None where there are none.

        They may share the letter where they meet: `hardisk` is hard disk.
        """
        pairs = [
            (word[:end], word[start:])
            for start in range(3, len(word) - 2)
            for end in (start, start + 1)
            if word[:end] in self._products and word[start:] in self._products
        ]
        if not pairs:
            return None
        return " ".join(max(pairs, key=lambda pair: min(map(self.count, pair))))

    def count(self, word: str) -> int:
        """How many products have `word`."""
        return self._products.get(word, 0)


def words_to_check(words: str, phrases: Sequence[str] = ()) -> list[str]:
    """The words of a query that may be misspelt: letters alone, and not asked for in quotes."""
    quoted = {word for phrase in phrases for word in phrase.lower().split()}
    found = dict.fromkeys(match.group().lower() for match in _WORD.finditer(words))
    return [word for word in found if word not in quoted]


def replace_words(words: str, replacements: Mapping[str, str]) -> str:
    """`words` with each misspelt one replaced."""
    return _WORD.sub(lambda match: replacements.get(match.group().lower(), match.group()), words)
