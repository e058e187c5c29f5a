"""A model that tests can foresee: each word has its direction, some share one."""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from catalogue.models import Offer, Product, Variant
from search.algorithms.encoder import normalise_rows
from search.algorithms.query import parse_query
from search.models import DIMENSIONS
from search.selectors.candidates import Found, Wanted, find_candidates
from search.services.embedding import embed_products
from search.services.indexing import index_products

SAME = {"sofa": "couch", "settee": "couch", "trainers": "shoes", "sneakers": "shoes"}


class WordEncoder:
    """Stands in for the Encoder: texts that share words, or words of like meaning, are near."""

    def __init__(self, model_version: str = "words-1") -> None:
        self.model_version = model_version
        self.manifest = SimpleNamespace(dimensions=DIMENSIONS)
        self.encoded: list[str] = []

    def knows_word(self, word: str) -> bool:
        """Whether `word` is one that others share their meaning with."""
        return word in SAME

    def encode_query(self, query: str) -> Any:
        """The vector of `query`."""
        return self.encode_documents([query])[0]

    def encode_documents(
        self, texts: Sequence[str], on_batch: Callable[[int], None] | None = None
    ) -> Any:
        """One row per text; no words, no direction."""
        self.encoded.extend(texts)
        if on_batch:
            on_batch(len(texts))
        rows = np.array([self._sum(text) for text in texts], np.float32)
        return normalise_rows(rows.reshape(-1, DIMENSIONS))

    def _sum(self, text: str) -> Any:
        words = "".join(c if c.isalnum() else " " for c in text.lower()).split()
        return sum((self._direction(SAME.get(word, word)) for word in words), np.zeros(DIMENSIONS))

    def _direction(self, word: str) -> Any:
        seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")
        return np.random.default_rng(seed).standard_normal(DIMENSIONS)


def make_many(count: int, title: str) -> list[Product]:
    """`count` products called `title` and a number from 0; popularity is that number.

    Their ids are m0, m1 …, and their prices 1, 2 …, all at a handful of statements.
    """
    products = Product.objects.bulk_create(
        Product(public_id=f"m{n}", title=f"{title} {n}", popularity=n) for n in range(count)
    )
    variants = Variant.objects.bulk_create(
        Variant(product=product, sku=product.public_id, list_price=n + 1, currency="USD")
        for n, product in enumerate(products)
    )
    Offer.objects.bulk_create(
        Offer(variant=variant, amount=variant.list_price, currency="USD") for variant in variants
    )
    return products


def build_index(encoder: Any = None) -> None:
    """Index every product, and embed it where there is an encoder."""
    index_products()
    if encoder is not None:
        embed_products(encoder)


def write_lines(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    """`rows` as JSON lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def find_by_words(query: str, **wanted: Any) -> list[int]:
    """Keys of what is found by words, best first."""
    found = find_candidates(Wanted(parse_query(query), **wanted))
    return _ranked(found, found.keyword_rank) + found.tail.tolist()


def find_by_meaning(vector: Any, model: str, **wanted: Any) -> list[int]:
    """Keys of what is found by meaning, nearest first."""
    found = find_candidates(Wanted(parse_query("x"), vector, model, words=False, **wanted))
    return _ranked(found, found.semantic_rank)


def _ranked(found: Found, ranks: Any) -> list[int]:
    return [int(found.product_ids[place]) for place in np.argsort(ranks) if ranks[place]]
