"""What the catalogue's tests share."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@pytest.fixture
def announced(django_capture_on_commit_callbacks):
    """A context that answers, once it is left, with the ids of each signal sent."""
    from catalogue.signals import products_changed  # noqa: PLC0415 - settings come first

    @contextmanager
    def catch() -> Iterator[list[set[int]]]:
        sent: list[set[int]] = []

        def receive(product_ids, **_):
            assert len(product_ids) == len(set(product_ids))
            sent.append(set(product_ids))

        products_changed.connect(receive)
        try:
            with django_capture_on_commit_callbacks(execute=True):
                yield sent
        finally:
            products_changed.disconnect(receive)

    return catch
