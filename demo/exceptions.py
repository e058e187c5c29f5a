"""What can go wrong with the demo."""


class DemoError(Exception):
    """The demo can't start; the message is one line that says why and what to do."""


class PortError(DemoError):
    """We can't listen on the port: most often, something does already."""


class DataFolderError(DemoError):
    """The folder of DATA holds nothing to import."""


class AlreadyRunningError(DemoError):
    """Another demo runs on the same data folder."""


class StepFailedError(DemoError):
    """A step of loading the shop failed; what it printed stands above."""


class NotReadyError(DemoError):
    """The processes were started but do not answer."""
