"""The wire shape of prices in force, of their history, and of quotes."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson
from rest_framework import serializers

from api.rest.money import MoneySerializer, render_money
from api.rest.serializers import StrictSerializer
from catalogue.serializers import DISCOUNT, PRIOR_PRICE
from pricing.models import Basis, PriceHistory
from pricing.selectors.prices import KEPT_PRICES, PriceCard
from pricing.services.quotes import MAX_TOKEN, MOST_LINES, Quote


class VariantPriceSerializer(serializers.Serializer[Any]):
    """What a variant costs."""

    sku = serializers.CharField()
    price = MoneySerializer()
    list_price = MoneySerializer()
    prior_price = MoneySerializer(allow_null=True, help_text=PRIOR_PRICE)
    discount = serializers.IntegerField(allow_null=True, help_text=DISCOUNT)
    price_version = serializers.IntegerField(help_text="Grows with each change of the price.")
    in_stock = serializers.BooleanField()


class ProductPriceSerializer(serializers.Serializer[Any]):
    """What a product costs: the price of its cheapest variant that can be bought."""

    product_id = serializers.CharField()
    price = MoneySerializer()
    list_price = MoneySerializer()
    prior_price = MoneySerializer(allow_null=True, help_text=PRIOR_PRICE)
    discount = serializers.IntegerField(allow_null=True, help_text=DISCOUNT)
    in_stock = serializers.BooleanField()
    variants = VariantPriceSerializer(many=True)


class PricesSerializer(serializers.Serializer[Any]):
    """Prices, in the order that was asked for."""

    request_id = serializers.CharField()
    results = ProductPriceSerializer(many=True)
    unknown = serializers.ListField(
        child=serializers.CharField(), help_text="Products that are not sold."
    )


def render_price(card: PriceCard) -> dict[str, Any]:
    """The wire form of a variant's price."""
    prior = card.prior_price
    return {
        "sku": card.sku,
        "price": render_money(card.amount, card.currency),
        "list_price": render_money(card.list_price, card.currency),
        "prior_price": None if prior is None else render_money(prior, card.currency),
        "discount": card.discount,
        "price_version": card.price_version,
        "in_stock": card.in_stock,
    }


def render_prices(prices: Mapping[str, tuple[PriceCard, ...]]) -> list[orjson.Fragment]:
    """The wire form of products' prices."""
    return [_render_product_prices(cards) for cards in prices.values()]


@lru_cache(KEPT_PRICES)
def _render_product_prices(cards: tuple[PriceCard, ...]) -> orjson.Fragment:
    """Of one product, as JSON, made once for each set of cards; the first one's is shown."""
    variants = [render_price(card) for card in cards]
    shown = variants[0]
    return orjson.Fragment(
        orjson.dumps(
            {
                "product_id": cards[0].product_id,
                "price": shown["price"],
                "list_price": shown["list_price"],
                "prior_price": shown["prior_price"],
                "discount": shown["discount"],
                "in_stock": shown["in_stock"],
                "variants": variants,
            }
        )
    )


class WhySerializer(serializers.Serializer[Any]):
    """Why a price was what it was."""

    basis = serializers.ChoiceField(Basis.choices)
    cause = serializers.CharField()
    reason = serializers.CharField()
    rule = serializers.CharField(allow_null=True, help_text="Name and version.")
    cost = MoneySerializer(allow_null=True)
    floor = MoneySerializer(allow_null=True)
    decided_by = serializers.CharField()
    approved_by = serializers.CharField()
    inputs = serializers.DictField()
    clamps = serializers.ListField(child=serializers.DictField())


class PastPriceSerializer(serializers.Serializer[Any]):
    """A price and when it was in force."""

    sku = serializers.CharField()
    begins = serializers.DateTimeField()
    ends = serializers.DateTimeField(allow_null=True, help_text="Null: in force.")
    price = MoneySerializer()
    list_price = MoneySerializer()
    prior_price = MoneySerializer(allow_null=True, help_text=PRIOR_PRICE)
    discount = serializers.IntegerField(allow_null=True, help_text=DISCOUNT)
    why = WhySerializer(required=False, help_text="With a secret key of the scope prices:read.")


def render_past_price(row: PriceHistory, *, why: bool) -> dict[str, Any]:
    """The wire form of a row of the history."""
    prior = row.prior_price
    shown = {
        "sku": row.sku,
        "begins": row.period.lower,
        "ends": row.period.upper,
        "price": render_money(row.amount, row.currency),
        "list_price": render_money(row.list_price, row.currency),
        "prior_price": None if prior is None else render_money(prior, row.currency),
        "discount": row.discount,
    }
    return shown | {"why": _why(row)} if why else shown


def _why(row: PriceHistory) -> dict[str, Any]:
    return {
        "basis": row.basis,
        "cause": row.cause,
        "reason": row.reason,
        "rule": str(row.rule) if row.rule else None,
        "cost": None if row.cost is None else render_money(row.cost, row.currency),
        "floor": None if row.floor is None else render_money(row.floor, row.currency),
        "decided_by": row.decided_by,
        "approved_by": row.approved_by,
        "inputs": row.proposal.inputs if row.proposal else {},
        "clamps": row.proposal.clamps if row.proposal else [],
    }


class QuotedItemSerializer(StrictSerializer[Any]):
    """What is to be quoted."""

    sku = serializers.CharField(max_length=128)
    quantity = serializers.IntegerField(min_value=1, max_value=1_000_000, default=1)


class QuoteRequestSerializer(StrictSerializer[Any]):
    """What is to be quoted, each sku once."""

    lines = serializers.ListField(child=QuotedItemSerializer(), min_length=1, max_length=MOST_LINES)


class RedeemRequestSerializer(StrictSerializer[Any]):
    """A quote as it was given out."""

    quote = serializers.CharField(max_length=MAX_TOKEN)


class QuoteLineSerializer(serializers.Serializer[Any]):
    """The price of one, and how many."""

    sku = serializers.CharField()
    quantity = serializers.IntegerField()
    price = MoneySerializer()
    price_version = serializers.IntegerField()


class QuoteSerializer(serializers.Serializer[Any]):
    """Prices that hold for a while."""

    quote = serializers.CharField()
    expires_at = serializers.DateTimeField()
    lines = QuoteLineSerializer(many=True)


def render_quote(quote: Quote) -> dict[str, Any]:
    """The wire form of a quote."""
    return {
        "quote": quote.token,
        "expires_at": quote.expires_at,
        "lines": [
            {
                "sku": line.sku,
                "quantity": line.quantity,
                "price": render_money(line.amount, line.currency),
                "price_version": line.price_version,
            }
            for line in quote.lines
        ],
    }
