"""Where a page begins, in a list that the cursor itself holds: no cache, no drift."""

import base64
import binascii
import hashlib
from dataclasses import dataclass

import orjson
from django.core import signing

from search.algorithms.ranked_list import pack_candidates, unpack_candidates
from search.algorithms.spelling import Spelling
from search.exceptions import ForeignCursorError, InvalidCursorError
from search.selectors.ranking import RankedList
from search.selectors.terms import SearchTerms

# A full stop stands in a URL as it is, where a colon would have the whole cursor quoted.
_SIGNER = signing.Signer(salt="search.cursor", sep=".")
# How much of a list a cursor holds. What is beyond is ranked again, and is the same while the
# catalogue stands.
PINNED = 240


@dataclass(frozen=True, slots=True)
class PageStart:
    """Where a page begins: at `offset` in the list, after `shown` products on earlier pages.

    `block` counts the lists that an empty query goes through.
    """

    offset: int = 0
    shown: int = 0
    block: int = 0


def encode_cursor(terms: SearchTerms, ranked: RankedList, start: PageStart, *, scores: bool) -> str:
    """A signed cursor to `start` in `ranked`, whose beginning it pins.

    What explains the list is pinned where `scores`. The next list of an empty query is not known
    yet, so nothing of it is pinned.
    """
    known = ranked.candidates if start.block == ranked.block else ranked.candidates[:0]
    pinned = known[:PINNED]
    whole = ranked.whole and start.block == ranked.block and len(pinned) == len(known)
    header = (
        _fingerprint(terms), start.offset, start.shown, start.block, whole,
        ranked.source, ranked.generation, ranked.model_version,
        ranked.spelling.did_you_mean, ranked.spelling.corrected,
    )  # fmt: skip
    payload = orjson.dumps(header) + b"\n" + pack_candidates(pinned, scores=scores)
    text = base64.urlsafe_b64encode(payload).rstrip(b"=").decode()
    return _SIGNER.sign(text)


def decode_cursor(cursor: str, terms: SearchTerms) -> tuple[RankedList, PageStart]:
    """The list, or its beginning, and the place in it that `cursor` pins.

    Raises InvalidCursorError where it was not issued here, ForeignCursorError where it was for
    other terms.
    """
    try:
        text = _SIGNER.unsign(cursor)
        payload = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        head, packed = payload.split(b"\n", 1)
        (
            fingerprint, offset, shown, block, whole, source, generation, model_version, *meant,
        ) = orjson.loads(head)  # fmt: skip
        candidates = unpack_candidates(packed)
    except (signing.BadSignature, binascii.Error, ValueError) as error:
        raise InvalidCursorError(InvalidCursorError.__doc__) from error
    if fingerprint != _fingerprint(terms):
        raise ForeignCursorError(ForeignCursorError.__doc__)
    ranked = RankedList(
        candidates,
        source,
        generation,
        model_version,
        cached=True,
        block=block,
        whole=whole,
        spelling=Spelling(*meant),
    )
    return ranked, PageStart(offset, shown, block)


def _fingerprint(terms: SearchTerms) -> str:
    return hashlib.sha256(repr(terms).encode()).hexdigest()[:16]
