from collections import Counter

import numpy as np

from demo.algorithms.vocabulary import load_departments


def sales_by_price(shop, rows):
    """log(sales per view) and log(price ratio) at each price level, with the number of sales."""
    ratio, bought = shop.choices.ratio[rows], shop.choices.quantity[rows] > 0
    levels = np.round(np.log(ratio) / 0.05)
    for level in np.unique(levels):
        there = levels == level
        if bought[there].sum() >= 5:
            yield (
                float(np.log(ratio[there]).mean()),
                float(np.log(bought[there].mean())),
                int(bought[there].sum()),
            )


def slope(shop, rows):
    x, y, sold = zip(*sales_by_price(shop, rows), strict=True)
    return np.polyfit(x, y, 1, w=np.sqrt(sold))[0]


def test_the_shop_has_the_size_that_the_demo_promises(shop):
    catalogue = shop.market.catalogue
    assert len(catalogue.products) == 2000
    assert shop.market.shoppers.customers == 1500
    assert 150_000 <= len(shop.events.type) <= 200_000
    assert len({item.category_path[0] for item in catalogue.products}) >= 8
    assert 50 <= len({item.brand.name for item in catalogue.products}) <= 70


def test_no_two_products_say_the_same(shop):
    products = shop.market.catalogue.products
    assert len({item.title for item in products}) == len(products)
    assert len({item.description for item in products}) == len(products)


def test_costs_and_stocks_are_as_patchy_as_real_ones(shop):
    variants = [item.variants for item in shop.market.catalogue.products]
    costs = [first.cost for first, *_ in variants]
    assert 0.05 < np.mean([cost is None for cost in costs]) < 0.2
    assert all(v.cost is None or 0 < v.cost < v.list_price for vs in variants for v in vs)
    sold_out = [all(v.stock == 0 for v in vs) for vs in variants]
    assert 0.01 < np.mean(sold_out) < 0.1
    assert any(v.stock is None for vs in variants for v in vs)
    assert 0.005 < np.mean([not item.published for item in shop.market.catalogue.products]) < 0.05


def test_popularity_has_a_long_tail(shop):
    views = np.sort(np.bincount(shop.choices.product, minlength=2000))[::-1]
    assert 0.3 < views[:200].sum() / views.sum() < 0.7


def test_evenings_are_busier_than_nights(shop):
    hour = shop.choices.time // 3_600_000 % 24
    assert (hour == 20).sum() > 5 * (hour == 3).sum()


def test_tastes_drive_what_is_bought(shop):
    choices, affinity = shop.choices, shop.market.affinity
    ranks = affinity.argsort(axis=1).argsort(axis=1) / affinity.shape[1]
    bought = choices.quantity > 0
    assert ranks[choices.shopper[bought], choices.product[bought]].mean() > 0.85
    # Among what they looked at, shoppers bought what they like more.
    own = affinity[choices.shopper, choices.product]
    assert own[bought].mean() > own[~bought].mean() + 0.2


def test_prices_varied_and_stand_at_list_price_now(shop):
    ratio = shop.market.paths.ratio
    assert (ratio[0] == 1).all()
    assert 0.1 < np.log(ratio).std() < 0.3
    assert ratio.min() > 0.6
    assert ratio.max() < 1.25


def test_a_plain_regression_finds_the_elasticity(shop):
    truth = shop.market.latents.elasticity
    bought = shop.choices.quantity > 0
    found = slope(shop, np.arange(len(bought)))
    assert abs(found - truth[shop.choices.product[bought]].mean()) < 0.35


def test_departments_that_are_more_elastic_are_found_to_be(shop):
    """Categories grouped by their true elasticity: thin ones alone are too noisy."""
    true = shop.market.latents.category_elasticity
    category = shop.market.catalogue.category[shop.choices.product]
    groups = np.digitize(true, [-2.9, -2.2, -1.6])  # the least elastic last
    found = [slope(shop, np.flatnonzero(groups[category] == group)) for group in range(4)]
    assert found == sorted(found)
    assert all(value < -0.5 for value in found)


def test_every_word_of_the_vocabulary_can_be_used():
    for department in load_departments():
        for category in department.categories:
            assert any(brand.works_in(category.path) for brand in department.brands)
            for kind in category.kinds:
                for noun in kind.nouns:
                    assert sum(trait.fits(noun) for trait in kind.traits.values()) >= 2, noun
                    assert not kind.materials or any(m.fits(noun) for m in kind.materials), noun
                    assert any(use.fits(noun) for use in kind.uses), noun


def test_ids_are_unique(shop):
    skus = Counter(v.sku for item in shop.market.catalogue.products for v in item.variants)
    assert max(skus.values()) == 1
    assert len(set(shop.market.shoppers.ids)) == len(shop.market.shoppers.ids)
