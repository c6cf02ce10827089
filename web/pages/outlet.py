"""*Umpan*: the announcements of an office as Atom and JSON Feed, without a sign-in."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from enum import StrEnum

from fastapi import APIRouter, HTTPException, Request, Response

from pipeline.outlet import outlet
from reports import outlet as documents
from web.site import site_of

router = APIRouter()
CACHED_FOR = 300  # seconds that a reader, or a proxy between, may keep it
FRESH = 2  # seconds in which another change may carry the same Last-Modified


class Form(StrEnum):
    """The forms of a feed, as they end its address."""

    ATOM = "atom"
    JSON = "json"


_WRITERS: dict[Form, tuple[Callable[[documents.Outlet], bytes], str]] = {
    Form.ATOM: (documents.atom, documents.ATOM_TYPE),
    Form.JSON: (documents.json_feed, documents.JSON_TYPE),
}


@router.get("/umpan/{code}/pengumuman.{form}")
def show(request: Request, code: str, form: Form) -> Response:
    site = site_of(request)
    if not site.settings.public_feed:
        raise HTTPException(404)
    base = site.settings.public_url or str(request.base_url)
    found = outlet(site.store, code, base.rstrip("/"))
    write, media_type = _WRITERS[form]
    body = write(found)
    headers = {
        "etag": f'W/"{hashlib.sha256(body).hexdigest()[:32]}"',
        "last-modified": format_datetime(found.updated_at.astimezone(UTC), usegmt=True),
        "cache-control": f"public, max-age={CACHED_FOR}",
        "access-control-allow-origin": "*",  # it is public: any site may show it
    }
    if _unchanged(request, headers["etag"], found.updated_at, site.now()):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def _unchanged(request: Request, tag: str, changed: datetime, now: datetime) -> bool:
    """Whether the reader has it already (RFC 9110, 13.1: the tag decides alone)."""
    known = request.headers.get("if-none-match")
    if known is not None:
        given = {one.strip().removeprefix("W/") for one in known.split(",")}
        return "*" in given or tag.removeprefix("W/") in given
    try:
        since = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
    except ValueError:
        return False
    if since.tzinfo is None or (now - changed).total_seconds() < FRESH:
        return False
    return changed.replace(microsecond=0) <= since
