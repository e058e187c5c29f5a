"""Pages of products: ordering, limit and cursor of a request, and links to the neighbours."""

from typing import Any

from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from api.rest.pagination import CursorPagination
from api.rest.parameters import parse_choice
from api.rest.problems import InputError, InvalidInput, invalid_parameter
from catalogue.models import ProductQuerySet
from catalogue.selectors.cursors import Cursor, decode_cursor, encode_cursor
from catalogue.selectors.pages import ORDERINGS, Page, Position, order_products, read_page

DEFAULT_ORDERING = "popularity"
# With one of these few enough products are left to look at the price of each.
NARROWING = frozenset({"category", "brand", "attribute", "title_prefix"})


class NamePagination(CursorPagination):
    """Pages of categories or brands, in the order of their slugs, which are unique."""

    ordering = "slug"


class ProductPagination(CursorPagination):
    """Pages of product keys that stay in order through ties, absent prices and changes.

    The base class pages through ties by offset and loses rows without a value, hence this one.
    """

    _page: Page
    _url: str
    _ordering: str

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:  # noqa: ARG002
        """The keys of the page that `request` asks for, out of `queryset`."""
        self._url = request.build_absolute_uri()
        self._ordering = parse_choice(request.query_params, "ordering", ORDERINGS, DEFAULT_ORDERING)
        self._page = self._read(request, queryset)
        return self._page.product_ids

    def get_next_link(self) -> str | None:
        """The URL of the next page, if any."""
        return self._link(self._page.next, backwards=False)

    def get_previous_link(self) -> str | None:
        """The URL of the previous page, if any."""
        return self._link(self._page.previous, backwards=True)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """The parameters that choose a page, for OpenAPI."""
        ordering = {
            "name": "ordering",
            "in": "query",
            "description": "Most popular or newest first, by title, or by price: products without "
            "a price in the store's currency come last.",
            "schema": {"type": "string", "enum": list(ORDERINGS), "default": DEFAULT_ORDERING},
        }
        return [*super().get_schema_operation_parameters(view), ordering]

    def _read(self, request: Request, products: ProductQuerySet) -> Page:
        limit = self.get_page_size(request)
        narrowed = not NARROWING.isdisjoint(request.query_params)
        segments = order_products(products, self._ordering, narrowed=narrowed)
        cursor = self._cursor(request)
        if cursor is None:
            return read_page(segments, limit)
        return read_page(segments, limit, cursor.start, backwards=cursor.backwards)

    def _cursor(self, request: Request) -> Cursor | None:
        text = request.query_params.get("cursor")
        if not text:
            return None
        cursor = decode_cursor(text)
        if cursor is None:
            raise invalid_parameter("cursor", "This cursor was not issued here.")
        if cursor.ordering != self._ordering:
            detail = f"This cursor belongs to ordering={cursor.ordering}; give both or neither."
            raise InvalidInput(InputError("other_ordering", detail, None, "cursor"))
        return cursor

    def _link(self, start: Position | None, *, backwards: bool) -> str | None:
        if start is None:
            return None
        return replace_query_param(
            self._url, "cursor", encode_cursor(Cursor(self._ordering, start, backwards))
        )
