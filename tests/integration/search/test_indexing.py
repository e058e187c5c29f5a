"""Keyword documents follow the products' texts, and only those that changed."""

import pytest
from django.db import connection

from catalogue.models import Product
from search.models import IndexState, ProductDocument
from search.selectors.texts import PRODUCT_TEXTS
from search.services.indexing import index_products
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


def test_one_statement_indexes_many(django_assert_num_queries):
    for number in range(5):
        make_product(title=f"Mug {number}")
    with django_assert_num_queries(1):
        index_products()


def test_a_very_long_description_is_indexed():
    product = make_product(description="comfortable chair " * 1100)
    assert index_products() == [product.pk]
