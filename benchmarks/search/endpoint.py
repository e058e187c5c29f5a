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

    Before, `others` are asked: each thread of the server has a connection, which plans a statement
    anew for the first five times, and meets each page of the shared memory for a first time.

    `server` times are the view's own, from the log of searches; `http` ones are the clients'.
    `worst` is the query that took the view longest.
    """
    from django.core.cache import cache  # noqa: PLC0415 - Django must be set up

    from search.models import SearchQuery  # noqa: PLC0415

    cache.clear()
    _ask(shop, others, 2 * clients)
    cache.clear()
    figures: dict[str, Any] = {}
    for name in ("uncached", "cached"):
        SearchQuery.objects.all().delete()
        started = time.perf_counter()
        times = _ask(shop, queries, clients)
        figures[f"{name}_per_second"] = len(queries) / (time.perf_counter() - started)
        time.sleep(0.5)
        logged = SearchQuery.objects.filter(cached=name == "cached")
        spent = list(logged.order_by("-duration_ms").values_list("duration_ms", "query"))
        figures |= _percentiles(f"{name}_server", [duration for duration, _ in spent])
        if name == "uncached":
            figures |= {"worst": spent[0][1], "worst_server": spent[0][0]}
        figures |= _percentiles(f"{name}_http", times)
    return figures


def _ask(shop: Shop, queries: Sequence[str], clients: int) -> list[float]:
    headers = {"Authorization": f"Bearer {shop.key}"}

    def work(part: Sequence[str]) -> list[float]:
        with httpx.Client(base_url=shop.url, headers=headers, timeout=60) as client:
            return milliseconds(
                lambda query: client.get("/v1/search", params={"q": query}).raise_for_status(), part
            )

    with ThreadPoolExecutor(clients) as pool:
        parts = [queries[number::clients] for number in range(clients)]
        return [value for part in pool.map(work, parts) for value in part]


def _percentiles(name: str, times: Sequence[float]) -> dict[str, float]:
    cuts = statistics.quantiles(times, n=20)
    return {f"{name}_p50": statistics.median(times), f"{name}_p95": cuts[18]}


def measure_bare(queries: Sequence[str], encoder: Any) -> dict[str, float]:
    """The model, the search's statement and the cards' statement, with nothing around them.

    `server_processor_ms` is what PostgreSQL's process spends on one, whatever else goes on.
    """
    from django.conf import settings  # noqa: PLC0415 - Django must be set up

    from catalogue.selectors import load_product_cards  # noqa: PLC0415
    from search.algorithms.query import parse_query  # noqa: PLC0415
    from search.selectors.candidates import Wanted, find_candidates  # noqa: PLC0415

    def search(query: str) -> None:
        vector = encoder.encode_query(query)
        wanted = Wanted(
            parse_query(query), vector, encoder.model_version,
            floor=settings.SEARCH_SIMILARITY_FLOOR,
        )  # fmt: skip
        load_product_cards(find_candidates(wanted).product_ids[:24].tolist(), available_only=False)

    for query in queries[:20]:
        search(query)
    before = server_seconds()
    figures = _percentiles("bare", milliseconds(search, queries))
    return figures | {"server_processor_ms": 1000 * (server_seconds() - before) / len(queries)}
