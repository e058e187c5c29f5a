"""Read the envelope of a batch of events, and render what became of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rest_framework import status
from rest_framework.request import Request

from api.rest.problems import InputError, InvalidInput, Problem
from events.services import REJECTED, Outcome, count_outcomes

MAX_EVENTS = 1000
ENVELOPE_FIELDS = ("sent_at", "visitor_token", "events")


@dataclass(frozen=True, slots=True)
class Envelope:
    """What holds the events: not yet validated one by one."""

    events: list[Any]
    visitor_token: str | None = None
    sent_at: datetime | None = None


def read_envelope(request: Request) -> Envelope:
    """The envelope of the request's body; InvalidInput names what can't be read."""
    data = request.data
    if not isinstance(data, dict):
        raise _unreadable("not_an_object", 'Send an object: {"events": [..]}.', "")
    unknown = [name for name in data if name not in ENVELOPE_FIELDS]
    if unknown:
        detail = f"Unknown field. Known: {', '.join(ENVELOPE_FIELDS)}."
        raise _unreadable("unknown_field", detail, f"/{_printable(unknown[0])}")
    token = data.get("visitor_token")
    if token is not None and not isinstance(token, str):
        raise _unreadable(
            "not_text", "Give the token that POST /v1/visitors gave.", "/visitor_token"
        )
    sent_at = _read_sent_at(data.get("sent_at"))
    return Envelope(_read_events(data), token, sent_at)


def render_outcomes(outcomes: list[Outcome]) -> dict[str, Any]:
    """The answer: how many were stored, and what became of each event."""
    return {
        **count_outcomes(outcomes),
        "outcomes": [_render(index, outcome) for index, outcome in enumerate(outcomes)],
    }


def _render(index: int, outcome: Outcome) -> dict[str, Any]:
    shown = {"index": index, "event_id": outcome.event_id, "outcome": outcome.result}
    if outcome.result == REJECTED:
        shown |= {
            "code": outcome.code,
            "pointer": f"/events/{index}{outcome.pointer}",
            "detail": outcome.detail,
        }
    return shown


def _read_events(data: Mapping[str, Any]) -> list[Any]:
    events = data.get("events")
    if not isinstance(events, list) or not events:
        raise _unreadable("required", f"Give a list of 1 to {MAX_EVENTS} events.", "/events")
    if len(events) > MAX_EVENTS:
        detail = f"Send at most {MAX_EVENTS} events at once; split the batch."
        raise Problem(status.HTTP_413_REQUEST_ENTITY_TOO_LARGE, "too_many_events", detail)
    return events


def _read_sent_at(value: Any) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        detail = "Give an RFC 3339 time with its zone, such as 2026-01-31T12:00:00Z."
        raise _unreadable("invalid_time", detail, "/sent_at")
    return moment


def _unreadable(code: str, detail: str, pointer: str) -> InvalidInput:
    return InvalidInput(InputError(code, detail, pointer))


def _printable(name: str) -> str:
    return name[:80].encode("utf-8", "replace").decode()
