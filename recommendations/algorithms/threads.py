"""How many threads BLAS may take, and blocks of work by several threads."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import cache
from os import sched_getaffinity
from typing import Any, TypeVar

from threadpoolctl import ThreadpoolController

Item = TypeVar("Item")
Result = TypeVar("Result")


@cache
def _controller() -> Any:
    return ThreadpoolController()


def single_threaded() -> AbstractContextManager[Any]:
    """Keep BLAS to one thread: for many small products its threads cost more than they do."""
    limit: AbstractContextManager[Any] = _controller().limit(limits=1, user_api="blas")
    return limit


def count_threads(asked: int) -> int:
    """How many threads `asked` means: 0 is one for each core that this process may use.

    Libraries are told the number: left to themselves they heed OMP_NUM_THREADS, which is set to 1
    so that processes beside each other do not take each other's cores.
    """
    return asked or len(sched_getaffinity(0))


# Fewer blocks than these are done sooner by one thread than handed to several.
LEAST_FOR_THREADS = 16
# So many blocks a thread are done ahead, so that none waits while what is done is written.
AHEAD = 40


def map_in_order(
    work: Callable[[Item], Result], items: Sequence[Item], threads: int
) -> Iterator[Result]:
    """`work` done on each of `items`, in their order, by so many threads (0: a core each).

    Each works with one thread of BLAS. Of what is done ahead little is held.
    """
    threads = count_threads(threads)
    with single_threaded():
        if threads <= 1 or len(items) < LEAST_FOR_THREADS:
            yield from map(work, items)
            return
        with ThreadPoolExecutor(threads) as pool:
            pending: deque[Future[Result]] = deque()
            for item in items:
                pending.append(pool.submit(work, item))
                if len(pending) >= AHEAD * threads:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
