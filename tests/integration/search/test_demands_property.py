"""Whatever else is asked for, phrases in quotes are held and words to leave out are not."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalogue.models import Product
from search.algorithms.query import parse_query
from search.selectors.candidates import Wanted, find_candidates
from tests.factories.catalogue import make_product
from tests.factories.search import build_index

pytestmark = pytest.mark.django_db

TITLES = (
    "red mug", "mug red", "red mug 8", "mug 8 for red pan", "pan for mug - red", "pan 8/9s and 7",
    "blue pan", "blue mug, red", "red", "8 mug", "pan", "mug pan mug", "redmug", "pan8",
)  # fmt: skip
words = st.sampled_from(["red", "mug", "pan", "blue", "8", "9"])
phrases = st.lists(words, min_size=1, max_size=2).map(" ".join)
parts = st.one_of(
    words,
    phrases.map(lambda phrase: f'"{phrase}"'),
    words.map(lambda word: f"-{word}"),
    phrases.map(lambda phrase: f'-"{phrase}"'),
)


@pytest.fixture
def titles(encoder):
    made = {make_product(title=title).pk: f" {title} " for title in TITLES}
    build_index(encoder)
    return made


def holds(title, phrase):
    """Whether the words of `phrase` follow each other in `title`."""
    spelt = "".join(char if char.isalnum() else " " for char in title)
    return f" {phrase} " in f" {' '.join(spelt.split())} "


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(parts, min_size=1, max_size=4), st.booleans())
def test_demands_are_met_by_either_leg(titles, encoder, asked, filtered):
    query = parse_query(" ".join(asked))
    wanted = Wanted(
        query, encoder.encode_query(query.words), "words-1",
        products=Product.objects.filter(pk__gt=min(titles)) if filtered else None,
    )  # fmt: skip
    found = find_candidates(wanted)
    shown = [*found.product_ids.tolist(), *found.tail.tolist(), *found.topping.tolist()]
    assert len(shown) == len(set(shown))
    assert not filtered or min(titles) not in shown
    for product_id in shown:
        assert all(holds(titles[product_id], phrase) for phrase in query.phrases)
        assert not any(holds(titles[product_id], phrase) for phrase in query.excluded)
