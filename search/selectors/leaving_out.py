"""What is left of the catalogue by a query that says nothing but what not to show."""

from collections.abc import Sequence
from functools import reduce
from operator import or_

from django.contrib.postgres.search import SearchQuery
from django.db.models import Exists, Func, OuterRef, TextField, Value

from catalogue.models import ProductQuerySet
from search.models import ProductDocument
from search.selectors.words import words_of


def leave_out(products: ProductQuerySet, excluded: Sequence[str]) -> ProductQuerySet:
    """`products` that hold none of the words and phrases `excluded`; still lazy.

    One that is not indexed yet holds nothing.
    """
    if not excluded:
        return products
    unwanted = reduce(or_, map(_phrase, excluded))
    holding = ProductDocument.objects.filter(product=OuterRef("pk"), keywords=unwanted)
    return products.exclude(Exists(holding))


def _phrase(text: str) -> SearchQuery:
    spelt = Func(Value(text), template=words_of("%(expressions)s"), output_field=TextField())
    return SearchQuery(spelt, config="english", search_type="phrase")
