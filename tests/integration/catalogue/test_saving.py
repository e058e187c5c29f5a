"""Saving through the models: slugs, subtrees and offers follow; what changed is announced."""

import threading
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from catalogue.models import Brand, Category, Offer, Product, Variant
from tests.factories.catalogue import make_brand, make_category, make_product, make_variant
from tests.factories.pricing import set_price

pytestmark = pytest.mark.django_db


def tree():
    return {category.slug: list(category.path) for category in Category.objects.all()}


def test_renaming_a_category_carries_its_subtree(announced, django_assert_max_num_queries):
    inside = make_product(category=("Phones", "Cases", "Leather"))
    beside = make_product(category=("Phones & Co",))
    phones = Category.objects.get(slug="phones")
    phones.name = "Mobile phones"
    with announced() as signals, django_assert_max_num_queries(9):
        phones.save()
    assert tree() == {
        "mobile-phones": ["Mobile phones"],
        "mobile-phones/cases": ["Mobile phones", "Cases"],
        "mobile-phones/cases/leather": ["Mobile phones", "Cases", "Leather"],
        "phones-co": ["Phones & Co"],
    }
    assert signals == [{inside.pk}]
    stamps = dict(Product.objects.values_list("pk", "updated_at"))
    assert stamps[inside.pk] > inside.updated_at
    assert stamps[beside.pk] == beside.updated_at


def test_moving_a_category_carries_its_subtree():
    make_category("Phones", "Cases", "Leather")
    cases = Category.objects.get(slug="phones/cases")
    cases.parent = make_category("Gifts")
    cases.save(update_fields=["parent"])
    assert set(tree()) == {"phones", "gifts", "gifts/cases", "gifts/cases/leather"}
    cases.parent = None
    cases.save()
    assert tree()["cases/leather"] == ["Cases", "Leather"]


def test_a_category_that_takes_a_longer_or_shorter_path_keeps_its_depths():
    make_category("A", "B", "C", "D")
    b = Category.objects.get(slug="a/b")
    b.parent = make_category("X", "Y", "Z")
    b.save()
    assert tree()["x/y/z/b/c/d"] == ["X", "Y", "Z", "B", "C", "D"]


def test_saving_a_category_as_it_is_announces_nothing(announced):
    category = make_product(category=("Phones",)).category
    with announced() as signals:
        category.save()
    assert signals == []


def test_a_category_can_not_lie_below_itself_nor_share_a_siblings_name():
    make_category("A", "B")
    a = Category.objects.get(slug="a")
    a.parent = Category.objects.get(slug="a/b")
    with pytest.raises(ValidationError, match="below itself"):
        a.full_clean()
    with pytest.raises(ValidationError, match="already has a category"):
        Category(name="B", parent=Category.objects.get(slug="a")).full_clean()
    with pytest.raises(ValidationError, match="Deeper than 10"):
        Category(name="x", parent=make_category(*"ABCDEFGHIJ")).full_clean()


def test_alike_names_get_slugs_of_their_own():
    for name in ("Cases", "Cases!", "cases"):
        Category.objects.create(name=name)
        Brand.objects.create(name=name)
    assert set(tree()) == {"cases", "cases-2", "cases-3"}
    assert set(Brand.objects.values_list("slug", flat=True)) == {"cases", "cases-2", "cases-3"}


def test_renaming_a_brand_announces_its_products(announced):
    mine, _ = make_product(brand="Acme"), make_product(brand="Bose")
    brand = Brand.objects.get(name="Acme")
    with announced() as signals:
        brand.save()
    assert signals == []
    brand.name = "Acme Inc"
    with announced() as signals:
        brand.save()
    assert brand.slug == "acme-inc"
    assert signals == [{mine.pk}]
    assert Product.objects.get(pk=mine.pk).updated_at > mine.updated_at


def test_saving_a_product_announces_it_where_its_text_may_have_changed(announced):
    product = make_product()
    with announced() as signals:
        product.save()
        product.save(update_fields=["title"])
        product.save(update_fields=["popularity"])
    assert signals == [{product.pk}, {product.pk}]


def test_what_is_rolled_back_is_not_announced(announced):
    from django.db import transaction  # noqa: PLC0415

    with announced() as signals, transaction.atomic():
        make_product()
        transaction.set_rollback(True)
    assert signals == []


def test_a_variant_gets_its_offer_and_the_offer_follows_list_price(announced):
    product = make_product()
    with announced() as signals:
        variant = make_variant(product, list_price=Decimal(20))
    assert signals == [{product.pk}]
    assert variant.offer.amount == 20
    variant.list_price = Decimal(25)
    variant.save()
    assert Offer.objects.get(variant=variant).amount == 25
    set_price(variant, 22)
    variant.list_price = Decimal(30)
    variant.save()
    assert Offer.objects.get(variant=variant).amount == 22
    variant.currency = "EUR"
    variant.save()
    offer = Offer.objects.get(variant=variant)
    assert (offer.amount, offer.currency, offer.price_version) == (30, "EUR", 4)


def test_saving_a_variant_as_it_is_leaves_its_offer_alone():
    variant = make_product().variants.get()
    variant.list_price = "10.00"
    variant.save()
    assert Offer.objects.get().price_version == 1


def test_a_withdrawn_variant_stays_withdrawn():
    variant = make_product().variants.get()
    Offer.objects.all().delete()
    variant.stock = 3
    variant.save()
    assert not Offer.objects.exists()


def test_deleting_variants_announces_their_products(announced):
    product = make_product(variants=[{}, {}, {}])
    with announced() as signals:
        product.variants.first().delete()
        Variant.objects.all().delete()
    assert signals == [{product.pk}, {product.pk}]


@pytest.mark.django_db(transaction=True)
def test_brands_of_alike_names_saved_at_once_get_slugs_of_their_own():
    barrier, errors = threading.Barrier(4), []

    def save(name):
        try:
            barrier.wait()
            make_brand(name)
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=(name,)) for name in ("A b", "a b", "A-b", "a-B")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert set(Brand.objects.values_list("slug", flat=True)) == {"a-b", "a-b-2", "a-b-3", "a-b-4"}
