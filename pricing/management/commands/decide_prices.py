"""`manage.py decide_prices [--as-of TIME] [--all]`."""

import json
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from pricing.services.deciding import decide_prices


class Command(BaseCommand):
    """Decide on the prices that a rule governs, as the task does every half hour."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """The moment that signals are read as of, and whether to look at what did not change."""
        parser.add_argument("--as-of", default="", help="RFC 3339 time; default: now.")
        parser.add_argument(
            "--all", action="store_true", help="Also look at products of which nothing changed."
        )

    def handle(self, *_args: Any, as_of: str, **options: Any) -> None:
        """Decide, and print what came of it as JSON."""
        done = decide_prices(_moment(as_of), everything=bool(options.get("all")))
        self.stdout.write(json.dumps(done))


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(
            f"--as-of is {text!r}; give a time such as 2026-01-31T12:00:00Z."
        ) from None
    return moment if moment.tzinfo else timezone.make_aware(moment)
