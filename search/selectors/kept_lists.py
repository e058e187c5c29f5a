"""Ranked lists in the cache, each under a key that names all it depends on."""

import hashlib
from dataclasses import dataclass
from typing import Any

import orjson
from django.conf import settings
from django.core.cache import cache

from search.algorithms.ranked_list import RankedCandidates, from_bytes, to_bytes
from search.algorithms.spelling import Spelling
from search.selectors.terms import SearchTerms

NOTHING_TO_SAY = Spelling()
RANKED_SECONDS = 5 * 60
# Raising it forgets every cached list: for changes to what follows from the same index.
RANKING_VERSION = "4"


@dataclass(frozen=True, slots=True)
class Ranking:
    """Candidates in their order, and what the query may have meant."""

    candidates: RankedCandidates
    spelling: Spelling = NOTHING_TO_SAY


def name_list(
    terms: SearchTerms, block: int, generation: int, model_version: str, rules: str
) -> str:
    """The key of a list: all that it depends on, save prices, stock and publication."""
    parts: tuple[Any, ...] = (
        RANKING_VERSION, generation, model_version, rules, settings.STORE_CURRENCY,
        terms, block, sorted(settings.SEARCH_FUSION.items()),
        settings.SEARCH_SIMILARITY_FLOOR, settings.SEARCH_EF_SEARCH,
    )  # fmt: skip
    return f"search:ranked:{hashlib.sha256(repr(parts).encode()).hexdigest()}"


def keep_list(key: str, ranking: Ranking) -> None:
    """Cache `ranking` under `key`."""
    cache.set(key, _to_cache(ranking), RANKED_SECONDS)


def _to_cache(ranking: Ranking) -> bytes:
    header = orjson.dumps([ranking.spelling.did_you_mean, ranking.spelling.corrected])
    return header + b"\n" + to_bytes(ranking.candidates)


def read_list(key: str) -> Ranking | None:
    """What was kept under `key`; None where there is nothing, or nothing that can be read."""
    packed = cache.get(key)
    if not isinstance(packed, bytes):
        return None
    header, _, rows = packed.partition(b"\n")
    try:
        return Ranking(from_bytes(rows), Spelling(*orjson.loads(header)))
    except (ValueError, TypeError):
        return None
