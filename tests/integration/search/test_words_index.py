"""Changed words go into their index at once, so that no search reads through a list of them."""

import pytest
from django.db import connection

from search.services.indexing import index_products
from tests.factories.search import make_many

pytestmark = pytest.mark.django_db


def test_no_list_of_changed_words_is_left():
    make_many(50, "mug")
    index_products()
    with connection.cursor() as cursor:
        cursor.execute("SELECT gin_clean_pending_list('product_document_keywords')")
        assert cursor.fetchone() == (0,)  # pages that were put into the index only now
