"""The counts by product and day in the admin."""

from django.contrib import admin

from events.admin.log import ReadOnlyAdmin
from events.models import DailyActivity


@admin.register(DailyActivity)
class DailyActivityAdmin(ReadOnlyAdmin):
    """How much of what each day (UTC) of each product; counted every two minutes."""

    list_display = ["day", "type", "product", "events", "shoppers", "units", "revenue"]
    list_display_links = None
    list_filter = ["type", "day"]
    ordering = ["-day", "type", "product"]
    list_select_related = ["product"]
    search_fields = ["product__public_id__exact"]
    search_help_text = "A whole product id."
