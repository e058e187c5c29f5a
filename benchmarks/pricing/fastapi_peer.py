"""The answer of `GET /v1/prices` from FastAPI and asyncpg: key, query and rendering alike.

granian --interface asgi benchmarks.pricing.fastapi_peer:app
"""

import os
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import django
import orjson
from fastapi import FastAPI, Header, HTTPException, Response

django.setup()

from django.conf import settings  # noqa: E402 - needs the set-up

from api.prepared import number_parameters  # noqa: E402 - the same
from partners.selectors import REMEMBERED_SECONDS, hash_key  # noqa: E402 - the same
from pricing.selectors import prices as ours  # noqa: E402 - the same
from pricing.serializers.prices import render_prices  # noqa: E402 - the same
from pricing.views.prices import etag_of  # noqa: E402 - the same

STATEMENT, NAMES = number_parameters(ours.PRICES_SQL)
QUERY = STATEMENT.decode()
KEY = "SELECT 1 FROM partners_apikey WHERE digest = $1 AND revoked_at IS NULL"
_keys: dict[str, float] = {}
_pool: dict[str, asyncpg.Pool] = {}


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Hold connections as long as the server runs."""
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=4, max_size=4) as pool:
        _pool["pool"] = pool
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/v1/prices")
async def get_prices(product_ids: str, authorization: str = Header("")) -> Response:
    """Prices in force."""
    await _check_key(authorization.removeprefix("Bearer "))
    ids = list(dict.fromkeys(product_ids.split(",")))
    values = {"ids": ids, "currency": settings.STORE_CURRENCY}
    rows = await _pool["pool"].fetch(QUERY, *(values[name] for name in NAMES))
    found = {row[0]: ours.read_price_cards(*row) for row in rows}
    results = render_prices(found)
    unknown = [product_id for product_id in ids if product_id not in found]
    body: dict[str, Any] = {
        "request_id": str(uuid.uuid4()), "results": results, "unknown": unknown,
    }  # fmt: skip
    headers = {"ETag": etag_of([results, unknown])}
    return Response(orjson.dumps(body), media_type="application/json", headers=headers)


async def _check_key(key: str) -> None:
    digest = hash_key(key)
    if _keys.get(digest, 0) > time.monotonic():
        return
    if await _pool["pool"].fetchval(KEY, digest) is None:
        raise HTTPException(401)
    _keys[digest] = time.monotonic() + REMEMBERED_SECONDS
