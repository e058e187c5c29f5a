"""A page where a person grades what a query finds, and the file that `evaluate_search` reads."""

import csv
from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode

from search.models import Judgment
from search.selectors.judgments import all_judgments, list_to_judge
from search.services.judgments import save_judgments

_FIELD = "grade-"


class _Echo:
    """A file that gives back each line written to it."""

    def write(self, line: str) -> str:
        return line


@admin.register(Judgment)
class JudgmentAdmin(admin.ModelAdmin[Judgment]):
    """Grades that people gave; made on the page for judging."""

    list_display = ["query", "product", "grade", "judged_by", "judged_at"]
    list_filter = ["grade", "judged_at"]
    list_select_related = ["product", "judged_by"]
    search_fields = ["query", "product__title", "=product__public_id"]
    autocomplete_fields = ["product"]
    readonly_fields = ["judged_by", "judged_at"]
    show_full_result_count = False
    change_list_template = "admin/search/judgment/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        """The usual pages, the one for judging, and the export."""
        wrap = self.admin_site.admin_view
        return [
            path("label/", wrap(self.label), name="search_judgment_label"),
            path("export/", wrap(self.export), name="search_judgment_export"),
            *super().get_urls(),
        ]

    def label(self, request: HttpRequest) -> HttpResponse:
        """Show what a query finds; keep the grades that are posted."""
        if not self.has_add_permission(request) or not self.has_change_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self._keep(request)
        query = request.GET.get("q", "")
        page = {
            "title": "Judge a result list", "opts": self.opts, "query": query,
            "hits": list_to_judge(query), "grades": Judgment.Grade.choices,
        }  # fmt: skip
        context = self.admin_site.each_context(request) | page
        return TemplateResponse(request, "admin/search/judgment/label.html", context)

    def export(self, request: HttpRequest) -> StreamingHttpResponse:
        """All judgments as the CSV that `evaluate_search --judgments` reads."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return StreamingHttpResponse(
            _csv_lines(), content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="shop.judgments.csv"'},
        )  # fmt: skip

    def _keep(self, request: HttpRequest) -> HttpResponse:
        query = request.POST.get("q", "")
        kept = save_judgments(query, _read_grades(request.POST), request.user.pk)
        messages.success(request, f"{kept} grades kept for “{query}”.")
        return redirect(f"{reverse('admin:search_judgment_label')}?{urlencode({'q': query})}")


def _read_grades(posted: Mapping[str, Any]) -> dict[int, int | None]:
    """Grades by product key from fields such as grade-12=3; an empty one withdraws."""
    grades: dict[int, int | None] = {}
    for name, value in posted.items():
        key = name.removeprefix(_FIELD)
        if name != key and key.isascii() and key.isdecimal() and value in {"", "0", "1", "2", "3"}:
            grades[int(key)] = int(value) if value else None
    return grades


def _csv_lines() -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(("query", "product_id", "grade"))
    for row in all_judgments():
        yield writer.writerow(row)
