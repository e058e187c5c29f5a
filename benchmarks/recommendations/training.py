"""What a training takes on the same pairs, from the log to what is live, the gate excluded."""

import json
import os

from benchmarks.recommendations.memory import peak_memory

# Phases of a training that bare implicit has no counterpart of.
APART = ("measure",)


def main() -> None:
    """Train on the database that the environment names; print the figures as JSON."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "api.settings")
    import django  # noqa: PLC0415 - the settings need the environment

    django.setup()
    from recommendations.services.training import Window, Wish, train  # noqa: PLC0415

    report = train(Window.ending(None, None), wish=Wish(cold=True, actor="benchmark"))
    seconds = {name: value for name, value in report.seconds.items() if name != "total"}
    figures = {
        "events": report.events,
        "lists": report.lists,
        "phases": seconds,
        "seconds": round(sum(v for name, v in seconds.items() if name not in APART), 2),
        "peak_gib": peak_memory(),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
