"""Lines of a file: plain or gzip, or standard input; whatever is wrong is one clear error."""

import gzip
import os
import stat
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, cast

from catalogue.exceptions import ImportFileError

# A product with the longest description and a thousand variants is under a megabyte.
MAX_LINE_BYTES = 8 * 1024 * 1024

GZIP_MAGIC = b"\x1f\x8b"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(slots=True)
class LineFile:
    """An open file of lines. `size` and `position` are bytes on disk, for a progress bar."""

    name: str
    size: int | None
    _raw: IO[bytes]
    _text: IO[bytes]

    @property
    def position(self) -> int:
        """How far the file has been read; 0 where that can't be known."""
        return self._raw.tell() if self.size else 0

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """Line numbers, from 1, and lines; blank ones are left out.

        Raises ImportFileError where the file breaks off, or holds nothing at all.
        """
        found = False
        try:
            for number, line in enumerate(self._read_lines(), start=1):
                if not line.isspace():
                    found = True
                    yield number, line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line
        except EOFError:
            raise ImportFileError(
                f"{self.name} is cut short: the gzip stream has no end."
            ) from None
        except (gzip.BadGzipFile, zlib.error) as error:
            raise ImportFileError(f"{self.name} is not a gzip file: {error}.") from None
        except OSError as error:
            raise ImportFileError(f"{self.name} can't be read: {error.strerror}.") from None
        if not found:
            raise ImportFileError(f"{self.name} is empty.")

    def _read_lines(self) -> Iterator[bytes]:
        while line := self._text.readline(MAX_LINE_BYTES + 1):
            if len(line) > MAX_LINE_BYTES:
                raise ImportFileError(f"{self.name} holds a line of over 8 MiB: is it JSON lines?")
            if not line.endswith(b"\n"):
                self._text.read(1)  # raises where the gzip stream breaks off within this line
            yield line


@contextmanager
def open_lines(name: str) -> Iterator[LineFile]:
    """The file `name`, or standard input for `-`, told to be gzip by its name or first bytes."""
    try:
        raw = sys.stdin.buffer if name == "-" else open(name, "rb")  # noqa: PTH123, SIM115 - closed below
    except FileNotFoundError:
        raise ImportFileError(f"{name}: there is no such file.") from None
    except IsADirectoryError:
        raise ImportFileError(f"{name} is a folder; name a file.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ImportFileError(f"{name} can't be read: {reason}.") from None
    try:
        yield _line_file(name, raw)
    finally:
        if name != "-":
            raw.close()


def _line_file(name: str, raw: IO[bytes]) -> LineFile:
    shown = "standard input" if name == "-" else name
    status = os.fstat(raw.fileno())
    size = status.st_size if stat.S_ISREG(status.st_mode) else None
    zipped = name.endswith(".gz") or raw.peek(2)[:2] == GZIP_MAGIC  # type: ignore[attr-defined]
    text = cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if zipped else raw
    return LineFile(shown, size, raw, text)
