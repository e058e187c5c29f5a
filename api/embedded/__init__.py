"""PostgreSQL and Redis inside the data folder, for a machine that has neither.

`home_services(home)` tells the addresses without anything running; `lease(home)` keeps both
servers up for as long as the caller lives; `throwaway()` is the same in a folder of its own.
Only the standard library is used, so `manage.py` can ask before Django is loaded.
"""

from api.embedded.exceptions import EmbeddedServicesError
from api.embedded.services import Lease, ServerStatus, Services, Status, home_services, lease
from api.embedded.throwaway import throwaway

__all__ = [
    "EmbeddedServicesError",
    "Lease",
    "ServerStatus",
    "Services",
    "Status",
    "home_services",
    "lease",
    "throwaway",
]
