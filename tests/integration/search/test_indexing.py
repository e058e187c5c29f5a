"""Keyword documents follow the products' texts, and only those that changed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalogue.models import Product
from search.models import Corpus, IndexState, Lexeme, ProductDocument
from search.selectors.texts import PRODUCT_TEXTS
from search.services import weighing
from search.services.embedding import embed_products
from search.services.indexing import index_products
from search.services.weighing import count_corpus
from tests.factories.catalogue import make_product, make_variant

pytestmark = pytest.mark.django_db


def text_of(product):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT text FROM ({PRODUCT_TEXTS}) AS texts", {"ids": [product.pk]})
        return cursor.fetchone()[0]


def test_a_text_holds_title_brand_category_attributes_and_description():
    product = make_product(
        title="Rain Jacket",
        brand="Acme",
        category=("Clothing", "Jackets"),
        description="Keeps you dry.",
        attributes={
            "waterproof": True,
            "zip": False,
            "season": ["autumn", "spring"],
            "x": {"y": 1},
        },
        variants=[{"attributes": {"colour": "red", "size": "M"}}],
    )
    make_variant(product, attributes={"colour": "blue", "size": "M", "weight": 300, "note": None})
    assert text_of(product).split("\n") == [
        "Rain Jacket",
        "Acme",
        "Clothing > Jackets",
        "colour: blue, red; season: autumn, spring; size: M; waterproof: yes; weight: 300",
        "Keeps you dry.",
    ]


def test_a_bare_product_is_its_title():
    assert text_of(make_product(title="Mug")) == "Mug"


def test_exactly_the_changed_are_indexed():
    first, second = make_product(title="Mug"), make_product(title="Plate")
    assert sorted(index_products()) == [first.pk, second.pk]
    assert index_products() == []
    Product.objects.filter(pk=second.pk).update(title="Bowl")
    assert index_products() == [second.pk]
    assert "'bowl'" in ProductDocument.objects.get(product=second).keywords


def test_how_words_are_indexed_may_change_without_embedding_anew(encoder):
    product = make_product(title="Mug")
    index_products()
    embed_products(encoder)
    ProductDocument.objects.update(text_hash="")
    assert index_products() == [product.pk]
    assert embed_products(encoder).embedded == 0


def test_renaming_a_brand_or_category_changes_its_products():
    branded = make_product(brand="Acme", category=("Mugs",))
    other = make_product(brand="Bolt", category=("Plates",))
    index_products()
    branded.brand.name = "Apex"
    branded.brand.save()
    assert index_products() == [branded.pk]
    other.category.name = "Dishes"
    other.category.save()
    assert index_products() == [other.pk]


def test_unpublished_products_stay_indexed():
    product = make_product(published=False)
    assert index_products() == [product.pk]


def test_the_generation_moves_when_something_changed_or_was_announced():
    product = make_product()
    index_products()
    before = IndexState.objects.get().generation
    index_products()
    assert IndexState.objects.get().generation == before
    index_products([product.pk])
    assert IndexState.objects.get().generation == before + 1


def test_a_handful_of_statements_indexes_many(django_assert_max_num_queries):
    for number in range(50):
        make_product(title=f"Mug {number}")
    with django_assert_max_num_queries(40):  # each is for all of them
        index_products()


def weights_of(product):
    return ProductDocument.objects.get(product=product).weights


def test_weights_are_those_of_bm25():
    short = make_product(title="Mug", description="red")
    long = make_product(title="Bowl", description="red " + "clay " * 9)
    index_products()
    count_corpus()
    corpus = Corpus.objects.get()
    assert (corpus.products, corpus.average_length) == (2, pytest.approx((4 + 13) / 2))
    red = Lexeme.objects.get(text="red")
    assert red.products == 2
    weights = [
        dict(zip(v.indices(), v.values(), strict=True)) for v in map(weights_of, (short, long))
    ]
    expected = [1.9 / (1 + 0.9 * (0.6 + 0.4 * length / 8.5)) for length in (4, 13)]
    assert [w[red.pk - 1] for w in weights] == pytest.approx(expected, rel=1e-5)
    mug = Lexeme.objects.get(text="mug").pk - 1
    assert weights[0][mug] == pytest.approx(3 * 1.9 / (3 + 0.9 * (0.6 + 0.4 * 4 / 8.5)), rel=1e-5)


def test_a_far_drift_of_lengths_weighs_all_anew():
    first = make_product(title="Mug")
    index_products()
    version = Corpus.objects.get().version
    make_product(title="Bowl", description="clay " * 50)
    index_products()
    assert Corpus.objects.get().version > version
    assert ProductDocument.objects.get(product=first).weighed == Corpus.objects.get().version


def test_counting_again_changes_nothing():
    make_product(title="Mug")
    index_products()
    before = Corpus.objects.values("version", "products", "average_length").get()
    count_corpus()
    assert Corpus.objects.values("version", "products", "average_length").get() == before


def test_what_was_left_unweighed_is_weighed_by_the_next_run():
    product = make_product(title="Mug")
    index_products()
    ProductDocument.objects.update(weighed=-1, weights=None)
    index_products()
    assert weights_of(product) is not None


def test_new_products_are_weighed_once():
    for number in range(3):
        make_product(title=f"Mug {number}", description="clay " * 50)
    with CaptureQueriesContext(connection) as captured:
        index_products()
    rounds = sum("SET weights" in query["sql"] for query in captured)
    assert rounds == 2  # of which the last finds nothing left


def test_every_part_of_a_large_shop_is_weighed(monkeypatch):
    for name in ("_NAME", "_WEIGH"):
        monkeypatch.setattr(
            weighing, name, getattr(weighing, name).replace("LIMIT 5000", "LIMIT 2")
        )
    products = [make_product(title=f"Mug {number}") for number in range(5)]
    index_products()
    assert all(weights_of(product) is not None for product in products)


def test_a_very_long_description_is_indexed():
    product = make_product(description="comfortable chair " * 1100)
    assert index_products() == [product.pk]
