"""Production refuses a default secret, debug, an open host list, and numbers that make no sense."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SAFE = {
    "STOREFRONT_ENV": "production",
    "SECRET_KEY": "k7" * 40,
    "ALLOWED_HOSTS": "shop.example",
    "DATABASE_URL": "postgresql://storefront@localhost/storefront",
}


def load_settings(tmp_path, **changes):
    environment = {"PATH": os.environ["PATH"], "STOREFRONT_HOME": str(tmp_path), **SAFE, **changes}
    return subprocess.run(
        [sys.executable, "-c", "import api.settings"],
        cwd=ROOT,
        env={name: value for name, value in environment.items() if value is not None},
        capture_output=True,
        text=True,
        check=False,
    )


def test_safe_settings_start(tmp_path):
    assert load_settings(tmp_path).returncode == 0
    zeros = {"RECOMMENDATIONS_HALF_LIFE_DAYS": "0", "RECOMMENDATIONS_THREADS": "0"}
    assert load_settings(tmp_path, **zeros).returncode == 0


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"SECRET_KEY": None}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"SECRET_KEY": "django-insecure-" + "x" * 60}, "SECRET_KEY"),
        ({"CUSTOMER_TOKEN_SECRET": "short"}, "CUSTOMER_TOKEN_SECRET"),
        ({"DEBUG": "true"}, "DEBUG"),
        ({"ALLOWED_HOSTS": None}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": "shop.example,*"}, "ALLOWED_HOSTS"),
        ({"DATABASE_URL": None}, "DATABASE_URL"),
        ({"STOREFRONT_ENV": "prod"}, "STOREFRONT_ENV"),
        ({"RECOMMENDATIONS_HALF_LIFE_DAYS": "-5"}, "RECOMMENDATIONS_HALF_LIFE_DAYS"),
        ({"RECOMMENDATIONS_THREADS": "-1"}, "RECOMMENDATIONS_THREADS"),
        ({"RECOMMENDATIONS_WINDOW_DAYS": "-1"}, "RECOMMENDATIONS_WINDOW_DAYS"),
        ({"RECOMMENDATIONS_RUNS_KEPT": "-1"}, "RECOMMENDATIONS_RUNS_KEPT"),
    ],
)
def test_unsafe_settings_refuse_and_name_the_reason(tmp_path, changes, named):
    refused = load_settings(tmp_path, **changes)
    assert refused.returncode != 0
    assert named in refused.stderr.splitlines()[-1]


def test_a_database_alone_means_production(tmp_path):
    refused = load_settings(tmp_path, STOREFRONT_ENV=None, SECRET_KEY=None)
    assert "SECRET_KEY" in refused.stderr


def test_development_secrets_are_random_and_kept(tmp_path):
    development = {"STOREFRONT_ENV": None, "DATABASE_URL": None, "SECRET_KEY": None}
    load_settings(tmp_path, **development)
    secret = tmp_path / "secrets" / "secret_key"
    first = secret.read_text()
    load_settings(tmp_path, **development)
    assert len(first) >= 50
    assert secret.read_text() == first
    assert secret.stat().st_mode & 0o077 == 0
