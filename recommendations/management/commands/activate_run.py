"""`manage.py activate_run RUN | --roll-back`: make a run live, on record."""

import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recommendations.exceptions import UnknownRunError
from recommendations.services.activation import activate_run, roll_back


class Command(BaseCommand):
    """Move the pointer to the live run."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which run."""
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("run", type=int, nargs="?", help="the number of a run that is ready")
        which.add_argument("--roll-back", action="store_true", help="the one before the live one")

    def handle(self, **options: Any) -> None:
        """Make it live."""
        actor = f"activate_run: {_user()}"
        try:
            if options["roll_back"]:
                run_id = roll_back(actor)
            else:
                run_id = options["run"]
                activate_run(run_id, actor)
        except UnknownRunError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"Run {run_id} is live.")


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
