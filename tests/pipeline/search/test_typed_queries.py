"""What shoppers really typed is answered, and their slips are understood."""

import gzip
import json
import os
import random
import string
from pathlib import Path

import pytest
from django.test import Client

from catalogue.services import Reporter, import_products, open_lines
from search.services.weighing import count_corpus
from tests.factories.search import build_index, write_lines
from tests.fixtures.shops import encoder, nothing_remembered

__all__ = ["encoder", "nothing_remembered"]

DATA = Path(os.environ.get("STOREFRONT_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data"))
PRODUCTS, QUERIES = (DATA / f"electronics.{kind}.jsonl.gz" for kind in ("products", "queries"))

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not PRODUCTS.exists(), reason="the electronics data is not at hand"),
]


def read(path):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


@pytest.fixture
def fill(settings, encoder, tmp_path):
    settings.ANONYMOUS_READS = True

    def run(rows):
        with open_lines(str(write_lines(tmp_path / "rows.jsonl", rows))) as lines:
            import_products(lines, "abort", Reporter())
        build_index(encoder)
        count_corpus()

    return run


def found(query):
    response = Client().get("/v1/search", {"q": query, "limit": 10})
    assert response.status_code == 200, (query, response.content)
    return [result["product"]["id"] for result in response.json()["results"]]


def misspell(title, chance):
    """`title` with one edit in one plain word; None where it has no such word."""
    words = title.split()
    plain = [place for place, word in enumerate(words) if word.isalpha() and len(word) >= 4]
    if not plain:
        return None
    place = chance.choice(plain)
    word, letter = words[place], chance.choice(string.ascii_lowercase)
    at = chance.randrange(len(word) - 1)
    words[place] = chance.choice([
        word[:at] + word[at + 1 :],
        word[:at] + letter + word[at:],
        word[:at] + letter + word[at + 1 :],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    ])  # fmt: skip
    return " ".join(words)


def check(rows, queries, slips):
    for query in queries:
        found(query["query"])
    chance = random.Random(5)
    typed = [(row["id"], misspell(row["title"], chance)) for row in chance.sample(rows, slips)]
    hits = [key in found(query) for key, query in typed if query]
    assert sum(hits) >= 0.9 * len(hits)


def test_a_sample_of_queries_and_slips(fill):
    rows = read(PRODUCTS)[::12]
    fill(rows)
    check(rows, read(QUERIES)[:80], 30)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_every_query_and_many_slips(fill):
    rows = read(PRODUCTS)
    fill(rows)
    check(rows, read(QUERIES), 500)
