"""Pictures for networks that fetch them: no sign-in, a signed address, no listing."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request, Response

from models.errors import NotFound
from pipeline.addresses import picture
from web.site import site_of

router = APIRouter()
_MOST = 2**40  # of a number in an address; larger ones are of no row and no time
Number = Annotated[int, Path(ge=0, le=_MOST)]


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
        content, media_type = picture(
            site.store, site.vault, office_id, sha256, end, signature, site.now()
        )
    except NotFound:
        raise HTTPException(404) from None
    if media_type.rpartition("/")[2] != kind:
        raise HTTPException(404)
    headers = {"cache-control": "private, no-store", "x-robots-tag": "noindex"}
    return Response(content, media_type=media_type, headers=headers)
