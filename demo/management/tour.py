"""Prints the tour of a running demo."""

import json
import secrets
import urllib.request
from datetime import UTC, datetime

from django.core.management.base import OutputWrapper

from demo.algorithms.shoppers import format_uuid
from demo.algorithms.tour import Guide, plan_tour
from demo.selectors import find_sights
from demo.services.access import Access
from demo.services.supervision import logs_folder

SAMPLE_QUERIES = (
    "waterproof hiking jacket", "wireless headphones for running", "gift for a baby",
)  # fmt: skip


def print_tour(out: OutputWrapper, url: str, access: Access, *, is_sample: bool) -> None:
    """Print curl lines for what `url` serves, then where people look."""
    for stop in plan_tour(_find_guide(url, access, is_sample=is_sample)):
        out.write(f"\n# {stop.title}\n{stop.command}")
    out.write(
        f"\nreference  {url}/v1/docs"
        f"\nadmin      {url}/admin/   {access.admin_username} / {access.admin_password}"
        f"\nlogs       {logs_folder()}"
        "\nCtrl-C stops everything."
    )


def _find_guide(url: str, access: Access, *, is_sample: bool) -> Guide:
    sights = find_sights()
    now = datetime.now(UTC)
    return Guide(
        url=url,
        publishable=access.publishable,
        secret=access.secret,
        visitor_token=_create_visitor(url, access.publishable),
        event_id=_new_event_id(now),
        occurred_at=now.isoformat(timespec="seconds").replace("+00:00", "Z"),
        product_id=sights.product_id,
        category=sights.category,
        price_max=sights.price_max,
        customer_id=sights.customer_id,
        queries=SAMPLE_QUERIES if is_sample else sights.queries,
    )


def _create_visitor(url: str, key: str) -> str:
    """A visitor's token, as a front end gets it."""
    request = urllib.request.Request(  # noqa: S310 - our own server
        f"{url}/v1/visitors", method="POST", headers={"Authorization": f"Bearer {key}"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        return str(json.load(answer)["token"])


def _new_event_id(now: datetime) -> str:
    """A UUIDv7."""
    moment = int(now.timestamp() * 1000).to_bytes(6)
    return format_uuid(moment + secrets.token_bytes(10), version=7)
