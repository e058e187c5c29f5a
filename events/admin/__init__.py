"""The log in the admin, and charts of how much of what there was."""

from events.admin.links import IdentityLinkAdmin
from events.admin.log import EventAdmin, RefreshRequestAdmin, RejectedEventAdmin
from events.admin.rollups import DailyActivityAdmin

__all__ = [
    "DailyActivityAdmin",
    "EventAdmin",
    "IdentityLinkAdmin",
    "RefreshRequestAdmin",
    "RejectedEventAdmin",
]
