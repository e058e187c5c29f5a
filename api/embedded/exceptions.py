"""What the embedded services raise."""


class EmbeddedServicesError(Exception):
    """The embedded PostgreSQL or Redis can't be used; the message is one line that says why."""
