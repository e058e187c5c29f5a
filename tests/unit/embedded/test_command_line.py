"""Which commands get services."""

import pytest

from manage import needs_services


@pytest.mark.parametrize(
    "words",
    ["migrate", "runserver 8000", "shell", "check --database default", "import_products x.gz"],
)
def test_commands_that_use_the_database_get_services(monkeypatch, words):
    monkeypatch.delenv("DATABASE_URL")
    assert needs_services(words.split())


@pytest.mark.parametrize(
    "words",
    [
        "",
        "help",
        "help migrate",
        "--version",
        "migrate --help",
        "migrate -h",
        "check",
        "check --deploy",
        "makemigrations --check",
        "services start",
        "spectacular --file openapi.yaml",
    ],
)
def test_commands_that_do_not_start_nothing(monkeypatch, words):
    monkeypatch.delenv("DATABASE_URL")
    assert not needs_services(words.split())


def test_with_a_database_of_its_own_nothing_is_embedded(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://db/storefront")
    assert not needs_services(["migrate"])
