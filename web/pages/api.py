"""The API for an office's own programs: read a delivery, and act on one.

A program shows its token in ``Authorization``; no cookie is read here, so no other page
can act in somebody's name. What ``docs/how-to/api.md`` says is what is answered.
"""

import hashlib
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field

from models.database import StorageFailed
from models.delivery import Delivery
from models.errors import Conflict, InvalidInput, NotAllowed, NotFound
from models.lists import Lists, Sent
from models.person import May
from models.scope import OfficeScope
from models.states import DeliveryState
from pipeline import settling
from pipeline.api_tokens import MOST_CALLS, Program, TooOften, Unknown, enter
from pipeline.unit import Work
from web.asking import Id, cursor
from web.site import site_of

LONGEST_REASON = 300
_CANCELLABLE = frozenset(
    {DeliveryState.SCHEDULED, DeliveryState.HELD, DeliveryState.REJECTED}
)


class _Stale(Exception):
    """``If-Match`` names another version than the one that stands."""


_KNOWN: Mapping[type[Exception], tuple[int, str, str]] = {
    Unknown: (401, "unknown_token", "the token opens nothing"),
    NotAllowed: (403, "not_allowed", "the token's role may not, or it only reads"),
    NotFound: (404, "not_found", "the office has none of this number"),
    Conflict: (409, "conflict", "it does not stand so that this could be done"),
    _Stale: (412, "changed", "it changed since it was read"),
    InvalidInput: (422, "unreadable", "see docs/how-to/api.md"),
    RequestValidationError: (422, "unreadable", "see docs/how-to/api.md"),
    TooOften: (429, "too_often", f"at most {MOST_CALLS} calls a minute"),
    StorageFailed: (503, "storage", "nothing was stored"),
}
"""What each failure is to a program: status, code, and a word for who writes it."""


def _explained(error: Exception) -> Response:
    kind = next(one for one in _KNOWN if isinstance(error, one))
    status, code, message = _KNOWN[kind]
    headers: dict[str, str] = {}
    if isinstance(error, TooOften):
        headers["Retry-After"] = str(max(1, round(error.wait.total_seconds())))
    if isinstance(error, Unknown):
        headers["WWW-Authenticate"] = "Bearer"
    told = {"error": {"code": code, "message": message}}
    return JSONResponse(told, status, headers)


class ApiRoute(APIRoute):
    """Answers every failure as JSON, in one form."""

    def get_route_handler(
        self,
    ) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await inner(request)
            except tuple(_KNOWN) as error:
                return _explained(error)

        return answered


router = APIRouter(prefix="/api/v1", route_class=ApiRoute)


def caller(request: Request) -> Program:
    """Find which program calls.

    Raises:
        Unknown, TooOften: as named.
    """
    site = site_of(request)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Unknown("no token")
    program = enter(site.store, token.strip(), site.now())
    program.person.must(May.READ)
    return program


Caller = Annotated[Program, Depends(caller)]


class Wanted(BaseModel):
    """How a delivery is to stand."""

    model_config = ConfigDict(extra="forbid")

    state: str = Field(pattern="^(cancelled|scheduled)$")
    reason: str = Field(default="", max_length=LONGEST_REASON)


@router.get("/deliveries")
def deliveries(
    request: Request,
    program: Caller,
    state: Annotated[list[DeliveryState] | None, Query()] = None,
    after: str = "",
) -> Response:
    """One page of deliveries, the latest due first."""
    with site_of(request).store.read(_office(program)) as work:
        rows, onward = Lists(work.session).sent(state or (), cursor(after))
        told = [_told(row) for row in rows]
    return JSONResponse({"deliveries": told, "next": str(onward) if onward else None})


@router.get("/deliveries/{delivery_id}")
def delivery(request: Request, program: Caller, delivery_id: Id) -> Response:
    """One delivery with every try."""
    with site_of(request).store.read(_office(program)) as work:
        return _one(work, delivery_id)


@router.put("/deliveries/{delivery_id}")
def change(
    request: Request, program: Caller, delivery_id: Id, wanted: Wanted
) -> Response:
    """Give one up, or let one that is held go on; asked again, nothing more happens.

    What may be out is never sent again from here: that takes a person's eyes.
    """
    site = site_of(request)
    if not program.acts:
        raise NotAllowed("this token only reads")
    with site.store.write(_office(program)) as work:
        row = work.deliveries.get(delivery_id, lock=True)
        expected = request.headers.get("if-match", "")
        if expected and expected != _etag(row):
            raise _Stale
        if row.state.value != wanted.state:
            _act(work, program, row, wanted, site.now())
    with site.store.read(_office(program)) as work:
        return _one(work, delivery_id)


def _act(
    work: Work, program: Program, row: Delivery, wanted: Wanted, now: datetime
) -> None:
    said = f"{wanted.reason} (API: {program.name})".strip()
    by = program.person
    if wanted.state == DeliveryState.CANCELLED.value:
        settling.cancel_delivery(work, by, row.id, said, now)
        return
    if row.state is not DeliveryState.HELD:
        raise Conflict(f"delivery {row.id} is {row.state.value}, not held")
    settling.release(work, by, row.id, now)
    work.audit.act(by, "delivery.by_api", Delivery, row.id, now, said)


def _office(program: Program) -> OfficeScope:
    return OfficeScope(program.person.office_id)


def _one(work: Work, delivery_id: int) -> Response:
    lists = Lists(work.session)
    sent = lists.delivery(delivery_id)
    tries = [
        {
            "number": one.number,
            "armed_at": _time(one.armed_at),
            "ended_at": _time(one.ended_at),
            "outcome": one.outcome.value if one.outcome else None,
            "problem": one.problem.value if one.problem else None,
            "detail": one.detail,
        }
        for one in lists.attempts(delivery_id)
    ]
    told = _told(sent) | {"tries": tries}
    return JSONResponse(told, headers={"ETag": _etag(sent.delivery)})


def _told(sent: Sent) -> dict[str, Any]:
    """A delivery as programs see it; the recipient of a letter is nobody's business."""
    row = sent.delivery
    may = [DeliveryState.CANCELLED.value] if row.state in _CANCELLABLE else []
    if row.state is DeliveryState.HELD:
        may.append(DeliveryState.SCHEDULED.value)
    return {
        "id": row.id,
        "key": row.key,
        "announcement": row.announcement_id,
        "title": sent.title,
        "network": sent.network,
        "account": sent.handle,
        "state": row.state.value,
        "may_become": may,
        "due_at": _time(row.due_at),
        "not_after": _time(row.not_after),
        "part": row.part,
        "parts": row.parts,
        "problem": row.problem.value if row.problem else None,
        "detail": row.detail,
        "reason": row.reason,
        "remote_id": row.remote_id,
        "url": row.url,
        "published_at": _time(row.published_at),
        "updated_at": _time(row.updated_at),
    }


def _etag(row: Delivery) -> str:
    """Of how it stands now; another state, or another time, is another one."""
    stands = f"{row.id} {row.state.value} {row.updated_at.timestamp()} {row.part}"
    return f'"{hashlib.sha256(stands.encode()).hexdigest()[:24]}"'


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
