"""Reading what a browser sent: cursors, times of the office, choices from a list."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo

from fastapi import Request
from pydantic import Field
from starlette.datastructures import FormData

from config.words import N_
from models.errors import InvalidInput, NotFound
from models.filters import Cursor

E = TypeVar("E", bound=StrEnum)
LARGEST_ID = 2**31 - 1  # PostgreSQL's integer; SQLite would hold more
Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
"""A row's number in an address; any other is answered like a row that is not there."""
IdOrNone = Annotated[int, Field(ge=0, le=LARGEST_ID)]
"""Likewise; 0 names no row."""


async def read_form(request: Request) -> AsyncIterator[FormData]:
    """The whole form, for pages whose fields depend on the office's accounts."""
    async with request.form(max_files=1, max_fields=200) as form:
        yield form


def cursor(text: str) -> Cursor | None:
    """Read what :meth:`Cursor.__str__` wrote; an unreadable one starts from the top."""
    moment, _, number = text.partition("_")
    last = whole(number)
    try:
        at = datetime.fromtimestamp(float(moment), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None if last is None else Cursor(at, last)


def whole(text: str) -> int | None:
    """A number from 0 to :data:`LARGEST_ID`, in plain digits; else None."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_ID))):
        return None
    number = int(text)
    return number if number <= LARGEST_ID else None


def choice(enum: type[E], text: str) -> E | None:
    """The code that ``text`` names; empty is no choice.

    Raises:
        NotFound: there is no such code.
    """
    if not text:
        return None
    try:
        return enum(text)
    except ValueError:
        raise NotFound(f"{enum.__name__} {text!r}") from None


def own_page(address: str) -> str:
    """``address`` where it leads back into our own pages, else the first page."""
    fits = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if fits and address.isprintable() else "/"


def local_time(text: str, zone: ZoneInfo, field: str) -> datetime | None:
    """A ``datetime-local`` field, on the wall of the office.

    Raises:
        InvalidInput: it is no time.
    """
    if not text.strip():
        return None
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=zone)
    except ValueError:
        raise InvalidInput(
            N_("Waktu tidak dapat dibaca. Pilih tanggal dan jam."), field
        ) from None
