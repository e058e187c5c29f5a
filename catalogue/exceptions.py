"""What can be wrong with a file that is imported; the message is for whoever runs the import."""


class CatalogueError(Exception):
    """Something about the catalogue that its operator can put right."""


class ImportFileError(CatalogueError):
    """The file as a whole can't be read: absent, a folder, cut short, empty, not JSON lines."""


class BadLineError(CatalogueError):
    """A line that can't be stored: where in it (JSON pointer, "" for the whole) and why."""

    def __init__(self, number: int, pointer: str, reason: str) -> None:
        super().__init__(f"line {number}{pointer and f', {pointer}'}: {reason}")
        self.number = number
        self.pointer = pointer
        self.reason = reason
