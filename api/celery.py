"""The Celery app; its settings are Django's `CELERY_*`."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, celeryd_init

from api.broker import make_room_after_failures

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "api.settings")

make_room_after_failures()
app = Celery("storefront")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@beat_init.connect
def beat_at_once(**_: Any) -> None:
    """Say that Beat is there when it starts, not only half a minute later."""
    app.send_task("api.background.tasks.beat_heartbeat", expires=30)


@celeryd_init.connect
def compile_first(options: dict[str, Any], **_: Any) -> None:
    """Have the fast worker's loops compiled before it is there; its children inherit them."""
    if "fast" in (options.get("queues") or ()):
        from recommendations.algorithms.warming import warm_up  # noqa: PLC0415 - loads much

        warm_up()
