"""Read the envelope of a batch of events, and render what became of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from rest_framework import status
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from api.rest.problems import InputError, InvalidInput, Problem
from events.algorithms.payloads import decode
from events.services import REJECTED, Outcome, count_outcomes

MAX_EVENTS = 1000
MAX_BYTES = 2 * 1024 * 1024
ENVELOPE_FIELDS = ("sent_at", "visitor_token", "events")


class JSONBatchParser(BaseParser):
    """JSON that forgives one event what would make the whole batch unreadable."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,  # noqa: ARG002
        parser_context: Mapping[str, Any] | None = None,  # noqa: ARG002
    ) -> Any:
        """The decoded body; a Problem where it is too big or no JSON."""
        body = stream.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            detail = f"Send at most {MAX_BYTES} bytes at once; split the batch."
            raise Problem(status.HTTP_413_REQUEST_ENTITY_TOO_LARGE, "too_large", detail)
        try:
            return decode(body)
        except ValueError:
            detail = "The body is not JSON in UTF-8."
            raise Problem(status.HTTP_400_BAD_REQUEST, "parse_error", detail) from None


class PlainTextBatchParser(JSONBatchParser):
    """The same as text/plain, which is what `navigator.sendBeacon` sends for a string."""

    media_type = "text/plain"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What holds the events: not yet validated one by one."""

    events: list[Any]
    visitor_token: str | None = None


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
    _check_sent_at(data.get("sent_at"))
    return Envelope(_read_events(data), token)


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


def _check_sent_at(value: Any) -> None:
    if value is None:
        return
    try:
        zone = datetime.fromisoformat(value).tzinfo
    except (TypeError, ValueError):
        zone = None
    if zone is None:
        detail = "Give an RFC 3339 time with its zone, such as 2026-01-31T12:00:00Z."
        raise _unreadable("invalid_time", detail, "/sent_at")


def _unreadable(code: str, detail: str, pointer: str) -> InvalidInput:
    return InvalidInput(InputError(code, detail, pointer))


def _printable(name: str) -> str:
    return name[:80].encode("utf-8", "replace").decode()
