"""Read endpoints: products, categories, brands."""

import re
from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from api.rest.parameters import reject_unknown_parameters
from catalogue.filters import (
    NamePagination,
    ProductFilterSet,
    ProductPagination,
    StrictFilterBackend,
    parse_product_filters,
    reject_unknown_names,
)
from catalogue.models import Brand, Category, Product
from catalogue.selectors import (
    load_brand_cards,
    load_category_cards,
    load_product_cards,
    resolve_product_ids,
)
from catalogue.serializers import (
    BrandSerializer,
    CategorySerializer,
    ProductSerializer,
    render_brand,
    render_category,
    render_product,
)

UNSTORABLE = re.compile("[\x00-\x1f]")


@extend_schema_view(
    list=extend_schema(
        operation_id="list_products",
        summary="List products",
        description="Published products, sold-out ones included unless `in_stock=true`.",
    ),
    retrieve=extend_schema(
        operation_id="retrieve_product",
        summary="Show a product",
        parameters=[OpenApiParameter("id", str, "path", description="The merchant's own id.")],
    ),
)
class ProductViewSet(GenericViewSet[Product]):
    """Products as shoppers see them."""

    queryset = Product.objects.published()
    serializer_class = ProductSerializer  # type: ignore[assignment]
    filter_backends = [StrictFilterBackend]
    filterset_class = ProductFilterSet
    pagination_class = ProductPagination
    lookup_field = "public_id"
    lookup_url_kwarg = "id"

    def list(self, request: Request) -> Response:
        """A page of products."""
        product_ids: Any = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        if not product_ids:
            reject_unknown_names(parse_product_filters(request.query_params))
        cards = load_product_cards(product_ids, available_only=False)
        return self.get_paginated_response([render_product(card) for card in cards])

    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 - the wire's name
        """One product, sold out or not."""
        reject_unknown_parameters(request, ())
        keys = {} if UNSTORABLE.search(id) else resolve_product_ids([id])
        cards = load_product_cards(list(keys.values()), available_only=False)
        if not cards:
            raise Http404
        return Response(render_product(cards[0]))


@extend_schema_view(
    list=extend_schema(
        operation_id="list_categories",
        summary="List categories",
        description="The whole tree, each category with the number of products in its subtree.",
    ),
    retrieve=extend_schema(
        operation_id="retrieve_category",
        summary="Show a category",
        parameters=[
            OpenApiParameter("id", str, "path", description="Its id, such as phones/cases.")
        ],
    ),
)
class CategoryViewSet(GenericViewSet[Category]):
    """Categories and how many products each shows."""

    queryset = Category.objects.all()
    serializer_class = CategorySerializer  # type: ignore[assignment]
    filter_backends = []
    pagination_class = NamePagination
    lookup_field = "slug"
    lookup_url_kwarg = "id"

    def list(self, request: Request) -> Response:
        """A page of categories."""
        reject_unknown_parameters(request, ("limit", "cursor"))
        page: Any = self.paginate_queryset(self.get_queryset())
        cards = load_category_cards([category.pk for category in page])
        return self.get_paginated_response([render_category(card) for card in cards])

    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 - the wire's name
        """One category."""
        reject_unknown_parameters(request, ())
        known = () if UNSTORABLE.search(id) else self.get_queryset().filter(slug=id)[:1]
        cards = load_category_cards([category.pk for category in known])
        if not cards:
            raise Http404
        return Response(render_category(cards[0]))


@extend_schema_view(
    list=extend_schema(
        operation_id="list_brands",
        summary="List brands",
        description="Each brand with the number of its products.",
    )
)
class BrandViewSet(GenericViewSet[Brand]):
    """Brands and how many products each shows."""

    queryset = Brand.objects.all()
    serializer_class = BrandSerializer  # type: ignore[assignment]
    filter_backends = []
    pagination_class = NamePagination

    def list(self, request: Request) -> Response:
        """A page of brands."""
        reject_unknown_parameters(request, ("limit", "cursor"))
        page: Any = self.paginate_queryset(self.get_queryset())
        cards = load_brand_cards([brand.pk for brand in page])
        return self.get_paginated_response([render_brand(card) for card in cards])
