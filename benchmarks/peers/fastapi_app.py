"""FastAPI, asyncpg and redis.asyncio: a customer's own products, to the byte as ours.

The same work as ours on the same services: the key is looked up (and remembered for five seconds),
the caller is throttled by the same script and the same advances, the same two statements are run,
what was bought, is of no interest or in the cart is left out, and the products are rendered with
their prices, by orjson. The statements and the script come in a file that PEER_FILE names. With
PEER_KEEPS=1 it also keeps products as rendered, by what the database says of them, as ours does.
"""

import hashlib
import json
import os
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import redis.asyncio
from fastapi import FastAPI, HTTPException, Query, Request, Response

from api.rest.allowances import Allowances

PLAN: dict[str, Any] = json.loads(Path(os.environ["PEER_FILE"]).read_text(encoding="utf-8"))
SITUATION, NAMES = PLAN["situation"]
CARDS, CARD_NAMES = PLAN["cards"]
SCRIPT: str = PLAN["throttle"]
SHA = hashlib.sha1(SCRIPT.encode()).hexdigest()
COLUMNS: list[str] = PLAN["columns"]
REMEMBERED_SECONDS = 5.0
# Shares of reasons are stored in so many steps.
STEPS = 10_000
services: dict[str, Any] = {}
keys: dict[str, tuple[float, str]] = {}
allowances = Allowances()


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Open the pool and Redis."""
    services["pool"] = await asyncpg.create_pool(PLAN["dsn"], min_size=4, max_size=4)
    services["redis"] = redis.asyncio.from_url(PLAN["redis"])
    await services["redis"].script_load(SCRIPT)
    yield
    await services["pool"].close()


app = FastAPI(lifespan=lifespan, openapi_url=None)


async def check_key(request: Request) -> str:
    """The prefix of a key that is known."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise HTTPException(401)
    digest = hashlib.sha256(key.encode()).hexdigest()
    known = keys.get(digest)
    if known is None or known[0] < time.monotonic():
        prefix = await services["pool"].fetchval(
            "SELECT prefix FROM partners_apikey WHERE digest = $1 AND revoked_at IS NULL", digest
        )
        if prefix is None:
            raise HTTPException(401)
        known = keys[digest] = (time.monotonic() + REMEMBERED_SECONDS, prefix)
    return known[1]


async def throttle(prefix: str) -> None:
    """Count a call of the key, at its usual rate."""
    rates, now = {f"peer:key:{prefix}": PLAN["rate"]}, time.monotonic()
    if asks := allowances.spend(rates, now):
        (ask,) = asks
        answer = int(
            await services["redis"].evalsha(SHA, 1, f"peer:{ask.bucket}", ask.rate, ask.calls)
        )
        if answer > 0:
            raise HTTPException(429)
        allowances.lend(rates, asks if answer else [ask._replace(calls=1)], now)


def money(amount: str, currency: str) -> dict[str, str]:
    """An amount on the wire."""
    return {"amount": f"{Decimal(amount):.2f}", "currency": currency}


def render(*row: Any) -> orjson.Fragment:
    """A product on the wire."""
    variants = [
        {
            "sku": sku, "attributes": attributes, "price": money(price, currency),
            "list_price": money(listed, currency),
            "prior_price": None if prior is None else money(prior, currency),
            "discount": discount, "in_stock": available,
        }
        for sku, attributes, price, listed, currency, available, prior, discount
        in orjson.loads(row[7])
    ]  # fmt: skip
    shown = variants[0]
    return orjson.Fragment(orjson.dumps({
        "id": row[1], "title": row[2], "description": row[3], "brand": row[4],
        "category_path": row[5], "image_url": row[6],
        **{name: shown[name]
           for name in ("price", "list_price", "prior_price", "discount", "in_stock")},
        "variants": variants,
    }))  # fmt: skip


if os.environ.get("PEER_KEEPS") == "1":
    render = lru_cache(2048)(render)


def render_card(card: Any) -> orjson.Fragment:
    """A row on the wire."""
    return render(*card[:5], tuple(card[5] or ()), *card[6:])


class Reasons:
    """Reasons as they are stored, packed; read for what is shown alone."""

    def __init__(self, text: str) -> None:
        self.names, self.width, self.codes = orjson.loads(text)

    def of(self, place: int) -> list[tuple[str, float]]:
        """Pairs of a product and its share in the product at `place`."""
        codes = self.codes[place * self.width : (place + 1) * self.width]
        return [
            (self.names[code // (STEPS + 1)], code % (STEPS + 1) / STEPS)
            for code in codes
            if code >= 0
        ]


@app.get("/v1/recommendations/home")
async def recommend(
    request: Request, customer_id: str, limit: int = Query(20, ge=1, le=50)
) -> Response:
    """What is the shopper's own."""
    await throttle(await check_key(request))
    async with services["pool"].acquire() as connection:
        values = PLAN["parameters"] | {"customer": customer_id}
        row = await connection.fetchrow(SITUATION, *(values[name] for name in NAMES))
        found = dict(zip(COLUMNS, row.values(), strict=False))
        hidden = {*(found["bought"] or ()), *(found["disliked"] or ()), *(found["in_cart"] or ())}
        reasons = Reasons(found["reasons"])
        ranked = {
            key: (score, place)
            for place, (key, score) in enumerate(zip(found["ids"], found["scores"], strict=True))
            if key not in hidden
        }
        wanted = {"ids": list(ranked)[: limit + 10], "currency": "USD", "available_only": True}
        cards = await connection.fetch(CARDS, *(wanted[name] for name in CARD_NAMES))
    shown = cards[:limit]
    best = max(ranked[card[0]][0] for card in shown)
    etag = hashlib.blake2b(
        orjson.dumps([found[name] for name in ("run", "version", "computed_at", "bought")]),
        digest_size=16,
    ).hexdigest()
    body = {
        "request_id": str(uuid.uuid4()), "placement": "home", "source": "personal",
        "run": found["run"],
        "results": [
            {
                "product": render_card(card), "position": place,
                "score": round(ranked[card[0]][0] * (1 / best), 6),
                "reason": {"because_of": [
                    {"product_id": product, "share": share}
                    for product, share in reasons.of(ranked[card[0]][1])
                ]},
            }
            for place, card in enumerate(shown, start=1)
        ],
    }  # fmt: skip
    return Response(orjson.dumps(body), media_type="application/json", headers={"ETag": etag})
