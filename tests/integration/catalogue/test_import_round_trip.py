"""Whatever is imported is what is stored; importing it again changes nothing."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalogue.algorithms.lines import parse_line
from catalogue.models import Product
from catalogue.services import import_products
from tests.factories.product_lines import numbered

pytestmark = pytest.mark.django_db

visible = st.text(min_size=1, max_size=20).filter(
    lambda text: text.translate(dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)], " ")).strip()
)
scalar = st.one_of(st.text(max_size=9), st.booleans(), st.integers(-(2**53), 2**53),
                   st.floats(-1e9, 1e9, allow_nan=False))  # fmt: skip
variant = st.fixed_dictionaries(
    {
        "sku": st.integers(0, 99).map("sku-{}".format),
        "list_price": st.decimals(0, 10**10 - 1, places=4).map(str),
        "currency": st.from_regex(r"[A-Z]{3}", fullmatch=True),
    },
    optional={
        "cost": st.none() | st.decimals(0, 10**6, places=2).map(str),
        "stock": st.none() | st.integers(0, 2**31 - 1),
        "attributes": st.dictionaries(visible, scalar, max_size=3),
    },
)
product = st.fixed_dictionaries(
    {
        "id": st.sampled_from("abc"),
        "title": visible,
        "variants": st.lists(variant, min_size=1, max_size=3, unique_by=lambda v: v["sku"]),
    },
    optional={
        "description": st.none() | st.text(max_size=50),
        "brand": st.none() | visible,
        "category_path": st.none() | st.lists(visible, max_size=4),
        "popularity": st.none() | st.integers(-(10**15), 10**15),
        "published": st.none() | st.booleans(),
        "attributes": st.none() | st.dictionaries(visible, scalar | st.lists(scalar), max_size=3),
    },
)


def as_stored(public_id):
    stored = Product.objects.select_related("brand", "category").get(public_id=public_id)
    variants = stored.variants.offered().select_related("offer")
    return {
        "title": stored.title,
        "description": stored.description,
        "brand": stored.brand and stored.brand.name,
        "category_path": stored.category and tuple(stored.category.path),
        "popularity": stored.popularity,
        "published": stored.published,
        "attributes": stored.attributes,
    }, [(v.sku, v.list_price, v.currency, v.cost, v.stock, v.attributes) for v in variants]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(product, max_size=5, unique_by=lambda line: line["id"]))
def test_what_is_imported_is_what_is_stored(lines):
    Product.objects.all().delete()
    numbers = numbered(*lines)
    report = import_products(numbers, "skip")
    defaults = {"description": "", "brand": None, "category_path": None, "popularity": 0,
                "published": True, "attributes": {}}  # fmt: skip
    stored = set(Product.objects.values_list("public_id", flat=True))
    assert report.created == len(stored) == len(lines) - report.bad
    for number, raw in numbers:
        line = parse_line(number, raw)
        if line.id in stored:
            fields, variants = as_stored(line.id)
            assert fields == defaults | dict(line.fields)
            assert variants == [
                (v.sku, Decimal(v.list_price), v.currency, v.fields.get("cost"),
                 v.fields.get("stock"), v.fields.get("attributes", {}))
                for v in line.variants
            ]  # fmt: skip
    assert import_products(numbers, "skip").unchanged == len(stored)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.binary(max_size=60) | product.map(lambda line: numbered(line)[0][1])))
def test_garbage_among_the_lines_harms_nothing(lines):
    Product.objects.all().delete()
    report = import_products([*enumerate(lines, start=1), (99, b"{}")], "skip")
    assert report.bad >= 1
    assert report.read == len(lines) + 1
