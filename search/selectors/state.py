"""Which generation of the index is live."""

from dataclasses import dataclass
from threading import Lock

from cachetools import TTLCache, cached

from api.clock import memory_clock
from search.models import IndexState

# How long a process may go on naming cached answers by a generation that has passed. What an
# answer shows is read fresh in any case.
MEMO_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class LiveIndex:
    """The index as it stands: its generation, and the model that all products are embedded under.

    `model_version` is empty before the first full run of `embed_products`. `merchandising` is the
    version of what merchandisers decided, `vocabulary` of the words that corrections are out of.
    """

    generation: int
    model_version: str
    merchandising: int = 0
    vocabulary: int = 0


@cached(TTLCache(1, MEMO_SECONDS, memory_clock), lock=Lock())
def read_live_index() -> LiveIndex:
    """The live index, at most a second old."""
    row = IndexState.objects.values_list(
        "generation", "model_version", "merchandising", "vocabulary"
    ).first()
    return LiveIndex(*(row or (0, "")))


def forget_live_index() -> None:
    """Read it afresh next time."""
    read_live_index.cache_clear()
