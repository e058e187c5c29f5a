"""URLs of visitors and of what is kept of somebody, below /v1."""

from django.urls import path

from customers.views import (
    CustomerErasureView,
    CustomerExportView,
    ErasureView,
    VisitorErasureView,
    VisitorsView,
)

urlpatterns = [
    path("visitors", VisitorsView.as_view(), name="visitors"),
    path("visitors/erasure", VisitorErasureView.as_view(), name="visitor-erasure"),
    path("erasures/<uuid:erasure_id>", ErasureView.as_view(), name="erasure"),
    path(
        "customers/<path:customer_id>/erasure",
        CustomerErasureView.as_view(),
        name="customer-erasure",
    ),
    path(
        "customers/<path:customer_id>/export", CustomerExportView.as_view(), name="customer-export"
    ),
]
