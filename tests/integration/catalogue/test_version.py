"""The catalogue's version is another after every commit that changes it; no writer waits."""

from decimal import Decimal
from threading import Event as Flag
from threading import Thread

import pytest
from django.db import connection, connections, transaction

from catalogue.models import Brand, Category, Product, Variant
from catalogue.selectors import catalogue_version
from catalogue.services import set_published
from events.models import Event
from tests.factories.catalogue import make_category, make_product
from tests.factories.events import make_visitor, record_event
from tests.factories.pricing import reprice
from tests.factories.product_lines import product, store
from tests.factories.threads import in_threads

CHANGES = {
    "price": lambda: reprice(Decimal(7)),
    "stock": lambda: Variant.objects.update(stock=3),
    "publication": lambda: set_published([Product.objects.get().pk], False),
    "title": lambda: Product.objects.update(title="Another"),
    "brand's name": lambda: Brand.objects.update(name="Another"),
    "category's name": lambda: Category.objects.update(name="Another"),
    "deletion": lambda: Product.objects.all().delete(),
    "import": lambda: store(product("new")),
}


@pytest.fixture
def one_product(db):
    return make_product(brand="Acme", category=make_category("Phones"))


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.django_db(transaction=True)
def test_every_change_is_another_version(one_product, change):
    before = catalogue_version()
    assert catalogue_version() == before
    change()
    after = catalogue_version()
    assert after != before
    assert catalogue_version() == after


def test_changes_within_a_transaction_are_told_apart(one_product):
    versions = [catalogue_version()]
    for amount in range(1, 4):
        reprice(amount)
        versions.append(catalogue_version())
    assert len(set(versions)) == 4


@pytest.mark.django_db(transaction=True)
def test_what_is_undone_is_no_change(one_product):
    before = catalogue_version()
    with transaction.atomic():
        reprice(Decimal(7))
        transaction.set_rollback(True)
    assert catalogue_version() == before
    with transaction.atomic():
        with transaction.atomic():
            reprice(Decimal(7))
            transaction.set_rollback(True)
        assert catalogue_version() == before
        reprice(Decimal(8))
    assert catalogue_version() != before


@pytest.mark.django_db(transaction=True)
def test_behaviour_is_no_change(one_product):
    before = catalogue_version()
    record_event("view", product=one_product, visitor=make_visitor())
    assert Event.objects.exists()
    assert catalogue_version() == before


@pytest.mark.django_db(transaction=True)
def test_a_long_import_makes_nobody_wait_and_counts_when_it_commits(one_product):
    changed, finish = Flag(), Flag()

    def change_slowly():
        with transaction.atomic():
            Product.objects.create(public_id="slow", title="Slow")
            changed.set()
            finish.wait(30)
        connections.close_all()

    before = catalogue_version()
    writer = Thread(target=change_slowly)
    writer.start()
    assert changed.wait(30)
    assert catalogue_version() == before  # not committed, not there
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '5s'")
    reprice(Decimal(7))
    between = catalogue_version()
    finish.set()
    writer.join(30)
    assert len({before, between, catalogue_version()}) == 3


@pytest.mark.django_db(transaction=True)
def test_many_writers_at_once_are_all_counted(one_product):
    def write(number):
        for step in range(5):
            Product.objects.create(public_id=f"p-{number}-{step}", title="One")
        return catalogue_version()

    versions = in_threads(6, write)
    assert not [one for one in versions if isinstance(one, Exception)]
    assert catalogue_version() == max(versions, key=int)
