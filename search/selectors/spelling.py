"""What a query may have meant, by the words that this catalogue uses."""

from collections.abc import Iterable, Mapping
from threading import Lock

from cachetools import LRUCache, cached

from search.algorithms.encoder import Encoder
from search.algorithms.query import ParsedQuery
from search.algorithms.spelling import (
    FAR_MORE,
    RARE,
    Spelling,
    Vocabulary,
    replace_words,
)
from search.models import Word
from search.selectors.state import read_live_index

# The most words that a process holds, most frequent first: about 20 MB.
MAX_WORDS = 100_000


def read_vocabulary() -> Vocabulary:
    """The catalogue's words; read again only after they were gathered anew."""
    return _load(read_live_index().vocabulary)


def forget_vocabulary() -> None:
    """Read it afresh next time."""
    _load.cache_clear()


@cached(LRUCache(maxsize=1), lock=Lock(), info=False)
def _load(version: int) -> Vocabulary:  # noqa: ARG001 - the key
    words = Word.objects.order_by("-products").values_list("text", "products")
    return Vocabulary(dict(words[:MAX_WORDS]))


def check_spelling(
    query: ParsedQuery, known: Mapping[str, int], encoder: Encoder | None
) -> Spelling:
    """What `query` may have meant.

    `known` holds how many products have each of its words, -1 for what is not looked up. A word
    that none has, and that the model does not know for a word either, is replaced, for by itself it
    would find nothing. One that few have is only questioned.
    """
    unknown = strange_words([word for word, count in known.items() if count == 0], encoder)
    rare = [word for word, count in known.items() if 0 < count <= RARE]
    if not unknown and not rare:
        return Spelling()
    vocabulary = read_vocabulary()
    found = ((word, vocabulary.nearest(word) or vocabulary.split(word)) for word in unknown)
    replaced = {word: other for word, other in found if other}
    if replaced:
        return Spelling(corrected=replace_words(query.words, replaced))
    offered = {word: other for word in rare if (other := _far_more_frequent(word, vocabulary))}
    return Spelling(did_you_mean=replace_words(query.words, offered) if offered else "")


def strange_words(words: Iterable[str], encoder: Encoder | None) -> list[str]:
    """Those of `words` that the model does not know for a word."""
    return [word for word in words if encoder is None or not encoder.knows_word(word)]


def _far_more_frequent(word: str, vocabulary: Vocabulary) -> str | None:
    other = vocabulary.nearest(word, edits=1)
    if other and vocabulary.count(other) >= FAR_MORE * max(vocabulary.count(word), 1):
        return other
    return None
