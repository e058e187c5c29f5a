"""`manage.py tune_recommendations [--minutes 10] [--use]`: search for better settings."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recommendations.exceptions import RecommendationsError
from recommendations.management.commands.train_recommendations import (
    add_window_arguments,
    window_from,
)
from recommendations.services.tuning import search_settings, stop_using

MOST_MINUTES = 1_440.0


class Command(BaseCommand):
    """Search in the foreground, for so long and no longer."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The window, how long, and whether to use what is found."""
        add_window_arguments(parser)
        parser.add_argument("--minutes", type=float, default=10.0, help="how long to search (10)")
        parser.add_argument("--use", action="store_true", help="let trainings use what is found")
        parser.add_argument(
            "--stop-using", action="store_true", help="only: go back to what is configured"
        )

    def handle(self, **options: Any) -> None:
        """Search, and tell."""
        if options["stop_using"]:
            stopped = stop_using()
            self.stdout.write(
                "Trainings use what is configured." if stopped else "None was in use."
            )
            return
        if not 0 < options["minutes"] <= MOST_MINUTES:
            message = f"--minutes {options['minutes']}: give a number up to {MOST_MINUTES:.0f}."
            raise CommandError(message)
        try:
            found = search_settings(
                window_from(options), options["minutes"] * 60, use=options["use"],
                actor="tune_recommendations",
            )  # fmt: skip
        except RecommendationsError as error:
            raise CommandError(str(error)) from None
        best, first = found.tuning.best, found.tuning.first
        self.stdout.write(
            f"Tuning {found.tuning_id}: nDCG@20 {best.ndcg:.4f} where the settings so far have "
            f"{first.ndcg:.4f}, on {found.users:,} shoppers, after {found.tuning.trials} models.\n"
            f"blend {best.settings.blend}, text weight {best.settings.text_weight:g}, "
            f"{best.settings.als}\n"
            + ("Trainings use it from now on." if options["use"] else "Use it with --use.")
        )
