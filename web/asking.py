"""Reading what a browser sent: cursors, times of the office, choices from a list."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from fastapi import Request
from starlette.datastructures import FormData

from config.words import N_
from models.errors import InvalidInput, NotFound
from models.lists import Cursor

E = TypeVar("E", bound=StrEnum)


async def read_form(request: Request) -> AsyncIterator[FormData]:
    """The whole form, for pages whose fields depend on the office's accounts."""
    async with request.form(max_files=1, max_fields=200) as form:
        yield form


def cursor(text: str) -> Cursor | None:
    """Read what :meth:`Cursor.__str__` wrote; an unreadable one starts from the top."""
    moment, _, number = text.partition("_")
    try:
        return Cursor(datetime.fromtimestamp(float(moment), UTC), int(number))
    except (ValueError, OverflowError, OSError):
        return None


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
