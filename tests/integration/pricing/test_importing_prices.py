"""Past prices come from a file: all or nothing, once, and never over what was recorded here."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from pricing.models import PriceHistory
from tests.factories.catalogue import make_product

pytestmark = pytest.mark.django_db
START = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture
def variant():
    return make_product(sku="shoe-1", list_price=Decimal(20), cost=Decimal(8)).variants.get()


def line(week, price="15.00", **fields):
    begin = START + timedelta(days=7 * week)
    named = {"sku": "shoe-1", "price": price, "currency": "USD", "from": begin.isoformat(),
             "until": (begin + timedelta(days=7)).isoformat()}  # fmt: skip
    return named | fields


def run(tmp_path, *lines):
    path = tmp_path / "past.prices.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in lines))
    call_command("import_prices", str(path))


def imported():
    return PriceHistory.objects.filter(basis="imported").order_by("period")


def test_prices_of_the_past_stand_before_the_shops_own(variant, tmp_path, capsys):
    run(tmp_path, line(0), line(1, "18.50", list_price="20.00"))
    first, second = imported()
    assert (first.amount, first.sku, first.variant_id) == (15, "shoe-1", variant.pk)
    assert first.period.lower == START
    assert second.list_price == 20
    assert "2 prices stored" in capsys.readouterr().out
    assert variant.offer.amount == 20


def test_a_line_without_an_end_lasts_until_the_own_record_began(variant, tmp_path):
    run(tmp_path, line(0, until=None))
    own = PriceHistory.objects.in_force().get(variant=variant)
    assert imported().get().period.upper == own.period.lower


def test_the_same_file_again_changes_nothing(variant, tmp_path, capsys):
    run(tmp_path, line(0), line(1))
    run(tmp_path, line(0), line(1))
    assert imported().count() == 2
    assert "0 prices stored, 2 there already" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([line(0), {"sku": "x"}], "line 2: price: this is required"),
        ([line(0), [1]], "line 2: give a JSON object"),
        ([line(0, price="cheap")], "line 1: price: give an amount"),
        ([line(0, price="-1")], "line 1: price: give an amount"),
        ([line(0, **{"from": "2026-01-05"})], "line 1: from: give a time with a zone"),
        ([line(0, until=START.isoformat())], "line 1: until: it must be after from"),
        ([line(0, colour="red")], "line 1: colour: there is no such field"),
        ([line(0), line(1, sku="hat")], "line 2: sku: there is no such variant"),
        ([line(0), line(0, "16.00")], "line 2: from: the line overlaps"),
        (
            [line(0, until=(timezone.now() + timedelta(days=1)).isoformat())],
            "line 1: until: a recorded price must be over",
        ),
    ],
)
def test_one_wrong_line_is_named_and_nothing_is_stored(variant, tmp_path, lines, message):
    with pytest.raises(CommandError, match=message) as caught:
        run(tmp_path, *lines)
    assert "Nothing was stored" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not imported().exists()


def test_what_is_on_record_is_not_overwritten(variant, tmp_path):
    run(tmp_path, line(0))
    with pytest.raises(CommandError, match="line 1: from: another price is on record"):
        run(tmp_path, line(0, "16.00"))
    assert imported().get().amount == 15


def test_nothing_is_put_beside_the_own_record(variant, tmp_path):
    moment = PriceHistory.objects.get(variant=variant).period.lower + timedelta(microseconds=5)
    with pytest.raises(CommandError, match="by then this shop recorded prices itself"):
        run(tmp_path, line(0, until=moment.isoformat()))
