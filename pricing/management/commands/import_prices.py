"""Import past prices from a file of JSON lines."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalogue.exceptions import ImportFileError
from catalogue.services import open_lines
from pricing.exceptions import PriceFileError
from pricing.services.price_files import import_prices


class Command(BaseCommand):
    """`import_prices FILE`: all of it, or nothing."""

    help = "Import past prices from JSON lines (docs/schemas/price-line.schema.json)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the argument."""
        parser.add_argument("file", help="a .jsonl or .jsonl.gz file, or - for standard input")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Import, and say what was done."""
        try:
            with open_lines(options["file"]) as lines:
                done = import_prices(lines)
        except PriceFileError as error:
            raise CommandError(f"{options['file']}, {error} Nothing was stored.") from None
        except ImportFileError as error:
            raise CommandError(f"{error} Nothing was stored.") from None
        self.stdout.write(
            f"{done.stored:,} prices stored, {done.read - done.stored:,} there already"
        )
