"""A trained shop, a client that asks for recommendations, and nothing remembered."""

import pytest

from tests.fixtures.shops import nothing_remembered, run, shop

__all__ = ["ask", "ask_page", "client", "nothing_remembered", "run", "shop"]


@pytest.fixture
def client(db):
    from rest_framework.test import APIClient  # noqa: PLC0415 - Django must be set up

    from tests.factories.events import bearer  # noqa: PLC0415

    client = APIClient()
    client.defaults["HTTP_AUTHORIZATION"] = bearer()["Authorization"]
    return client


@pytest.fixture
def ask(client):
    def ask(placement="home", headers=None, status=200, **parameters):
        response = client.get(f"/v1/recommendations/{placement}", parameters, headers=headers or {})
        assert response.status_code == status, response.content
        return response.json()

    return ask


@pytest.fixture
def ask_page(client):
    def ask_page(*placements, headers=None, status=200, **parameters):
        parameters = {"placements": ",".join(placements)} | parameters
        response = client.get("/v1/recommendations", parameters, headers=headers or {})
        assert response.status_code == status, response.content
        return response.json()

    return ask_page
