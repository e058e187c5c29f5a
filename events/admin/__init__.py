"""The log in the admin, and charts of how much of what there was."""

from events.admin.log import EventAdmin, RefreshRequestAdmin, RejectedEventAdmin
from events.admin.rollups import DailyActivityAdmin

__all__ = ["DailyActivityAdmin", "EventAdmin", "RefreshRequestAdmin", "RejectedEventAdmin"]
