"""The Celery app; its settings are Django's `CELERY_*`."""

import os

from celery import Celery

from api.broker import make_room_after_failures

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "api.settings")

make_room_after_failures()
app = Celery("storefront")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
