#!/usr/bin/env python
"""Django's command line, with the embedded services up for the commands that need them."""

import os
import sys
import warnings
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from api.embedded import EmbeddedServicesError, lease

# Commands that touch neither the database nor Redis. All others get services.
WITHOUT_SERVICES = frozenset(
    {
        "check",
        "collectstatic",
        "diffsettings",
        "evaluate_recommendations",
        "findstatic",
        "help",
        "makemigrations",
        "services",
        "spectacular",
        "startapp",
        "test",
        "version",
    }
)


def needs_services(arguments: list[str]) -> bool:
    """Whether a command line such as `["migrate", "--plan"]` uses the embedded services."""
    if os.environ.get("DATABASE_URL") or not arguments or {"-h", "--help"} & set(arguments):
        return False
    if arguments[0] == "check":
        return any(argument.startswith("--database") for argument in arguments)
    return not arguments[0].startswith("-") and arguments[0] not in WITHOUT_SERVICES


def hold_services(arguments: list[str]) -> AbstractContextManager[object]:
    """A lease on the embedded services where the command needs them."""
    if not needs_services(arguments):
        return nullcontext()
    default = Path(__file__).resolve().parent / "var"
    return lease(Path(os.environ.get("STOREFRONT_HOME") or default).resolve())


def main() -> None:
    """Run one command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "api.settings")
    if not os.environ.get("DATABASE_URL"):
        # makemigrations asks the database only whether its history is consistent.
        warnings.filterwarnings("ignore", "Got an error checking a consistent migration history")
    from django.core.management import execute_from_command_line  # noqa: PLC0415
    from django.db import OperationalError, ProgrammingError  # noqa: PLC0415
    from psycopg.errors import UndefinedTable  # noqa: PLC0415

    try:
        with hold_services(sys.argv[1:]):
            execute_from_command_line(sys.argv)
    except EmbeddedServicesError as error:
        sys.exit(f"error: {error}")
    except OperationalError as error:
        sys.exit(f"error: the database can't be used: {str(error).strip().splitlines()[0]}")
    except ProgrammingError as error:
        if not isinstance(error.__cause__, UndefinedTable):
            raise
        sys.exit("error: the database lacks tables: run manage.py migrate first")


if __name__ == "__main__":
    main()
