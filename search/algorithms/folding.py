"""Texts as they are compared: without case, accents and punctuation."""

import re
import unicodedata

_GAPS = re.compile(r"[\W_]+")


def fold_text(text: str) -> str:
    """`text` in lower case, accents dropped, words parted by single spaces.

    Letters and digits of every script stay; so `USB-C Käbel` and `usb c kabel` are one.
    """
    folded = unicodedata.normalize("NFKD", text).casefold()
    decomposed = unicodedata.normalize("NFKD", folded)
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _GAPS.sub(" ", unicodedata.normalize("NFC", bare)).strip()


def contains_phrase(text: str, phrase: str) -> bool:
    """Whether the words of `phrase` follow each other in `text`; both are folded."""
    return f" {phrase} " in f" {text} "


def fold_prefix(text: str) -> str:
    """The folded `text`, with one space at its end where its last word is finished.

    So `red ` does not complete to `reduced`, and `red` does.
    """
    folded = fold_text(text)
    finished = bool(folded) and text[-1:].isspace()
    return f"{folded} " if finished else folded


def word_starts(text: str, most: int = 8, length: int = 60) -> list[str]:
    """What a folded `text` reads like from each of its first `most` words on, cut to `length`."""
    words = text.split()
    starts = (" ".join(words[first:])[:length] for first in range(min(len(words), most)))
    return list(dict.fromkeys(starts))
