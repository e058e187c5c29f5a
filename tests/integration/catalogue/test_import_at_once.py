"""Two imports of the same file at once do no harm."""

import threading

import pytest
from django.db import connection

from catalogue.models import Brand, Category, Offer, Product, Variant
from catalogue.services import import_products
from catalogue.services import importing as importing_module
from tests.factories.product_lines import numbered, product, variant


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mode", ["abort", "skip"])
def test_two_imports_of_one_file_at_once(mode, monkeypatch):
    monkeypatch.setattr(importing_module, "CHUNK_LINES", 20)
    lines = [
        product(f"p{n}", brand=f"B{n % 9}", category_path=["C", f"D{n % 7}"],
                variants=[variant(f"s{n}")])
        for n in range(200)
    ]  # fmt: skip
    barrier, reports, errors = threading.Barrier(2), [], []

    def run(order):
        try:
            barrier.wait()
            reports.append(import_products(numbered(*order), mode))
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(order,)) for order in (lines, lines[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sum(report.created for report in reports) == 200
    assert sum(report.unchanged for report in reports) == 200
    counts = [model.objects.count() for model in (Product, Variant, Offer, Brand, Category)]
    assert counts == [200, 200, 200, 9, 8]
