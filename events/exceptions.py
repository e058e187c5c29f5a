"""What can be wrong with a file of events; the message is for whoever runs the import."""


class BadEventLineError(Exception):
    """A line that can't be stored: its number, where in it (JSON pointer, "" for all) and why."""

    def __init__(self, number: int, pointer: str, reason: str) -> None:
        super().__init__(f"line {number}{pointer and f', {pointer}'}: {reason}")
        self.number = number
        self.pointer = pointer
        self.reason = reason
