"""Our own files: named by their content, so that a browser keeps them for a year."""

import hashlib
from functools import cache
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).resolve().parent / "static"
_YEAR = "public, max-age=31536000, immutable"
_CHECK = "public, max-age=3600"


@cache
def fingerprint(path: str) -> str:
    """Twelve hex digits of a file's content."""
    return hashlib.sha256((FOLDER / path).read_bytes()).hexdigest()[:12]


@cache
def address(path: str) -> str:
    """The address of a file as pages write it."""
    return f"/static/{path}?v={fingerprint(path)}"


class OwnFiles(StaticFiles):
    """Files under ``web/static``; those asked for by content stay for a year."""

    def __init__(self) -> None:
        super().__init__(directory=FOLDER)

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        named = scope.get("query_string", b"").startswith(b"v=")
        if response.status_code in (200, 304):
            response.headers["cache-control"] = _YEAR if named else _CHECK
        return response
