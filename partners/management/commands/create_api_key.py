"""Create an API key and show it once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from partners.models import ApiKey, Scope
from partners.services import create_api_key


class Command(BaseCommand):
    """`create_api_key NAME [--kind publishable|secret] [--scope SCOPE …]`."""

    help = "Create an API key and print it. It can't be read again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("name", help="whose key it is, for people")
        parser.add_argument("--kind", choices=ApiKey.Kind.values, default="publishable")
        parser.add_argument(
            "--scope",
            action="append",
            choices=Scope.values,
            help="of a secret key; may be repeated (all of them unless given)",
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Create and print."""
        self.stdout.write(create_api_key(options["name"], options["kind"], options["scope"]))
