"""What a product is, as its title and its category say."""

import pytest

from search.models import ProductDocument
from search.services.indexing import index_products
from tests.factories.catalogue import make_product

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("title", "kinds"),
    [
        ("Acme - Phone case for Bolt phones - Black", ["case"]),
        ("Acme - Bolt 5 Flip phone (Unlocked) - Red", ["phone"]),
        ("Top-Up Prepaid Card", ["card"]),
        ("Case and band for watches", ["band", "case"]),
        ("Lens/Clip", ["clip", "len"]),
        ("Memory card 16GB", ["card"]),
        ("Bolt - Bolt® 7", ["bolt"]),
        ("Women's T-Shirt", ["shirt"]),
        ("4-in-1 lens kit", ["kit"]),
        ("7 - 42", None),
    ],
)
def test_what_a_title_names(title, kinds):
    make_product(title=title, brand="Acme")
    index_products()
    assert ProductDocument.objects.get().kinds == kinds


def test_the_category_says_it_too():
    make_product(title="Acme - Galaxy", brand="Acme", category=("Phones", "Cell phones with plans"))
    index_products()
    assert ProductDocument.objects.get().kinds == ["galaxi", "phone"]


def test_what_changed_is_told_anew():
    product = make_product(title="Red mug")
    index_products()
    product.title = "Red pan"
    product.save()
    index_products([product.pk])
    assert ProductDocument.objects.get().kinds == ["pan"]
