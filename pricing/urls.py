"""URLs of prices, under /v1."""

from django.urls import path

from pricing.views.control import DecisionsView, FreezeView, KillSwitchView, ProposalsView
from pricing.views.prices import PriceHistoryView, PricesView, QuotesView, RedeemView
from pricing.views.rules import RulesView, RuleView
from pricing.views.setting import SetPricesView

urlpatterns = [
    path("prices", PricesView.as_view(), name="prices"),
    path("products/<str:id>/price-history", PriceHistoryView.as_view(), name="price-history"),
    path("products/<str:id>/price-freeze", FreezeView.as_view(), name="price-freeze"),
    path("quotes", QuotesView.as_view(), name="quotes"),
    path("quotes/redeem", RedeemView.as_view(), name="redeem-quote"),
    path("price-proposals", ProposalsView.as_view(), name="price-proposals"),
    path("price-proposals/decisions", DecisionsView.as_view(), name="price-decisions"),
    path("pricing/kill-switch", KillSwitchView.as_view(), name="kill-switch"),
    path("pricing/prices", SetPricesView.as_view(), name="set-prices"),
    path("pricing/rules", RulesView.as_view(), name="pricing-rules"),
    path("pricing/rules/<str:name>", RuleView.as_view(), name="pricing-rule"),
]
