"""What truly drives the sample shop, as arrays for those who want to check what was learnt."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from demo.algorithms.period import WEEK
from demo.algorithms.shop import SampleShop, ShopSize


def truth_arrays(shop: SampleShop) -> dict[str, NDArray[Any]]:
    """Arrays by name; rows of products, shoppers and categories are in the order of `truth_ids`.

    `product_vectors` (products, dimensions) and `shopper_tastes` (shoppers, dimensions): their
    inner product is the affinity, and a view's chance grows with exp(affinity + log_popularity).
    `price_ratio` (weeks, products): the price of each week to the list price; week 0 is the last,
    and week w begins at `week_start[w]` (milliseconds since 1970). `daily_units` (products,):
    expected sales a day at list price; at another price they change by ratio ** `elasticity`.
    Money is in cents; `cost` is -1 where it is not known to the shop.
    """
    market = shop.market
    products = market.catalogue.products
    weeks = len(market.paths.ratio)
    costs = [item.variants[0].cost for item in products]
    return {
        "product_vectors": market.latents.vectors,
        "log_popularity": market.latents.log_popularity,
        "elasticity": market.latents.elasticity,
        "category": market.catalogue.category,
        "category_elasticity": market.latents.category_elasticity,
        "list_price": market.catalogue.list_price,
        "cost": np.array([-1 if cost is None else cost for cost in costs], dtype=np.int64),
        "daily_units": shop.daily_units,
        "price_ratio": market.paths.ratio,
        "week_start": market.paths.now - (1 + np.arange(weeks, dtype=np.int64)) * WEEK,
        "shopper_tastes": market.shoppers.tastes,
        "sensitivity": market.shoppers.sensitivity,
    }


def truth_ids(shop: SampleShop, size: ShopSize) -> dict[str, Any]:
    """What the rows of `truth_arrays` are called, and what the shop was drawn from."""
    market = shop.market
    customers = market.shoppers.customers
    return {
        "seed": size.seed,
        "days": size.days,
        "now": market.paths.now,
        "products": [item.id for item in market.catalogue.products],
        "customers": list(market.shoppers.ids[:customers]),
        "visitors": list(market.shoppers.ids[customers:]),
        "categories": [list(category.path) for category in market.catalogue.categories],
    }
