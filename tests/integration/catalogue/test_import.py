"""Importing products: what a line stores, changes and leaves alone."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connection

from catalogue.exceptions import BadLineError, ImportFileError
from catalogue.models import Brand, Category, Offer, Product, Variant
from catalogue.services import Reporter, import_products
from catalogue.services import importing as importing_module
from tests.factories.catalogue import make_product
from tests.factories.pricing import reprice
from tests.factories.product_lines import numbered, product, store, variant

pytestmark = pytest.mark.django_db

TABLES = ("catalogue_product", "catalogue_variant", "catalogue_offer", "catalogue_category",
          "catalogue_brand")  # fmt: skip


def versions():
    """The version of each row: PostgreSQL gives a row a new one whenever it is written."""
    with connection.cursor() as cursor:
        rows = {}
        for table in TABLES:
            cursor.execute(f"SELECT ctid, xmin, cmin FROM {table}")
            rows[table] = sorted(map(str, cursor.fetchall()))
        return rows


def offers():
    return {
        sku: (amount, currency)
        for sku, amount, currency in Offer.objects.values_list("variant__sku", "amount", "currency")
    }


FULL = product(
    "shirt", title="Linen shirt", description="Cool\nand light.", brand="Acme",
    category_path=["Men", "Shirts"], image_url="https://example.com/s.jpg", popularity=7,
    published=True, created_at="2025-01-31T12:00:00Z", attributes={"colour": "red"},
    variants=[
        variant("s-s", "19.99", cost="9.50", stock=3, attributes={"size": "S"}),
        variant("s-m", "21", stock=None),
    ],
)  # fmt: skip


def test_a_full_line_is_stored():
    report = store(FULL)
    assert (report.created, report.updated, report.unchanged) == (1, 0, 0)
    shirt = Product.objects.select_related("brand", "category").get()
    assert shirt.public_id == "shirt"
    assert (shirt.title, shirt.description) == ("Linen shirt", "Cool and light.")
    assert (shirt.brand.name, shirt.brand.slug) == ("Acme", "acme")
    assert (shirt.category.path, shirt.category.slug) == (["Men", "Shirts"], "men/shirts")
    assert shirt.category.parent.path == ["Men"]
    assert (shirt.popularity, shirt.published) == (7, True)
    assert shirt.created_at == datetime(2025, 1, 31, 12, tzinfo=UTC)
    assert shirt.attributes == {"colour": "red"}
    small, medium = shirt.variants.all()
    assert (small.sku, small.cost, small.stock) == ("s-s", Decimal("9.5"), 3)
    assert (medium.sku, medium.cost, medium.stock, medium.attributes) == ("s-m", None, None, {})
    assert offers() == {"s-s": (Decimal("19.99"), "USD"), "s-m": (Decimal(21), "USD")}


def test_a_line_of_little_gets_defaults():
    store(product())
    shirt = Product.objects.get()
    assert (shirt.description, shirt.brand, shirt.category, shirt.image_url) == (
        "",
        None,
        None,
        None,
    )
    assert (shirt.popularity, shirt.published, shirt.attributes) == (0, True, {})
    assert abs((shirt.created_at - datetime.now(UTC)).total_seconds()) < 60


def test_the_same_file_twice_changes_nothing(announced):
    store(FULL, product("other", variants=[variant("o", currency="GBP")]))
    before = versions()
    with announced() as signals:
        report = store(FULL, product("other", variants=[variant("o", currency="GBP")]))
    assert (report.created, report.updated, report.unchanged) == (0, 0, 2)
    assert versions() == before
    assert signals == []


def test_what_is_absent_stays_and_what_is_null_is_cleared():
    store(FULL)
    store({"id": "shirt", "popularity": 9})
    assert Product.objects.get().description == "Cool and light."
    assert Product.objects.get().popularity == 9
    assert Variant.objects.count() == 2
    store({
        "id": "shirt", "description": None, "brand": None, "category_path": None, "image_url": None,
        "popularity": None, "published": None, "created_at": None, "attributes": None,
        "variants": [variant("s-s", "19.99"), variant("s-m", "21", cost=None, stock=0)],
    })  # fmt: skip
    shirt = Product.objects.get()
    assert (shirt.description, shirt.brand, shirt.category, shirt.image_url) == (
        "",
        None,
        None,
        None,
    )
    assert (shirt.popularity, shirt.published, shirt.attributes) == (0, True, {})
    assert shirt.created_at == datetime(2025, 1, 31, 12, tzinfo=UTC)
    small, medium = shirt.variants.all()
    assert (small.cost, small.stock, small.attributes) == (Decimal("9.5"), 3, {"size": "S"})
    assert medium.stock == 0


def test_an_offer_at_list_price_follows_it_and_another_does_not():
    skus = [variant("a"), variant("b"), variant("c")]
    store(product(variants=skus))
    reprice(8, sku__in=["b", "c"])
    store(product(variants=[variant("a", "12"), variant("b", "12"), variant("c", "9", "EUR")]))
    assert offers() == {
        "a": (Decimal(12), "USD"),
        "b": (Decimal(8), "USD"),
        "c": (Decimal(9), "EUR"),  # an amount in another currency would mean nothing
    }
    versions = dict(Offer.objects.values_list("variant__sku", "price_version"))
    assert versions == {"a": 2, "b": 2, "c": 3}


def test_a_variant_that_is_no_longer_listed_is_no_longer_sold():
    store(product(variants=[variant("a"), variant("b")]))
    store(product(variants=[variant("b")]))
    assert set(offers()) == {"b"}
    assert Variant.objects.count() == 2
    store(product(variants=[variant("b"), variant("a", "7")]))
    assert offers() == {"a": (Decimal(7), "USD"), "b": (Decimal(10), "USD")}
    assert list(Product.objects.get().variants.values_list("sku", flat=True)) == ["b", "a"]
    store({"id": "p", "variants": []})
    assert not Product.objects.published().exists()


def test_a_sku_moves_to_another_product_only_when_it_was_given_up():
    store(product("p", variants=[variant("a"), variant("b")]))
    with pytest.raises(BadLineError, match=r"line 1, /variants/0/sku: is sold by product 'p'"):
        store(product("q", variants=[variant("b")]))
    store(product("q", variants=[variant("b")]), product("p", variants=[variant("a")]))
    assert Variant.objects.get(sku="b").product.public_id == "q"
    store({"id": "q", "variants": []})
    store(product("p", variants=[variant("a"), variant("b")]))
    assert set(offers()) == {"a", "b"}
    assert Variant.objects.get(sku="b").product.public_id == "p"


def test_two_new_products_of_a_file_claim_one_sku():
    report, bad, _ = skip(product("p"), product("q"), product("r", variants=[variant("r")]))
    assert report.created == 2
    reason = "is sold by product 'p' already; a sku belongs to one product."
    assert bad == [(2, "/variants/0/sku", reason)]


def skip(*products):
    """An import that skips: its report, the bad lines, the repeated ones."""
    bad, repeated = [], []
    reporter = Reporter(
        bad_line=lambda error: bad.append((error.number, error.pointer, error.reason)),
        repeated=lambda *what: repeated.append(what),
    )
    return store(*products, on_error="skip", reporter=reporter), bad, repeated


def test_a_new_product_needs_a_title_and_a_variant():
    _, bad, _ = skip({"id": "a", "variants": [variant()]}, {"id": "b", "title": "B"},
                     product("c", variants=[]), product("d"))  # fmt: skip
    assert [(number, pointer) for number, pointer, _ in bad] == [
        (1, "/title"), (2, "/variants"), (3, "/variants"),
    ]  # fmt: skip
    assert Product.objects.get().public_id == "d"
    assert not Brand.objects.exists()


def test_abort_stores_nothing_at_all(monkeypatch, announced):
    monkeypatch.setattr(importing_module, "CHUNK_LINES", 2)
    lines = [product(f"p{n}", brand=f"B{n}", category_path=["C"], variants=[variant(f"s{n}")])
             for n in range(7)]  # fmt: skip
    lines[6]["variants"][0]["list_price"] = -1
    with announced() as signals, pytest.raises(BadLineError) as error:
        store(*lines)
    assert (error.value.number, error.value.pointer) == (7, "/variants/0/list_price")
    assert not Product.objects.exists()
    assert not Brand.objects.exists()
    assert not Category.objects.exists()
    assert signals == []


def test_skip_stores_the_good_and_tells_of_the_bad():
    bad = product("bad", variants=[variant("x", currency="dollars")])
    report, told, _ = skip(product("a"), bad, product("b", variants=[variant("b")]))
    assert (report.read, report.bad, report.created) == (3, 1, 2)
    assert told == [(2, "/variants/0/currency", "give an ISO 4217 code such as USD.")]


def test_skip_refuses_what_is_no_json_at_all():
    with pytest.raises(ImportFileError, match="Not one line"):
        import_products([(1, b"GIF89a"), (2, b"\x00\xff")], "skip")
    report = import_products([(1, b"GIF89a"), (2, b"{}")], "skip")
    assert report.bad == 2


def test_of_a_repeated_product_the_later_line_is_applied_last():
    report, _, repeated = skip(
        product("p", title="One", description="kept"), product("q", variants=[variant("q")]),
        {"id": "p", "title": "Two"}, {"id": "p", "title": "Three"},
    )  # fmt: skip
    assert repeated == [(3, "p", 1), (4, "p", 3)]
    assert report.repeated == 2
    stored = Product.objects.get(public_id="p")
    assert (stored.title, stored.description) == ("Three", "kept")


def test_each_chunk_sends_one_signal_with_exactly_what_changed(announced, monkeypatch):
    monkeypatch.setattr(importing_module, "CHUNK_LINES", 3)
    lines = [product(f"p{n}", variants=[variant(f"s{n}")]) for n in range(5)]
    with announced() as signals:
        store(*lines)
    keys = dict(Product.objects.values_list("public_id", "pk"))
    assert signals == [{keys["p0"], keys["p1"], keys["p2"]}, {keys["p3"], keys["p4"]}]


@pytest.mark.parametrize(
    ("change", "is_announced"),
    [
        ({"title": "New"}, True),
        ({"description": "New"}, True),
        ({"brand": "New"}, True),
        ({"category_path": ["New"]}, True),
        ({"attributes": {"colour": "new"}}, True),
        ({"published": False}, True),
        ({"variants": [variant(attributes={"size": "M"})]}, True),
        ({"variants": [variant(), variant("t")]}, True),
        ({"variants": []}, True),
        ({"image_url": "https://example.com/x"}, False),
        ({"popularity": 3}, False),
        ({"created_at": "2020-01-01T00:00:00Z"}, False),
        ({"variants": [variant(stock=4)]}, False),
        ({"variants": [variant(list_price="3")]}, False),
        ({"variants": [variant(cost="3")]}, False),
    ],
)
def test_what_changes_the_text_or_publication_is_announced(change, is_announced, announced):
    store(product())
    stamp = Product.objects.get().updated_at
    with announced() as signals:
        report = store({"id": "p"} | change)
    assert (report.updated, report.unchanged) == (1, 0)
    assert signals == ([{Product.objects.get().pk}] if is_announced else [])
    if is_announced:
        assert Product.objects.get().updated_at > stamp


def test_categories_of_one_name_and_of_alike_slugs_stay_apart():
    paths = [["A"], ["A", "B"], ["B", "A"], ["a"], ["A!"], ["C", "D", "E"]]
    store(*(product(f"p{n}", category_path=path, variants=[variant(f"s{n}")])
            for n, path in enumerate(paths)))  # fmt: skip
    assert {c.slug: list(c.path) for c in Category.objects.all()} == {
        "a": ["A"], "a/b": ["A", "B"], "b": ["B"], "b/a": ["B", "A"], "a-3": ["a"], "a-2": ["A!"],
        "c": ["C"], "c/d": ["C", "D"], "c/d/e": ["C", "D", "E"],
    }  # fmt: skip


def test_the_longest_category_path_fits():
    path = [f"{letter}{'日' * 65}" for letter in "abcdefghij"]
    store(product(category_path=path))
    assert Product.objects.get().category.path == path


def test_an_import_takes_as_many_queries_for_many_lines_as_for_few(django_assert_max_num_queries):
    lines = [
        product(f"p{n}", brand=f"B{n % 9}", category_path=["C", f"D{n % 7}"],
                variants=[variant(f"s{n}"), variant(f"t{n}")])
        for n in range(300)
    ]  # fmt: skip
    with django_assert_max_num_queries(40):
        store(*lines)
    with django_assert_max_num_queries(40):
        import_products(numbered(*lines))


def test_products_saved_by_hand_are_updated_too():
    make_product("p", title="By hand", sku="s", list_price=Decimal(10))
    report = store(product())
    assert (report.updated, Product.objects.get().title) == (1, "Shirt")
    assert Variant.objects.count() == 1
