"""Searches for better settings: what they found, and which one is in use."""

from django.contrib import admin

from recommendations.admin.base import ReadOnlyAdmin
from recommendations.models import EngineTuning


@admin.register(EngineTuning)
class EngineTuningAdmin(ReadOnlyAdmin):
    """What `tune_recommendations` found."""

    list_display = ("id", "created_at", "in_use", "actor")
    list_filter = ("in_use",)
    ordering = ("-pk",)
