"""`manage.py train_recommendations`: learn from the events and make the result live."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from recommendations.exceptions import RecommendationsError
from recommendations.management.console import RichProgress, print_training
from recommendations.services.training import Window, Wish, train

LONGEST_WINDOW = 36_500


def add_window_arguments(parser: ArgumentParser) -> None:
    """The options that name a window."""
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--days", type=int, help="length of the window (default: by setting)")
    length.add_argument("--all-history", action="store_true", help="from the first event on")
    parser.add_argument(
        "--until", metavar="now|latest_event|DATE",
        help="where the window ends (default: by setting), such as 2011-08-01",
    )  # fmt: skip


def window_from(options: dict[str, Any]) -> Window:
    """The window that the options name; CommandError for one that can't be."""
    days = options["days"]
    if days is None and not options["all_history"]:
        days = settings.RECOMMENDATIONS_WINDOW_DAYS or None
    elif days is not None and not 1 <= days <= LONGEST_WINDOW:
        raise CommandError(f"--days {days}: give a whole number from 1 to {LONGEST_WINDOW:,}.")
    until = options["until"] or settings.RECOMMENDATIONS_WINDOW_END
    if until == "latest_event":
        return Window.ending(None, days)
    return Window.ending(timezone.now() if until == "now" else _moment(until), days)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        message = f"--until {text!r}: give now, latest_event, or a date such as 2011-08-01."
        raise CommandError(message) from None
    return moment.replace(tzinfo=moment.tzinfo or UTC)


class Command(BaseCommand):
    """Train in the foreground."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The window, and how to train."""
        add_window_arguments(parser)
        parser.add_argument(
            "--cold", action="store_true", help="from noise, not from the live run's factors"
        )
        parser.add_argument(
            "--accept", action="store_true",
            help="go live whatever the gate says of it; what it says stays on record",
        )  # fmt: skip

    def handle(self, **options: Any) -> None:
        """Train and print what came of it."""
        try:
            with RichProgress(self.stderr) as progress:
                wish = Wish(options["cold"], options["accept"], "train_recommendations")
                report = train(window_from(options), wish=wish, progress=progress)
        except RecommendationsError as error:
            raise CommandError(str(error)) from None
        print_training(self.stdout, report)
