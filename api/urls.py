"""Every URL of the project."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularSwaggerView

import catalogue.urls
import customers.urls
import events.urls
import pricing.urls
import recommendations.urls
import search.urls
from api import views
from api.rest import problems

admin.site.site_header = admin.site.site_title = "Storefront"
admin.site.index_title = "Operations"
admin.site.site_url = "/v1/docs"

urlpatterns = [
    path("livez", views.livez),
    path("readyz", views.readyz),
    path("admin/", admin.site.urls),
    path("v1/openapi.yaml", views.openapi_document, name="schema"),
    path("v1/docs", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    # One list: the prefix is looked at once. What is read most comes first.
    path("v1/", include([
        *recommendations.urls.urlpatterns, *search.urls.urlpatterns, *pricing.urls.urlpatterns,
        *catalogue.urls.urlpatterns, *events.urls.urlpatterns, *customers.urls.urlpatterns,
    ])),
]  # fmt: skip

handler400 = problems.bad_request
handler403 = problems.forbidden
handler404 = problems.not_found
handler500 = problems.server_error
