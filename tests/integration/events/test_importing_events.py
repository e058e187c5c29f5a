"""import_events FILE: stored once; whatever is wrong is one clear line."""

import gzip
import io
import os
from pathlib import Path

import orjson
import pytest
from django.core.management import CommandError, call_command

from catalogue.models import Product
from customers.models import Customer
from events.models import Event, EventKey, RefreshRequest, RejectedEvent
from events.services import importing
from tests.factories.catalogue import make_product
from tests.factories.events import event

pytestmark = pytest.mark.django_db
SHARED = Path(
    os.environ.get("STOREFRONT_SHARED_DATA", Path(__file__).parents[3].parent / "shared/data")
)


@pytest.fixture
def lines(tmp_path):
    """A writer of a file of lines, which are events or bytes."""

    def write(*events, name="events.jsonl"):
        path = tmp_path / name
        data = b"".join(
            (one if isinstance(one, bytes) else orjson.dumps(one)) + b"\n" for one in events
        )
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return str(path)

    return write


def run(path, *options):
    out, err = io.StringIO(), io.StringIO()
    call_command("import_events", path, *options, stdout=out, stderr=err)
    return out.getvalue().strip(), err.getvalue()


def failure(path, *options):
    with pytest.raises(CommandError) as error:
        run(path, *options)
    assert "\n" not in str(error.value)
    return str(error.value)


def bought(**fields):
    return event(**{"type": "purchase", "customer_id": "c-1"} | fields)


@pytest.mark.parametrize("name", ["events.jsonl", "events.jsonl.gz"])
def test_the_same_file_twice_changes_nothing(lines, name):
    product = make_product()
    events = [bought(product_id=product.public_id) for _ in range(3)] + [bought(product_id="?")]
    path = lines(*events, b"", name=name)
    first, _ = run(path)
    assert first == "3 events stored, 0 there already, 1 rejected (unknown_product 1)"
    second, _ = run(path)
    assert second == "0 events stored, 3 there already, 1 rejected (unknown_product 1)"
    assert (Event.objects.count(), RejectedEvent.objects.count()) == (3, 1)
    assert Customer.objects.get().public_id == "c-1"


def test_nobody_becomes_due(lines):
    run(lines(bought(product_id=make_product().public_id)))
    assert not RefreshRequest.objects.exists()


def test_a_wrong_line_stops_the_import_and_is_named(lines, monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 2)
    product = make_product().public_id
    good = [bought(product_id=product) for _ in range(4)]
    path = lines(*good[:3], bought(product_id=product, quantity=0), good[3])
    message = failure(path)
    assert "line 4, /quantity: Give a whole number from 1" in message
    assert "The 3 events before it are in" in message
    assert (Event.objects.count(), RejectedEvent.objects.count()) == (3, 0)


def test_wrong_lines_are_kept_and_passed_over(lines):
    product = make_product().public_id
    path = lines(b"{", bought(product_id=product), b"\xff", bought(product_id=product, type="x"))
    for stored in (1, 0):
        out, err = run(path, "--on-error", "skip")
        assert out.startswith(f"{stored} events stored")
        assert "3 rejected (not_json 2, unknown_type 1)" in out
        assert "rejected line 1: This is not JSON" in err
        assert "rejected line 4, /type: Give one of" in err
    assert RejectedEvent.objects.count() == 3


def test_lines_without_anybody(lines):
    assert "line 1: Nobody is named" in failure(lines(event(product_id="p")))


def test_a_file_cut_short(lines, tmp_path):
    product = make_product().public_id
    whole = Path(lines(*[bought(product_id=product) for _ in range(500)], name="whole.jsonl.gz"))
    cut = tmp_path / "cut.jsonl.gz"
    cut.write_bytes(whole.read_bytes()[:-200])
    assert "cut short" in failure(str(cut))
    # Importing the whole file adds the rest.
    run(str(whole))
    assert Event.objects.count() == EventKey.objects.count() == 500


def test_files_that_can_not_be_read(lines, tmp_path):
    assert "no such file" in failure(str(tmp_path / "missing.jsonl"))
    assert "is a folder" in failure(str(tmp_path))
    assert "empty" in failure(lines())
    assert "line 1: This is not JSON" in failure(lines(bytes(range(11, 256))))
    plain = tmp_path / "plain.jsonl.gz"
    plain.write_bytes(b'{"event_id": "e"}\n')
    assert "not a gzip file" in failure(str(plain))


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data folder is absent")
def test_the_retail_events():
    with gzip.open(SHARED / "online-retail.products.jsonl.gz") as file:
        names = [orjson.loads(line)["id"] for line in file]
    Product.objects.bulk_create([Product(public_id=name, title=name) for name in names])
    out, _ = run(str(SHARED / "online-retail.events.jsonl.gz"))
    assert out == "271,494 events stored, 0 there already, 19 rejected (unknown_product 19)"
    assert Event.objects.count() == EventKey.objects.count() == 271_494
    assert set(RejectedEvent.objects.values_list("code", flat=True)) == {"unknown_product"}
