"""`manage.py fit_demand_model`: learn from the shop's own history how sales answer to prices."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from pricing.services.fitting import DAYS, fit_demand


class Command(BaseCommand):
    """What the nightly task does, now."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The history that it rests on."""
        parser.add_argument("--days", type=int, default=DAYS, help=f"of history ({DAYS})")
        parser.add_argument("--as-of", metavar="TIME", help="RFC 3339 with a zone (now)")

    def handle(self, **options: Any) -> None:
        """Fit and tell."""
        if not 7 <= options["days"] <= 3650:
            raise CommandError(f"--days {options['days']}: give a whole number from 7 to 3650.")
        fit = fit_demand(read_moment(options["as_of"]), days=options["days"])
        self.stdout.write(
            f"{fit.products:,} products, {fit.units:,} units in {fit.days} days; the shop's"
            f" elasticity is {fit.elasticity:.2f} ± {fit.error:.2f}"
        )


def read_moment(text: str | None) -> Any:
    """The time that `text` names, or now; CommandError where it names none."""
    if text is None:
        return timezone.now()
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise CommandError(f"--as-of {text}: give a time such as 2026-03-01T12:00:00Z.")
    return moment
