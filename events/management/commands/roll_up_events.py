"""`manage.py roll_up_events [--all]`: count the days that were written to, now."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from events.services import count_all_days_again, roll_up_events


class Command(BaseCommand):
    """Count the days of the log that were written to; Beat does so every two minutes."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the option."""
        parser.add_argument(
            "--all", action="store_true", help="every day, as after a change of STORE_CURRENCY"
        )

    def handle(self, **options: Any) -> None:
        """Count, and say how much there was."""
        if options["all"]:
            count_all_days_again()
        done = roll_up_events()
        self.stdout.write(f"{done.days} days counted, {done.changed} rows changed")
