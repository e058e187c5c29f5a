"""The sample shop's past prices: those that events carry, without gaps, up to list price now."""

from itertools import pairwise

import numpy as np

from demo.algorithms.past_prices import price_lines


def milliseconds(stamp):
    return int(np.datetime64(stamp.removesuffix("Z"), "ms").astype(np.int64))


def test_every_event_carries_the_price_that_is_on_record(shop):
    market, choices = shop.market, shop.choices
    by_sku = {}
    for line in price_lines(market, "USD"):
        by_sku.setdefault(line["sku"], []).append(line)
    for row in range(0, len(choices.time), 997):
        product = market.catalogue.products[choices.product[row]]
        variant = product.variants[choices.variant[row]]
        time = int(choices.time[row])
        (found,) = (
            line for line in by_sku[variant.sku]
            if milliseconds(line["from"]) <= time
            and (line["until"] is None or time < milliseconds(line["until"]))
        )  # fmt: skip
        assert found["price"] == f"{round(variant.list_price * choices.ratio[row]) / 100:.2f}"


def test_periods_follow_each_other_and_the_last_is_open_at_list_price(shop):
    by_sku = {}
    for line in price_lines(shop.market, "USD"):
        by_sku.setdefault(line["sku"], []).append(line)
    for lines in by_sku.values():
        for before, after in pairwise(lines):
            assert before["until"] == after["from"]
            assert before["price"] != after["price"]
        assert lines[-1]["until"] is None
        assert lines[-1]["price"] == lines[-1]["list_price"]
