import gzip
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from catalogue.algorithms.lines import parse_line
from demo.algorithms.shop import ShopSize
from demo.services.sample import EVENTS_FILE, PRICES_FILE, PRODUCTS_FILE, write_sample_shop
from events.algorithms.lines import Clock, EventLine, Sender, read_event

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
SMALL = ShopSize(products=120, shoppers=60, days=30)


def write(folder, size=SMALL, now=NOW):
    write_sample_shop(folder, size, now=now, currency="USD")
    return folder


def read(path):
    with gzip.open(path) as lines:
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write(tmp_path_factory.mktemp("shop"))


def test_the_same_seed_gives_the_same_bytes(folder, tmp_path):
    again = write(tmp_path)
    names = sorted(path.name for path in folder.iterdir())
    assert names == sorted([PRODUCTS_FILE, PRICES_FILE, EVENTS_FILE, "truth.npz", "truth.json"])
    assert all((folder / name).read_bytes() == (again / name).read_bytes() for name in names)


def test_another_seed_gives_another_shop(folder, tmp_path):
    other = write(tmp_path, ShopSize(products=120, shoppers=60, days=30, seed=8))
    assert (folder / PRODUCTS_FILE).read_bytes() != (other / PRODUCTS_FILE).read_bytes()


def test_every_product_line_is_what_the_import_takes(folder):
    raw = gzip.decompress((folder / PRODUCTS_FILE).read_bytes()).splitlines()
    lines = [parse_line(number, line) for number, line in enumerate(raw, 1)]
    assert len({line.id for line in lines}) == 120
    skus = [variant.sku for line in lines for variant in line.variants]
    assert len(set(skus)) == len(skus)


def test_every_event_line_is_what_the_import_takes(folder):
    events = read(folder / EVENTS_FILE)
    parsed = [read_event(event, Sender(is_trusted=True), Clock(NOW)) for event in events]
    assert all(isinstance(event, EventLine) for event in parsed)
    assert len({event["event_id"] for event in events}) == len(events)


def test_events_name_what_is_there(folder):
    products = {line["id"]: line for line in read(folder / PRODUCTS_FILE)}
    for event in read(folder / EVENTS_FILE):
        if event["type"] == "search":
            assert event["query"]
            assert "product_id" not in event
            continue
        product = products[event["product_id"]]
        assert product["created_at"] <= event["occurred_at"]
        skus = {variant["sku"] for variant in product["variants"]}
        assert event.get("sku", next(iter(skus))) in skus


def test_events_end_now_and_are_in_order(folder):
    times = [event["occurred_at"] for event in read(folder / EVENTS_FILE)]
    assert times == sorted(times)
    first, last = datetime.fromisoformat(times[0]), datetime.fromisoformat(times[-1])
    assert NOW - timedelta(hours=12) < last <= NOW
    assert NOW - timedelta(days=30, hours=1) < first < NOW - timedelta(days=29)


def test_purchases_and_returns_belong_together(folder):
    events = read(folder / EVENTS_FILE)
    bought = {
        (event["order_id"], event["sku"]): event for event in events if event["type"] == "purchase"
    }
    returned = [event for event in events if event["type"] == "return"]
    assert bought
    for event in returned:
        purchase = bought[event["order_id"], event["sku"]]
        assert purchase["occurred_at"] < event["occurred_at"]
        assert purchase["unit_price"] == event["unit_price"]
        assert purchase["quantity"] == event["quantity"]


def test_the_truth_is_told_beside_the_files(folder):
    ids = json.loads((folder / "truth.json").read_text())
    with np.load(folder / "truth.npz") as truth:
        assert truth["product_vectors"].shape[0] == len(ids["products"]) == 120
        assert truth["shopper_tastes"].shape[0] == len(ids["customers"] + ids["visitors"])
        assert truth["price_ratio"].shape == (5, 120)
        assert (truth["price_ratio"][0] == 1).all()
        assert (truth["elasticity"] < 0).all()


def test_past_prices_are_those_of_the_events(folder):
    ids = json.loads((folder / "truth.json").read_text())
    position = {identity: i for i, identity in enumerate(ids["products"])}
    prices = {
        variant["sku"]: Decimal(variant["list_price"])
        for line in read(folder / PRODUCTS_FILE)
        for variant in line["variants"]
    }
    with np.load(folder / "truth.npz") as truth:
        ratios, starts = truth["price_ratio"], truth["week_start"]
    for event in read(folder / EVENTS_FILE):
        if event["type"] == "add_to_cart":
            seen = datetime.fromisoformat(event["occurred_at"]) - timedelta(seconds=8)
            week = int(np.argmax(starts <= seen.timestamp() * 1000))
            if starts[-1] > seen.timestamp() * 1000:
                week = len(starts) - 1
            paid = float(Decimal(event["unit_price"]) / prices[event["sku"]])
            assert paid == pytest.approx(ratios[week, position[event["product_id"]]], abs=0.01)
