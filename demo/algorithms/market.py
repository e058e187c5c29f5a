"""All that is given before anybody comes into the sample shop."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from demo.algorithms.catalogue import Catalogue, draw_catalogue
from demo.algorithms.period import Period
from demo.algorithms.prices import PricePaths, draw_price_paths
from demo.algorithms.shoppers import Latents, Shoppers, draw_latents, draw_shoppers


@dataclass(frozen=True)
class Market:
    """What is on sale, at which prices, and who may come."""

    period: Period
    catalogue: Catalogue
    latents: Latents
    shoppers: Shoppers
    paths: PricePaths

    @cached_property
    def affinity(self) -> NDArray[np.float64]:
        """How much each shopper likes each product: (shoppers, products)."""
        result: NDArray[np.float64] = self.shoppers.tastes @ self.latents.vectors.T
        return result

    @cached_property
    def is_consumable(self) -> NDArray[np.bool_]:
        """Whether a product is used up and bought again: (products,)."""
        return np.array([item.consumable for item in self.catalogue.products])


def draw_market(
    products: int, customers: int, visitors: int, period: Period, rng: np.random.Generator
) -> Market:
    """A market of this size."""
    catalogue = draw_catalogue(products, period, rng)
    return Market(
        period=period,
        catalogue=catalogue,
        latents=draw_latents(catalogue, rng),
        shoppers=draw_shoppers(customers, visitors, len(catalogue.departments), period, rng),
        paths=draw_price_paths(catalogue.list_price, period, rng),
    )
