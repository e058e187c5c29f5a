"""URLs of the catalogue, under /v1."""

from django.urls import path

from catalogue.views import BrandViewSet, CategoryViewSet, ProductViewSet

urlpatterns = [
    path("products", ProductViewSet.as_view({"get": "list"}), name="products"),
    path("products/<str:id>", ProductViewSet.as_view({"get": "retrieve"}), name="product"),
    path("categories", CategoryViewSet.as_view({"get": "list"}), name="categories"),
    path("categories/<path:id>", CategoryViewSet.as_view({"get": "retrieve"}), name="category"),
    path("brands", BrandViewSet.as_view({"get": "list"}), name="brands"),
]
