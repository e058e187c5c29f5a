"""The Django project as an app: its management commands, and the Celery app for shared tasks."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Binds `shared_task` in every process, web processes too, to this project's Celery app."""

    name = "api"

    def ready(self) -> None:
        """Import the Celery app, which makes itself the current one."""
        import api.celery  # noqa: F401, PLC0415
