"""How often may one key, visitor or address call: in at most one question to Redis.

Each has a bucket that holds a minute's calls and refills steadily (the generic cell rate algorithm,
ITU-T I.371), so a burst is fine and a loop run amok is not. Whoever calls much is given a little in
advance, so that most calls need no question. While Redis is down nobody is refused.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from hashlib import blake2b, sha1
from typing import TYPE_CHECKING

import redis
from django.conf import settings
from django_redis import get_redis_connection
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from api.rest.allowances import Allowances, Ask
from api.rest.permissions import credential_of

if TYPE_CHECKING:  # importing it here would be circular: DRF reads these classes while it loads
    from rest_framework.views import APIView

logger = logging.getLogger(__name__)

PREFIX = "storefront:throttle:"
PERIOD_SECONDS = 60.0
# Each token proves a shopper; whoever sends one that does not is refused anyway.
TOKEN_HEADERS = ("HTTP_X_VISITOR_TOKEN", "HTTP_X_CUSTOMER_TOKEN")

# KEYS are who calls; ARGV, for each, calls in each period and how many are wanted. The value of a
# key is when its bucket is full again, in microseconds. Answers -1 where all that is wanted was
# taken, 0 where one call of each was; else nothing was, and so many microseconds have to pass.
TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local period = 60000000
local function take(all)
  local full, wait = {}, 0
  for place, key in ipairs(KEYS) do
    local calls = all and tonumber(ARGV[2 * place]) or 1
    local at = math.max(tonumber(redis.call('GET', key) or 0), now)
      + calls * period / tonumber(ARGV[2 * place - 1])
    full[place] = at
    wait = math.max(wait, at - period - now)
  end
  if wait > 0 then return math.ceil(wait) end
  for place, key in ipairs(KEYS) do
    redis.call('SET', key, string.format('%.0f', full[place]), 'PX', 61000)
  end
  return 0
end
if take(true) == 0 then return -1 end
return take(false)
"""
# What Redis calls the script by.
_SHA = sha1(TAKE.encode()).hexdigest()  # noqa: S324 - a name, not a proof
_allowances = Allowances()


class CallThrottle(BaseThrottle):
    """Refuses with 429 and Retry-After what exceeds the rates in the settings."""

    def __init__(self) -> None:
        self._wait: float | None = None

    def allow_request(self, request: Request, view: APIView) -> bool:  # noqa: ARG002
        """Whether the call may be made; then it counts."""
        buckets = self._buckets(request)
        if not buckets:
            return True
        self._wait = take(buckets)
        return self._wait == 0.0

    def wait(self) -> float | None:
        """Seconds until the call may be made."""
        return self._wait

    def _buckets(self, request: Request) -> dict[str, int]:
        """Who calls, and how many calls a minute each may make."""
        credential = credential_of(request)
        rates: dict[str, int] = {}
        if credential is None:
            rates[f"address:{self.get_ident(request)}"] = settings.API_RATE_ANONYMOUS
        else:
            rates[f"key:{credential.prefix}"] = settings.API_RATE_KEY
        for header in TOKEN_HEADERS:
            if token := request.META.get(header):
                digest = blake2b(token.encode(), digest_size=12).hexdigest()
                rates[f"shopper:{digest}"] = settings.API_RATE_SHOPPER
        return {name: rate for name, rate in rates.items() if rate > 0}


def take(buckets: dict[str, int]) -> float:
    """Take a call from each of `buckets` (name → calls a minute); seconds to wait if one is empty.

    0 where none is, and where Redis does not answer.
    """
    now = time.monotonic()
    asks = _allowances.spend(buckets, now)
    if not asks:
        return 0.0
    try:
        answer = _run(get_redis_connection("default"), asks)
    except (redis.RedisError, OSError) as error:
        logger.debug("nobody is throttled: %s", error)
        return 0.0
    if answer > 0:
        return answer / 1_000_000
    _allowances.lend(buckets, asks if answer else [ask._replace(calls=1) for ask in asks], now)
    return 0.0


def _run(client: redis.Redis, asks: Sequence[Ask]) -> int:
    """The script's answer. Its hash is enough, once Redis knows it."""
    keys = [PREFIX + ask.bucket for ask in asks]
    arguments = [number for ask in asks for number in (ask.rate, ask.calls)]
    try:
        return int(client.evalsha(_SHA, len(keys), *keys, *arguments))
    except redis.exceptions.NoScriptError:
        return int(client.eval(TAKE, len(keys), *keys, *arguments))


def forget_advances() -> None:
    """Ask about every bucket again."""
    _allowances.forget()
