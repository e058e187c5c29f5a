"""The validator (`ETag`) of an answer: another whenever the answer may be another."""

import hashlib
from functools import lru_cache

import orjson
from django.conf import settings

from recommendations.algorithms.placements import Placement
from recommendations.selectors.placements import Question
from recommendations.selectors.situation import Situation

# Part of every validator: to be changed with the shape of answers.
SHAPE = b"1"


def validator_of(question: Question, situation: Situation, *, explain: bool = False) -> str:
    """A strong validator of all but the request's own id, which is another each time.

    It is made of what the answer follows from, before any product is looked at: the run, the
    shopper's row and behaviour, the catalogue's version, the placements, and what was asked.
    """
    named = question.named
    asked = (
        named.product_id, named.category, question.limit, sorted(question.excluded), explain,
        settings.STORE_CURRENCY,
    )  # fmt: skip
    digest = hashlib.blake2b(SHAPE, digest_size=16)
    digest.update(situation.fingerprint)
    digest.update(orjson.dumps(asked))
    for placement in question.placements:
        digest.update(_digest(placement))
    return f'"{digest.hexdigest()}"'


@lru_cache
def _digest(placement: Placement) -> bytes:
    # Sorted, for a set of texts has another order in every process.
    brands = sorted(placement.filters.brands)
    return repr((placement.name, brands, _without_brands(placement))).encode()


def _without_brands(placement: Placement) -> tuple[object, ...]:
    filters = placement.filters
    return (
        placement.anchor, placement.sources, placement.limit, placement.excludes_bought,
        placement.excludes_in_cart, placement.max_per_category, placement.max_per_brand,
        filters.categories, filters.hidden_categories, filters.price_min, filters.price_max,
    )  # fmt: skip
