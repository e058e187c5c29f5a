"""How long searches take over HTTP: each query once uncached, then once more from the cache.

    python benchmarks/search_latency.py http://127.0.0.1:8000 [--key pk_…] [--queries 300]

Queries are words out of the shop's own titles, other ones at each run. The server must be warm:
twenty searches go ahead unmeasured. One connection, one request at a time.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable

import httpx


def read_titles(client: httpx.Client) -> list[str]:
    """Titles of the shop's most popular products."""
    titles: list[str] = []
    url: str | None = "/v1/search?limit=100"
    while url:
        page = client.get(url).raise_for_status().json()
        titles += [result["product"]["title"] for result in page["results"]]
        url = page["next"]
    return titles


def make_queries(titles: list[str], count: int) -> list[str]:
    """Distinct queries: one to four words of a title, and a digit."""
    queries: set[str] = set()
    while len(queries) < count:
        words = random.choice(titles).split()
        kept = random.sample(words, min(len(words), random.randint(1, 4)))
        queries.add(" ".join([*kept, str(random.randint(0, 9))]))
    return list(queries)


def measure(search: Callable[[str], None], queries: list[str]) -> list[float]:
    """Milliseconds of each query."""
    times = []
    for query in queries:
        started = time.perf_counter()
        search(query)
        times.append(1000 * (time.perf_counter() - started))
    return times


def show(name: str, times: list[float]) -> None:
    """One line of percentiles."""
    cuts = statistics.quantiles(times, n=100)
    print(f"{name:<10} p50 {cuts[49]:6.1f} ms   p95 {cuts[94]:6.1f} ms   n={len(times)}")


def main() -> None:
    """Measure the server at the given URL."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--key")
    parser.add_argument("--queries", type=int, default=300)
    options = parser.parse_args()
    headers = {"Authorization": f"Bearer {options.key}"} if options.key else {}
    with httpx.Client(base_url=options.url, headers=headers, timeout=30) as client:
        queries = make_queries(read_titles(client), options.queries + 20)

        def search(query: str) -> None:
            client.get("/v1/search", params={"q": query}).raise_for_status()

        measure(search, queries[:20])
        show("uncached", measure(search, queries[20:]))
        show("cached", measure(search, queries[20:]))


if __name__ == "__main__":
    main()
