"""Placements in the admin: changed, checked, switched off; standard ones stay."""

import pytest

from recommendations.models import Placement

pytestmark = pytest.mark.django_db
LIST = "/admin/recommendations/placement/"


def form(placement, **fields):
    return {
        "name": placement.name, "description": placement.description, "enabled": "on",
        "anchor": placement.anchor, "sources": ",".join(placement.sources),
        "limit": placement.limit, "excludes_bought": "on",
    } | fields  # fmt: skip


def test_a_migrated_database_has_the_standard_placements(admin_client):
    page = admin_client.get(LIST).content.decode()
    for name in ("home", "bought-together", "for-category"):
        assert f">{name}<" in page
    assert Placement.objects.filter(is_standard=True).count() == 8


def test_a_change_is_saved(admin_client):
    home = Placement.objects.get(name="home")
    answer = admin_client.post(
        f"{LIST}{home.pk}/change/", form(home, sources="trending,popular", max_per_brand=2)
    )
    assert answer.status_code == 302
    home.refresh_from_db()
    assert (home.sources, home.max_per_brand) == (["trending", "popular"], 2)
    assert home.name == "home"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"sources": "product_similar"}, "needs the anchor"),
        ({"sources": "popular,popular"}, "each source once"),
        ({"sources": "magic"}, "magic is not one of"),
        ({"limit": 51}, "less than or equal to 50"),
        ({"price_min": 9, "price_max": 1}, "at least price_min"),
        ({"max_per_brand": 0}, "greater than or equal to 1"),
    ],
)
def test_what_cannot_be_is_refused(admin_client, fields, message):
    home = Placement.objects.get(name="home")
    answer = admin_client.post(f"{LIST}{home.pk}/change/", form(home, **fields))
    assert answer.status_code == 200
    assert message in answer.content.decode()


def test_standard_placements_cannot_be_deleted_and_own_ones_can(admin_client):
    home = Placement.objects.get(name="home")
    assert admin_client.post(f"{LIST}{home.pk}/delete/", {"post": "yes"}).status_code == 403
    own = Placement.objects.create(name="checkout", sources=["popular"])
    assert admin_client.post(f"{LIST}{own.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Placement.objects.filter(pk=own.pk).exists()
