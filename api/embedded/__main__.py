"""`python -m api.embedded HOME [--OPTION ..]`: the guard, as leases start it."""

import sys
from pathlib import Path

from api.embedded.guard import Guard, GuardOptions
from api.embedded.layout import Layout


def main(arguments: list[str]) -> int:
    """Run the guard of the data folder that the first argument names."""
    home, *flags = arguments
    options = GuardOptions(
        keep="--keep" in flags,
        durable="--loose" not in flags,
        restart="--no-restart" not in flags,
        disposable="--disposable" in flags,
    )
    return Guard(Layout(Path(home)), options).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
