"""URLs of visitors, below /v1."""

from django.urls import path

from customers.views import VisitorsView

urlpatterns = [path("visitors", VisitorsView.as_view(), name="visitors")]
