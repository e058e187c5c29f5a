"""The embedded database holds one shop; another one waits beside it. In processes of their own,
since the tests' database must not be renamed under them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PRELUDE = """
import json, sys, django
django.setup()
from catalogue.models import Product
from demo.services.databases import has_products, make_room, read_mark, write_mark
"""


@pytest.fixture
def run(private_environment):
    """Run lines of Python against the embedded services, as the demo does; what they print."""
    environment = {k: v for k, v in private_environment.items() if k != "DATABASE_URL"}

    def run(lines: str):
        output = subprocess.run(
            [sys.executable, "-c", PRELUDE + lines],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert output.returncode == 0, output.stderr
        return json.loads(output.stdout)

    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT, env=environment, check=True, timeout=120,
    )  # fmt: skip
    return run


def test_shops_take_turns_and_lose_nothing(run):
    add = "Product.objects.create(public_id='p1', title='One'); write_mark('a', {'f': 'x'})\n"
    assert run("print(json.dumps([has_products(), read_mark(), make_room('a')]))") == [
        False, {}, None,
    ]  # fmt: skip
    assert run(add + "print(json.dumps(read_mark()))") == {"source": "a", "digests": {"f": "x"}}
    # The same shop stays; another finds an empty database.
    assert run("print(json.dumps(make_room('a')))") is None
    aside = run("print(json.dumps(make_room('b')))")
    assert aside.startswith("storefront_")
    assert run("print(json.dumps([has_products(), read_mark()]))") == [False, {}]
    # An empty one is simply used, and what was put aside comes back where it is asked for.
    run(
        "from django.core.management import call_command; call_command('migrate', verbosity=0);"
        "Product.objects.create(public_id='p2', title='Two'); write_mark('b', {});"
        "print(json.dumps(make_room('a')))"
    )
    titles = "print(json.dumps(list(Product.objects.values_list('title', flat=True))))"
    assert run(titles) == ["One"]
    run("print(json.dumps(make_room('b')))")
    assert run(titles) == ["Two"]


def test_a_shop_that_is_not_the_demos_is_put_aside_too(run):
    run("Product.objects.create(public_id='mine', title='Mine'); print(1)")
    assert run("print(json.dumps(make_room('a')))") is not None
    assert run("print(json.dumps(has_products()))") is False
