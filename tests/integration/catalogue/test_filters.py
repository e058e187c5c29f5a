"""Filters keep exactly the products that they describe."""

from decimal import Decimal

import pytest

from catalogue.models import Product
from catalogue.selectors import ProductFilters, filter_products, find_unknown_names
from tests.factories.catalogue import make_category, make_product, make_variant

pytestmark = pytest.mark.django_db


def kept(**filters):
    products = filter_products(Product.objects.published(), ProductFilters(**filters))
    return set(products.values_list("public_id", flat=True))


@pytest.fixture
def tree():
    make_product("case", category=("Phones", "Accessories", "Cases & Clips"))
    make_product("phone", category=("Phones",))
    make_product("toy", category=("Toys", "Phones"))
    make_product("bare")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("phones", {"case", "phone"}),
        ("phones/accessories", {"case"}),
        ("phones/accessories/cases-clips", {"case"}),
        ("Phones > Accessories", {"case"}),
        ("Phones > Accessories > Cases & Clips", {"case"}),
        ("Phones", {"case", "phone"}),
        ("accessories", {"case"}),
        ("CASES & CLIPS", {"case"}),
        ("toys/phones", {"toy"}),
        ("phone", set()),
        ("", set()),
        ("%", set()),
    ],
)
@pytest.mark.usefixtures("tree")
def test_a_category_stands_for_its_subtree_however_it_is_called(name, expected):
    assert kept(category=name) == expected


@pytest.mark.usefixtures("tree")
def test_a_bare_name_means_every_category_that_bears_it():
    make_product("doll", category=("Toys", "Dolls", "Accessories"))
    assert kept(category="Accessories") == {"case", "doll"}


def test_a_brand_is_called_by_name_or_slug_and_any_of_several_will_do():
    make_product("a", brand="Äpfel & Co")
    make_product("b", brand="Bose")
    make_product("c")
    assert kept(brands=["äpfel & co"]) == kept(brands=["apfel-co"]) == {"a"}
    assert kept(brands=["BOSE", "apfel-co"]) == {"a", "b"}


def test_the_price_is_the_one_that_is_shown():
    make_product("cheap", list_price=Decimal(5))
    make_product("range", variants=[{"list_price": 10}, {"list_price": 100}])
    make_product("gone", variants=[{"list_price": 10, "stock": 0}, {"list_price": 100}])
    make_product("sold out", list_price=Decimal(50), stock=0)
    make_product("cut", list_price=Decimal(200), price="7")
    make_product("pounds", list_price=Decimal(10), currency="GBP")
    assert kept(price_min=Decimal(50)) == {"gone", "sold out"}
    assert kept(price_max=Decimal("10.00")) == {"cheap", "range", "cut"}
    assert kept(price_min=Decimal(6), price_max=Decimal(10)) == {"range", "cut"}


def test_in_stock_is_what_can_be_bought():
    make_product("untracked")
    make_product("some", stock=3)
    make_product("none", stock=0)
    make_product("partly", variants=[{"stock": 0}, {"stock": 1}])
    make_product("withdrawn").variants.get().offer.delete()
    assert kept(in_stock=True) == {"untracked", "some", "partly"}
    assert kept(in_stock=False) == {"none"}


def test_attributes_are_those_of_the_product_or_of_a_variant():
    make_product("red", attributes={"colour": "red", "size": 42})
    make_product("blue", attributes={"colour": ["blue", "red"], "wireless": True})
    other = make_product("variant")
    make_variant(other, attributes={"colour": "green"})
    assert kept(attributes=[("colour", "red")]) == {"red", "blue"}
    assert kept(attributes=[("colour", "green"), ("colour", "blue")]) == {"variant", "blue"}
    assert kept(attributes=[("colour", "red"), ("size", "42")]) == {"red"}
    assert kept(attributes=[("wireless", "true")]) == {"blue"}
    assert kept(attributes=[("wireless", "nan")]) == set()


def test_a_title_prefix_ignores_case_and_is_no_pattern():
    make_product("per cent", title="100% cotton")
    make_product("other", title="100 socks")
    assert kept(title_prefix="100%") == {"per cent"}
    assert kept(title_prefix="100% COT") == {"per cent"}
    assert kept(title_prefix="_00") == set()


def test_names_that_mean_nothing_are_found():
    make_category("Phones")
    make_product(brand="Bose")
    filters = ProductFilters(category="phnes", brands=["bose", "Bse"])
    assert find_unknown_names(filters) == [("category", "phnes"), ("brand", "Bse")]
    assert find_unknown_names(ProductFilters(category="phones")) == []


def test_one_and_the_same_variant_meets_attributes_price_and_stock():
    variants = [
        {"attributes": {"colour": "red", "size": "M"}, "list_price": 50, "stock": 0},
        {"attributes": {"colour": "red", "size": "L"}, "list_price": 40, "stock": 1},
        {"attributes": {"colour": "blue", "size": "M"}, "list_price": 10, "stock": 1},
    ]
    make_product("shirt", attributes={"cotton": True}, variants=variants)
    red, medium, large = ("colour", "red"), ("size", "M"), ("size", "L")
    assert kept(attributes=[red, medium]) == {"shirt"}
    assert kept(attributes=[("colour", "blue"), large]) == set()
    assert kept(attributes=[red], in_stock=True) == {"shirt"}
    assert kept(attributes=[red, medium], in_stock=True) == set()
    assert kept(attributes=[red, medium], in_stock=False) == {"shirt"}
    assert kept(attributes=[red], in_stock=False) == set()
    assert kept(attributes=[red], price_max=Decimal(20)) == set()
    assert kept(attributes=[red], price_min=Decimal(45)) == {"shirt"}
    assert kept(attributes=[red], price_min=Decimal(45), in_stock=True) == set()
    assert kept(attributes=[("cotton", "true"), large], price_max=Decimal(40)) == {"shirt"}
    assert kept(attributes=[("cotton", "true")], price_max=Decimal(10)) == {"shirt"}
