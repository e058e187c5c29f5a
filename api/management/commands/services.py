"""`services start|stop|status|run`: the embedded PostgreSQL and Redis of the data folder."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from api.embedded import EmbeddedServicesError, Services, Status, home_services


class Command(BaseCommand):
    """Acts on the services of `STOREFRONT_HOME`; works whether or not they run."""

    help = "The embedded PostgreSQL and Redis: start, stop, show, or run in the foreground."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """One action, and the form of its report."""
        parser.add_argument("action", choices=["start", "stop", "status", "run"])
        parser.add_argument("--json", action="store_true", help="report as JSON")

    def handle(self, *_args: Any, action: str, json: bool, **_options: Any) -> None:
        """Act, then report; a failure is one line."""
        services = home_services(Path(settings.STOREFRONT_HOME))
        actions: dict[str, Callable[[Services], object]] = {
            "start": Services.start,
            "stop": Services.stop,
            "status": Services.status,
            "run": Services.run,
        }
        try:
            outcome = actions[action](services)
        except (EmbeddedServicesError, OSError) as error:
            raise CommandError(str(error)) from error
        if action == "run" and outcome:
            raise CommandError("the services stopped; the reason stands above")
        if action != "run":
            status = services.status()
            self.stdout.write(_as_json(status) if json else _as_text(status))


def _as_json(status: Status) -> str:
    content = dataclasses.asdict(status) | {"home": str(status.home), "running": status.running}
    return json.dumps(content, indent=2)


def _as_text(status: Status) -> str:
    lines = [f"data folder: {status.home}"]
    for server in status.servers:
        state = f"running, pid {server.pid}" if server.running else "stopped"
        lines.append(f"{server.name}: {state}\n  {server.url}")
    if status.guard_pid:
        until = "until `services stop`" if status.kept else "while something uses them"
        lines.append(f"guarded by pid {status.guard_pid}, {until}")
    return "\n".join(lines)
