"""What the sample shop's shoppers like, and what its products are, in one latent space.

The dimensions are the departments, then the styles of `vocabulary.STYLES`, then a hidden code of
each category. The affinity of a shopper to a product is the inner product of their vectors.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demo.algorithms.catalogue import Catalogue
from demo.algorithms.period import Period
from demo.algorithms.vocabulary import STYLES

CODES = 12
RELATED = 0.35
STYLE = 1.4  # how much style and the hidden codes count beside the department
HIDDEN = 1.3
POPULARITY_SPREAD = 1.1
SENSITIVITY_SPREAD = 0.25
ELASTICITY_SPREAD = 0.15


@dataclass(frozen=True)
class Latents:
    """The products' side.

    `vectors` (products, dimensions), `log_popularity` and `elasticity` (products,), and the
    `category_elasticity` (categories,) that the latter scatters around.
    """

    vectors: NDArray[np.float64]
    log_popularity: NDArray[np.float64]
    elasticity: NDArray[np.float64]
    category_elasticity: NDArray[np.float64]


@dataclass(frozen=True)
class Shoppers:
    """The shoppers' side; the last `visitors` of them are anonymous.

    `tastes` (shoppers, dimensions); (shoppers,) each: `sensitivity` multiplies a product's
    elasticity and is 1 on average, `activity` is the expected number of sessions a day,
    `since` the time in milliseconds from which they come, `size` in [0, 1) what fits them.
    """

    ids: tuple[str, ...]
    visitors: int
    tastes: NDArray[np.float64]
    sensitivity: NDArray[np.float64]
    activity: NDArray[np.float64]
    since: NDArray[np.int64]
    size: NDArray[np.float64]

    @property
    def customers(self) -> int:
        """How many of them are known."""
        return len(self.ids) - self.visitors

    @property
    def is_visitor(self) -> NDArray[np.bool_]:
        """Whether each is anonymous: (shoppers,)."""
        return np.arange(len(self.ids)) >= self.customers


def draw_latents(catalogue: Catalogue, rng: np.random.Generator) -> Latents:
    """Vectors, popularity (log-normal: a long tail) and elasticities of the products."""
    count = len(catalogue.products)
    department = _department_block(catalogue)[catalogue.department]
    styles = np.array(
        [[name in item.brand.styles for name in STYLES] for item in catalogue.products]
    )
    style = _unit(styles + rng.normal(0, 0.45, (count, len(STYLES))))
    codes = _unit(rng.normal(size=(len(catalogue.categories), CODES)))[catalogue.category]
    base = np.array([category.elasticity for category in catalogue.categories])
    return Latents(
        vectors=np.hstack([department, style, codes]),
        log_popularity=rng.normal(0, POPULARITY_SPREAD, count),
        elasticity=np.minimum(
            -0.5, base[catalogue.category] + rng.normal(0, ELASTICITY_SPREAD, count)
        ),
        category_elasticity=base,
    )


def draw_shoppers(
    customers: int, visitors: int, departments: int, period: Period, rng: np.random.Generator
) -> Shoppers:
    """`customers` who come for months and `visitors` who come once or twice."""
    count = customers + visitors
    favourites = rng.dirichlet(np.full(departments, 0.35), count)
    start, span = period.start, period.now - period.start
    joined = np.where(rng.random(count) < 0.35, start + rng.random(count) * 0.8 * span, start)
    once = np.arange(count) >= customers
    joined[once] = start + rng.random(int(visitors)) * span
    log_sensitivity = rng.normal(0, SENSITIVITY_SPREAD, count)
    return Shoppers(
        ids=_identities(customers, visitors, rng),
        visitors=visitors,
        tastes=np.hstack(
            [
                5.2 * np.sqrt(favourites),
                STYLE * rng.normal(size=(count, len(STYLES))),
                HIDDEN * rng.normal(size=(count, CODES)),
            ]
        ),
        sensitivity=np.exp(log_sensitivity - SENSITIVITY_SPREAD**2 / 2),
        activity=np.where(once, 0.0, rng.gamma(1.3, 0.18 / 1.3, count)),
        since=joined.astype(np.int64),
        size=rng.random(count),
    )


def _department_block(catalogue: Catalogue) -> NDArray[np.float64]:
    """(departments, departments): 1 for itself, less for those that go with it."""
    names = [top.name for top in catalogue.departments]
    block = np.eye(len(names))
    for row, top in enumerate(catalogue.departments):
        for name in top.related:
            block[row, names.index(name)] = RELATED
    return block


def _identities(customers: int, visitors: int, rng: np.random.Generator) -> tuple[str, ...]:
    raw = rng.bytes(16 * visitors)
    devices = [format_uuid(raw[i : i + 16], version=4) for i in range(0, len(raw), 16)]
    return (*(f"c-{number:05d}" for number in range(1, customers + 1)), *devices)


def format_uuid(raw: bytes, *, version: int) -> str:
    """16 bytes as a UUID of this version."""
    number = int.from_bytes(raw)
    number = number & ~(0xF << 76) | version << 76
    number = number & ~(0x3 << 62) | 0x2 << 62
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    unit: NDArray[np.float64] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit
