"""Loops over numbers, compiled: what numpy can only do by writing out each step along the way."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

# Compiled products call the BLAS that scipy brings: it is to be there when threads are limited.
import scipy.linalg  # noqa: F401
from numba import njit
from numba.core.caching import FunctionCache

logger = logging.getLogger(__name__)

Loop = TypeVar("Loop", bound=Callable[..., object])

_FUSED = {"contract"}
_ANY_ORDER = {"contract", "reassoc", "nsz"}


def compiled(loop: Loop) -> Loop:
    """`loop` as machine code, made at its first call, which lets other threads run.

    The code is kept beside the module, or in the user's cache, for the processes that come after;
    where neither can be written, each makes its own. A loop calls others of its own module only,
    for a change in another would not be noticed.
    """
    return _compile(loop, _FUSED)


def compiled_sum(loop: Loop) -> Loop:
    """The same for sums, whose terms may be added up in any order, several at once.

    It must write into no array. What writes has two forms, and which of them runs depends on where
    in memory the arrays happen to lie: were their order free, so would be the last digit.
    """
    return _compile(loop, _ANY_ORDER)


class _ForgivingCache(FunctionCache):
    """Compiled code on disk, of which whatever can't be read or kept is let go."""

    # A process that was killed, or a full disk, leaves files that numba fails on at every start
    # from then on. What is lost with them is seconds of compiling. The index is removed, not
    # emptied, for that takes no space; and after a failed save as well, for it is written first
    # and may name a file that holds the code of an older source.

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """What was kept for `sig`; None where nothing is, or nothing that can be read."""
        try:
            return super().load_overload(sig, target_context)  # type: ignore[no-untyped-call]
        except Exception as error:  # noqa: BLE001 - broken bytes unpickle to any error
            self._forget("read", error)
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep `data`, if that can be."""
        try:
            super().save_overload(sig, data)  # type: ignore[no-untyped-call]
        except Exception as error:  # noqa: BLE001 - an index broken meanwhile raises any error
            self._forget("kept", error)

    def _forget(self, done: str, error: Exception) -> None:
        index = Path(self.cache_path) / f"{self._impl.filename_base}.nbi"
        logger.warning("Compiled code of %s can't be %s: %r", index.name, done, error)
        try:
            index.unlink(missing_ok=True)
        except OSError as failure:
            logger.warning("%s can't be removed: %s", index, failure)


def _compile(loop: Loop, freedom: set[str]) -> Loop:
    made = njit(loop, nogil=True, fastmath=freedom, error_model="numpy")
    try:
        cache = _ForgivingCache(loop)  # type: ignore[no-untyped-call]
    except RuntimeError:  # nowhere to keep it
        logger.info("Code of %s is compiled by each process", loop.__qualname__)
    else:
        made._cache = cache  # noqa: SLF001 - numba has no public way to choose one
    return cast("Loop", made)
