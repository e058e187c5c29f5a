"""The catalogue in the admin: every page opens, lists are cheap, prices can't be typed in."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from catalogue.models import Category, Offer, Product
from tests.factories.catalogue import make_product

pytestmark = pytest.mark.django_db

MODELS = ("category", "brand", "product", "variant", "offer")


@pytest.fixture
def operator(settings):
    settings.SECURE_SSL_REDIRECT = False
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("operator"))
    return client


def make_shop(count=1, start=0):
    for number in range(start, start + count):
        make_product(f"p{number}", brand=f"Brand {number}", category=("Root", f"Shelf {number}"))


@pytest.mark.parametrize("model", MODELS)
def test_a_list_takes_as_many_queries_for_many_rows_as_for_few(
    model, operator, django_assert_max_num_queries
):
    make_shop(15)
    with django_assert_max_num_queries(7):  # session, user, count, rows, and what filters show
        answer = operator.get(f"/admin/catalogue/{model}/")
    assert answer.status_code == 200
    assert operator.get(f"/admin/catalogue/{model}/?q=p1").status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_each_row_has_a_page(model, operator):
    make_shop()
    pk = {"offer": Offer.objects.get().pk}.get(model)
    if pk is None:
        pk = Product._meta.apps.get_model("catalogue", model).objects.latest("pk").pk
    assert operator.get(f"/admin/catalogue/{model}/{pk}/change/").status_code == 200


@pytest.mark.parametrize(("choice", "found"), [("in", 1), ("out", 1), ("none", 1)])
def test_products_are_filtered_by_stock(choice, found, operator):
    make_product()
    make_product(stock=0)
    make_product(variants=[])
    answer = operator.get("/admin/catalogue/product/", {"stock": choice})
    assert answer.context["cl"].result_count == found


def test_actions_announce_what_they_change(operator, announced):
    make_shop(3)
    Product.objects.filter(public_id="p0").update(published=False)
    keys = dict(Product.objects.values_list("public_id", "pk"))
    with announced() as signals:
        operator.post(
            "/admin/catalogue/product/",
            {"action": "unpublish", "_selected_action": list(keys.values())},
        )
    assert signals == [{keys["p1"], keys["p2"]}]
    assert not Product.objects.filter(published=True).exists()


def test_a_category_is_renamed_with_its_subtree(operator, announced):
    make_shop()
    root = Category.objects.get(slug="root")
    with announced() as signals:
        operator.post(f"/admin/catalogue/category/{root.pk}/change/", {"name": "Top", "parent": ""})
    assert Product.objects.get().category.slug == "top/shelf-0"
    assert signals == [{Product.objects.get().pk}]


def test_a_name_that_is_taken_is_a_form_error(operator):
    make_shop()
    answer = operator.post("/admin/catalogue/category/add/", {"name": "Root", "parent": ""})
    assert "already has a category" in answer.content.decode()


def test_a_product_is_made_with_a_variant_that_has_its_price(operator):
    form = {
        "public_id": "new", "title": "New", "popularity": "0", "published": "on",
        "attributes": '{"colour": "red"}', "created_at_0": "2025-01-01", "created_at_1": "12:00",
        "variants-TOTAL_FORMS": "1", "variants-INITIAL_FORMS": "0", "variants-0-sku": "new-1",
        "variants-0-attributes": "{}", "variants-0-list_price": "12.50",
        "variants-0-currency": "USD", "variants-0-position": "0",
    }  # fmt: skip
    answer = operator.post("/admin/catalogue/product/add/", form | {"public_id": "a/b"})
    assert "none of them" in answer.content.decode()
    answer = operator.post("/admin/catalogue/product/add/", form | {"attributes": '{"a": {}}'})
    assert "list of these" in answer.content.decode()
    assert operator.post("/admin/catalogue/product/add/", form).status_code == 302
    assert str(Product.objects.get().variants.get().offer) == "12.50 USD"


def test_a_price_in_force_can_not_be_typed_in(operator):
    make_shop()
    page = f"/admin/catalogue/offer/{Offer.objects.get().pk}"
    assert operator.post(f"{page}/change/", {"amount": "1"}).status_code == 403
    assert operator.post(f"{page}/delete/", {"post": "yes"}).status_code == 403
    assert operator.get("/admin/catalogue/offer/add/").status_code == 403


def test_a_product_is_unpublished_not_deleted(operator):
    make_shop()
    page = f"/admin/catalogue/product/{Product.objects.get().pk}/delete/"
    assert operator.post(page, {"post": "yes"}).status_code == 403
    assert b"delete_selected" not in operator.get("/admin/catalogue/product/").content
    assert Product.objects.exists()
