"""Loops over numbers, compiled: what numpy can only do by writing out each step along the way."""

from collections.abc import Callable
from typing import TypeVar, cast

# Compiled products call the BLAS that scipy brings: it is to be there when threads are limited.
import scipy.linalg  # noqa: F401
from numba import njit

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


def _compile(loop: Loop, freedom: set[str]) -> Loop:
    def make(*, cache: bool) -> Loop:
        made = njit(loop, cache=cache, nogil=True, fastmath=freedom, error_model="numpy")
        return cast("Loop", made)

    try:
        return make(cache=True)
    except RuntimeError:  # nowhere to keep it
        return make(cache=False)
