"""The endpoint over HTTP, and the same statement and model called bare."""

import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from benchmarks.events.shop import Shop
from benchmarks.search.legs import milliseconds, server_seconds


def measure_endpoint(
    shop: Shop, queries: Sequence[str], others: Sequence[str], clients: int
) -> dict[str, Any]:
    """Each query once uncached and once cached, by `clients` at a time.

    `server` times are the view's own, from the log of searches; `http` ones are the clients'.
    `worst` is the query that took the view longest.
    """
    _warm(shop, others, clients)
    figures: dict[str, Any] = {}
    for name in ("uncached", "cached"):
        _forget_searches()
        started = time.perf_counter()
        times = _ask(shop, queries, clients)
        figures[f"{name}_per_second"] = len(queries) / (time.perf_counter() - started)
        figures |= _logged(name) | _percentiles(f"{name}_http", times)
    return figures


def measure_beside_bare(
    shop: Shop, queries: Sequence[str], others: Sequence[str], encoder: Any
) -> dict[str, dict[str, Any]]:
    """One client's uncached searches, each beside one called bare, by turns; then cached ones.

    So that both meet the same moods of the machine and caches that are as cold. A query's two turns
    are half of the queries apart, lest one find warm what the other has read.
    """
    bare = _Bare(encoder)
    milliseconds(bare.search, others[:20])
    _warm(shop, others, 1)
    _forget_searches()
    asked: list[float] = []
    called: list[float] = []
    before, half = server_seconds(), len(queries) // 2
    with _client(shop) as client:
        for number, query in enumerate(queries):
            if number % 2:
                asked += _timed(client, [query])
            called += milliseconds(bare.search, [queries[number - half]])
            if number % 2 == 0:
                asked += _timed(client, [query])
    spent = 1000 * (server_seconds() - before) / len(queries)
    endpoint = _logged("uncached") | _percentiles("uncached_http", asked)
    figures = _percentiles("bare", called) | {"server_processor_ms": spent}
    ratio = endpoint["uncached_server_p50"] / figures["bare_p50"]
    _forget_searches()
    cached = _percentiles("cached_http", _ask(shop, queries, 1))
    return {
        "bare": figures,
        "one client": endpoint | _logged("cached") | cached,
        "endpoint to bare": {"ratio": ratio},
    }


def _warm(shop: Shop, others: Sequence[str], clients: int) -> None:
    """Ask `others`, and forget the answers.

    Each thread of the server has a connection, which plans a statement anew for the first five
    times, and meets each page of the shared memory for a first time.
    """
    from django.core.cache import cache  # noqa: PLC0415 - Django must be set up

    cache.clear()
    _ask(shop, others, 2 * clients)
    cache.clear()


def _forget_searches() -> None:
    from search.models import SearchQuery  # noqa: PLC0415 - Django must be set up

    SearchQuery.objects.all().delete()


def _logged(name: str) -> dict[str, Any]:
    """What the view took, by its log, for searches that were cached or not, as `name` says."""
    from search.models import SearchQuery  # noqa: PLC0415 - Django must be set up

    time.sleep(0.5)
    logged = SearchQuery.objects.filter(cached=name == "cached")
    spent = list(logged.order_by("-duration_ms").values_list("duration_ms", "query"))
    figures: dict[str, Any] = _percentiles(f"{name}_server", [duration for duration, _ in spent])
    if name == "uncached":
        figures |= {"worst": spent[0][1], "worst_server": spent[0][0]}
    return figures


def _client(shop: Shop) -> httpx.Client:
    headers = {"Authorization": f"Bearer {shop.key}"}
    return httpx.Client(base_url=shop.url, headers=headers, timeout=60)


def _timed(client: httpx.Client, queries: Sequence[str]) -> list[float]:
    def ask(query: str) -> None:
        client.get("/v1/search", params={"q": query}).raise_for_status()

    return milliseconds(ask, queries)


def _ask(shop: Shop, queries: Sequence[str], clients: int) -> list[float]:
    def work(part: Sequence[str]) -> list[float]:
        with _client(shop) as client:
            return _timed(client, part)

    with ThreadPoolExecutor(clients) as pool:
        parts = [queries[number::clients] for number in range(clients)]
        return [value for part in pool.map(work, parts) for value in part]


def _percentiles(name: str, times: Sequence[float]) -> dict[str, float]:
    cuts = statistics.quantiles(times, n=20)
    return {f"{name}_p50": statistics.median(times), f"{name}_p95": cuts[18]}


class _Bare:
    """The model, the search's statement and the cards' statement, with nothing around them."""

    def __init__(self, encoder: Any) -> None:
        self._encoder = encoder

    def search(self, query: str) -> None:
        """Do for `query` what a search can't do without."""
        from django.conf import settings  # noqa: PLC0415 - Django must be set up

        from catalogue.selectors import load_product_cards  # noqa: PLC0415
        from search.algorithms.query import parse_query  # noqa: PLC0415
        from search.selectors.candidates import Wanted, find_candidates  # noqa: PLC0415

        vector = self._encoder.encode_query(query)
        wanted = Wanted(
            parse_query(query), vector, self._encoder.model_version,
            floor=settings.SEARCH_SIMILARITY_FLOOR,
        )  # fmt: skip
        load_product_cards(find_candidates(wanted).product_ids[:24].tolist(), available_only=False)
