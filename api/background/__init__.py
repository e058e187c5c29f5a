"""Work outside requests: nudges to workers, periodic tasks with a lock and a record."""

from api.background.gathering import nudge_soon
from api.background.nudges import nudge
from api.background.periodic import periodic

__all__ = ["nudge", "nudge_soon", "periodic"]
