"""URLs of prices, under /v1."""

from django.urls import path

from pricing.views.prices import PriceHistoryView, PricesView, QuotesView, RedeemView

urlpatterns = [
    path("prices", PricesView.as_view(), name="prices"),
    path("products/<str:id>/price-history", PriceHistoryView.as_view(), name="price-history"),
    path("quotes", QuotesView.as_view(), name="quotes"),
    path("quotes/redeem", RedeemView.as_view(), name="redeem-quote"),
]
