"""The sample shop's event log: one row for each thing that a shopper did, ordered by time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from demo.algorithms.choices import Choices
from demo.algorithms.market import Market
from demo.algorithms.shoppers import format_uuid

TYPES = ("search", "view", "add_to_cart", "remove_from_cart", "purchase", "return")
SEARCH, VIEW, CART, REMOVE, PURCHASE, RETURN = range(len(TYPES))
SEARCHES = 0.5  # share of the sessions that begin with a search
WITH_VARIANT = (CART, REMOVE, PURCHASE, RETURN)
WITH_ORDER = (PURCHASE, RETURN)


@dataclass(frozen=True)
class EventTable:
    """What happened, (events,) each.

    `type` is a position in TYPES, `choice` the row of `Choices` that it belongs to, `time` in
    milliseconds; `entropy` holds 16 random bytes for each id.
    """

    type: NDArray[np.int64]
    choice: NDArray[np.int64]
    time: NDArray[np.int64]
    entropy: bytes


def draw_events(choices: Choices, rng: np.random.Generator) -> EventTable:
    """Every event, ordered by time."""
    rows = np.arange(len(choices.time))
    begins = np.unique(choices.session, return_index=True)[1]
    searched = begins[rng.random(len(begins)) < SEARCHES]
    bought = choices.quantity > 0
    cart_time = choices.time + 8_000
    parts = [
        (SEARCH, searched, choices.time[searched] - 9_000),
        (VIEW, rows, choices.time),
        (CART, rows[choices.carted], cart_time[choices.carted]),
        (REMOVE, rows[choices.removed], cart_time[choices.removed] + 30_000),
        (PURCHASE, rows[bought], _checkout_times(choices)[bought]),
        (RETURN, rows[choices.returned_at > 0], choices.returned_at[choices.returned_at > 0]),
    ]
    type_ = np.concatenate([np.full(len(which), kind) for kind, which, _ in parts])
    choice = np.concatenate([which for _, which, _ in parts])
    time = np.concatenate([when for _, _, when in parts])
    order = np.lexsort((type_, choice, time))
    return EventTable(type_[order], choice[order], time[order], rng.bytes(16 * len(order)))


def _checkout_times(choices: Choices) -> NDArray[np.int64]:
    """When the order of each row's session was placed: a minute after its last view."""
    last = np.zeros(int(choices.session.max(initial=0)) + 1, dtype=np.int64)
    np.maximum.at(last, choices.session, choices.time)
    return last[choices.session] + 60_000


def event_lines(
    market: Market, choices: Choices, table: EventTable, currency: str
) -> Iterator[dict[str, Any]]:
    """The events as import lines."""
    stamps = np.datetime_as_string(table.time.astype("datetime64[ms]"), unit="ms").tolist()
    facts = list(_facts(market, choices, currency))
    rows = zip(table.type.tolist(), table.choice.tolist(), table.time.tolist(), stamps, strict=True)
    for position, (kind, row, time, stamp) in enumerate(rows):
        fact, entropy = facts[row], table.entropy[16 * position : 16 * position + 16]
        line = {
            "event_id": _event_id(time, entropy),
            "type": TYPES[kind],
            "occurred_at": f"{stamp}Z",
        } | fact.who
        if kind == SEARCH:
            line["query"] = fact.queries[entropy[0] % len(fact.queries)]
        else:
            line |= fact.shown
        if kind in WITH_VARIANT:
            line |= fact.cart
        if kind in WITH_ORDER:
            line |= fact.order
        yield line


@dataclass(frozen=True, slots=True)
class _Fact:
    """What the events of one view share, as parts of a line."""

    who: dict[str, Any]
    shown: dict[str, Any]
    cart: dict[str, Any]
    order: dict[str, Any]
    queries: tuple[str, ...]


def _facts(market: Market, choices: Choices, currency: str) -> Iterator[_Fact]:
    shoppers = market.shoppers
    for shopper, session, number, chosen, ratio, quantity in zip(
        choices.shopper.tolist(), choices.session.tolist(), choices.product.tolist(),
        choices.variant.tolist(), choices.ratio.tolist(), choices.quantity.tolist(), strict=True,
    ):  # fmt: skip
        product = market.catalogue.products[number]
        variant = product.variants[chosen]
        kind = "customer_id" if shopper < shoppers.customers else "visitor_id"
        price = format_cents(round(variant.list_price * ratio))
        yield _Fact(
            who={kind: shoppers.ids[shopper], "session_id": f"s-{session:06d}"},
            shown={"product_id": product.id, "unit_price": price, "currency": currency},
            cart={"sku": variant.sku, "quantity": max(1, quantity)},
            order={"order_id": f"o-{session:06d}"},
            queries=product.queries,
        )


def product_lines(market: Market, currency: str) -> Iterator[dict[str, Any]]:
    """The products as import lines; popularity is a merchant's coarse view of the true one."""
    popularity = np.round(100 * np.exp(market.latents.log_popularity)).astype(int).tolist()
    for item, popular in zip(market.catalogue.products, popularity, strict=True):
        created = np.datetime_as_string(np.datetime64(item.created_at, "ms"), unit="s")
        yield {
            "id": item.id,
            "title": item.title,
            "description": item.description,
            "brand": item.brand.name,
            "category_path": list(item.category_path),
            "image_url": None,
            "popularity": popular,
            "published": item.published,
            "created_at": f"{created}Z",
            "attributes": item.attributes,
            "variants": [
                {
                    "sku": variant.sku,
                    "list_price": format_cents(variant.list_price),
                    "currency": currency,
                    "cost": None if variant.cost is None else format_cents(variant.cost),
                    "stock": variant.stock,
                    "attributes": variant.attributes,
                }
                for variant in item.variants
            ],
        }


def format_cents(cents: int) -> str:
    """1999 as "19.99"."""
    return f"{cents // 100}.{cents % 100:02d}"


def _event_id(time: int, entropy: bytes) -> str:
    """A UUIDv7 of this time in milliseconds."""
    return format_uuid(time.to_bytes(6) + entropy[6:], version=7)
