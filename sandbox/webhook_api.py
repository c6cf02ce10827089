"""A strict receiver of signed webhooks, as ``docs/networks/webhook.md`` asks for one.

It refuses what it cannot prove: a signature of none of its keys, a timestamp further
than five minutes away, a body that is no JSON of ours. A key that it knows is answered
as the first time; the same key with another body is refused (409).
"""

import hashlib
import hmac
import json
import time
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from sandbox.world import world_of

router = APIRouter()
PATH = "/webhook"
WINDOW = 300  # seconds


@router.post(PATH)
async def receive(request: Request) -> JSONResponse:
    """Take one event."""
    world = world_of(request)
    body = await request.body()
    headers = request.headers
    timestamp = headers.get("kentongan-timestamp", "")
    key = headers.get("idempotency-key", "")
    if not _fresh(timestamp):
        return _refuse(401, "timestamp outside the window")
    given = headers.get("kentongan-signature", "")
    if not _proves(world.hooks.keys, timestamp, body, given):
        return _refuse(401, "no signature of ours")
    event = _event(body)
    if event is None or not key:
        return _refuse(422, "no event")
    digest = hashlib.sha256(body).hexdigest()
    known = world.hooks.answers.get(key)
    if known is not None:
        same = known[0] == digest
        return JSONResponse(known[1]) if same else _refuse(409, "another body")
    if event["event"] != "ping":
        world.hooks.events.append(event)
    number = len(world.hooks.events)
    answer = {"id": f"berita-{number}", "url": f"{world.url}/berita/{number}"}
    world.hooks.answers[key] = (digest, answer)
    return JSONResponse(answer)


def _fresh(timestamp: str) -> bool:
    if not (timestamp.isascii() and timestamp.isdigit()):
        return False
    return abs(time.time() - int(timestamp)) <= WINDOW


def _proves(keys: list[str], timestamp: str, body: bytes, given: str) -> bool:
    signed = timestamp.encode() + b"." + body
    found = [one.removeprefix("v1=") for one in given.split(",")]
    expected = [hmac.new(k.encode(), signed, hashlib.sha256).hexdigest() for k in keys]
    return any(hmac.compare_digest(one, e) for one in found for e in expected)


def _event(body: bytes) -> dict[str, Any] | None:
    try:
        event = json.loads(body)
    except ValueError:
        return None
    ours = isinstance(event, dict) and event.get("version") == 1
    return event if ours and isinstance(event.get("event"), str) else None


def _refuse(status: int, why: str) -> JSONResponse:
    return JSONResponse({"error": why}, status_code=status)
