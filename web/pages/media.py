"""Pictures and videos: for the office's people, and for networks that fetch them.

A network needs no sign-in but a signed address; nothing is listed. A video leaves piece
by piece, from wherever who watches it asks for.
"""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request, Response

from models.errors import NotFound
from pipeline.addresses import behind
from web.asking import Id
from web.films import film_response
from web.site import Signed, site_of

router = APIRouter()
_MOST = 2**40  # of a number in an address; larger ones are of no row and no time
Number = Annotated[int, Path(ge=0, le=_MOST)]


@router.get("/video/{announcement_id}")
def film(desk: Signed, announcement_id: Id) -> Response:
    """The video of an announcement as it is kept, and as every account gets it."""
    with desk.read() as work:
        announcement = work.announcements.get(announcement_id)
        media = work.announcements.media(announcement)
    if media is None:
        raise NotFound(f"video of announcement {announcement_id}")
    asked = desk.request.headers.get("range", "")
    return film_response(desk.site.store, media, asked)


@router.get("/media/{office_id}/{sha256}/{end}/{signature}.{kind}")
def show(
    request: Request,
    office_id: Number,
    sha256: str,
    end: Number,
    signature: str,
    kind: str,
) -> Response:
    site = site_of(request)
    try:
        media = behind(
            site.store, site.vault, office_id, sha256, end, signature, site.now()
        )
    except NotFound:
        raise HTTPException(404) from None
    if media.media_type.rpartition("/")[2] != kind:
        raise HTTPException(404)
    if media.facts:
        return film_response(site.store, media, request.headers.get("range", ""))
    headers = {"cache-control": "private, no-store", "x-robots-tag": "noindex"}
    return Response(media.content, media_type=media.media_type, headers=headers)
