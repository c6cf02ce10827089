"""A video on its way to who watches it: in pieces, whole or a part of it.

A part is asked for by ``Range`` (RFC 9110, 14): players seek with it, and networks that
fetch go on with it after a line broke.
"""

import re

from fastapi import Response
from fastapi.responses import StreamingResponse

from models.announcement import Media
from models.errors import NotFound
from models.video import facts_of
from pipeline.unit import Store
from pipeline.videos import part

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def film_response(store: Store, media: Media, asked: str) -> Response:
    """Answer with a video, or with the part of it that ``asked`` names.

    Args:
        asked: the header ``Range``; empty or unreadable: all of it.

    Raises:
        NotFound: it is no video.
    """
    facts = facts_of(media)
    if facts is None:
        raise NotFound(f"video {media.id}")
    headers = {
        "accept-ranges": "bytes",
        "content-encoding": "identity",  # it is small already
        "x-robots-tag": "noindex",
        "cache-control": "private, no-store",
    }
    span = _span(asked, facts.size)
    if span is None:
        headers["content-range"] = f"bytes */{facts.size}"
        return Response(status_code=416, headers=headers)
    start, end = span
    headers["content-length"] = str(end - start)
    whole = end - start == facts.size
    if not whole:
        headers["content-range"] = f"bytes {start}-{end - 1}/{facts.size}"
    return StreamingResponse(
        part(store, media, start, end),
        200 if whole else 206,
        headers,
        media_type=media.media_type,
    )


def _span(asked: str, size: int) -> tuple[int, int] | None:
    """Where it begins and ends; None where there is nothing of what was asked for."""
    found = _RANGE.fullmatch(asked.strip())
    if found is None or not any(found.groups()):
        return 0, size
    first, last = found.groups()
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1 if last else size)
    return (start, end) if start < end else None
