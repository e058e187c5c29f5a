"""Ask a kept shop what shoppers typed, and products by names with a slip in them.

`python -m benchmarks.search.typed --keep FOLDER --products FILE --queries FILE --model FOLDER`,
on the catalogue that `python -m benchmarks.search --keep FOLDER --fill` made of --products (or of
these and others). Every query of --queries is asked over HTTP; what is not answered with 200 is
told. Then --names titles of --products, each with one edit in one of its words: how many of the
products are among the first ten. Copies of a product, which differ in some of its words, count as
others.
"""

import argparse
import gzip
import json
import random
import string
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

from benchmarks.events.shop import open_services, web_server

SHORTEST = 4  # letters of a word that is misspelt


def main() -> None:
    """Ask, and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, required=True, help="where the catalogue is")
    parser.add_argument("--products", type=Path, required=True)
    parser.add_argument("--queries", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True, help="an exported model's folder")
    parser.add_argument("--names", type=int, default=1_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    environment = {"EMBEDDING_MODEL_DIR": str(options.model.resolve())}
    queries = [row["query"] for row in _read(options.queries)]
    typed = misspell_names(_read(options.products), options.names)
    with open_services(options.keep.resolve()):
        from partners.services import create_api_key  # noqa: PLC0415 - Django must be set up

        key = create_api_key("benchmark", "secret")
        with web_server(**environment) as url, _client(url, key) as client:
            figures = answer_all(client, queries) | recover_all(client, typed)
    print(json.dumps(figures, indent=2))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


def answer_all(client: httpx.Client, queries: Sequence[str]) -> dict[str, Any]:
    """How many queries were answered with which status, and the first ten of the others."""
    statuses: Counter[int] = Counter()
    failed, empty = [], 0
    for query in queries:
        response = client.get("/v1/search", params={"q": query})
        statuses[response.status_code] += 1
        if response.status_code == httpx.codes.OK:
            empty += not response.json()["results"]
        else:
            failed.append(query)
    return {"queries": len(queries), "statuses": dict(statuses), "failed": failed[:10],
            "without results": empty}  # fmt: skip


def recover_all(client: httpx.Client, typed: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """How many of the named products are first, and among the first ten; ten that are not."""
    places = [_place(client, product_id, query) for product_id, query in typed]
    missed = [query for (_, query), place in zip(typed, places, strict=True) if not place]
    return {
        "misspelt names": len(typed),
        "first": sum(place == 1 for place in places) / len(typed),
        "among ten": sum(place > 0 for place in places) / len(typed),
        "missed": missed[:10],
    }


def _place(client: httpx.Client, product_id: str, query: str) -> int:
    """The product's place from 1 among the first ten results; 0 where it is none of them."""
    response = client.get("/v1/search", params={"q": query, "limit": 10})
    found = [result["product"]["id"] for result in response.raise_for_status().json()["results"]]
    return found.index(product_id) + 1 if product_id in found else 0


def misspell_names(
    products: Sequence[dict[str, Any]], count: int, seed: int = 5
) -> list[tuple[str, str]]:
    """Ids of `count` of `products` drawn by chance, each with its title misspelt.

    Titles that several products share are left out, and those without a word to misspell.
    """
    chance = random.Random(seed)
    shared = Counter(row["title"] for row in products)
    drawn = chance.sample(products, len(products))
    typed = (
        (row["id"], misspell(row["title"], chance)) for row in drawn if shared[row["title"]] == 1
    )
    return [(product_id, query) for product_id, query in typed if query][:count]


def misspell(title: str, chance: random.Random) -> str | None:
    """`title` with a letter missing, added, wrong or swapped in a plain word; None without one."""
    words = title.split()
    plain = [place for place, word in enumerate(words) if word.isalpha() and len(word) >= SHORTEST]
    if not plain:
        return None
    place = chance.choice(plain)
    word, letter = words[place], chance.choice(string.ascii_lowercase)
    at = chance.randrange(len(word) - 1)
    edits = (
        word[:at] + word[at + 1 :],
        word[:at] + letter + word[at:],
        word[:at] + letter + word[at + 1 :],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    )
    words[place] = chance.choice([edit for edit in edits if edit != word])
    return " ".join(words)


def _client(url: str, key: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.Client(base_url=url, headers=headers, timeout=60)


def _read(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


if __name__ == "__main__":
    main()
