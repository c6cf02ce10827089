"""How commands print: tables for people, JSON for programs, in the user's language."""

import json
import os
import re
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

from config.printing import one_line, printable
from config.words import N_

PIPED_WIDTH = 200
_NOT_PLAIN = re.compile("[\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Lawful in JSON, but not on a screen; its own escape says the same."""


def words() -> Callable[[str], str]:
    """The translation of this terminal: English where ``LANG`` says so."""
    from config.words import words as catalogue

    return catalogue(terminal_language()).gettext


def terminal_language() -> str:
    """What ``LANG`` says: "en", or "id" for everything else."""
    language = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return "en" if language.lower().startswith("en") else "id"


def _(message: str) -> str:
    """``message`` in the language of this terminal."""
    return words()(message)


def say(text: str) -> None:
    """Print a text that strangers wrote; what acts on a terminal is only shown."""
    print(printable(text))


def print_json(value: Any) -> None:
    """Print a value as one JSON document, with every control character escaped."""
    written = json.dumps(value, ensure_ascii=False, indent=2, default=_plain)
    print(_NOT_PLAIN.sub(lambda found: f"\\u{ord(found[0]):04x}", written))


def print_rows(
    rows: Sequence[Mapping[str, Any]],
    *,
    as_json: bool,
    zone: ZoneInfo | None = None,
    empty: str = N_("Belum ada."),
    programs_only: Collection[str] = (),
) -> None:
    """Print rows as a table, or as a JSON array of objects.

    Args:
        programs_only: columns that the table leaves out, to fit a screen.
    """
    if as_json:
        print_json(list(rows))
        return
    if not rows:
        print(_(empty))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE)
    names = [name for name in rows[0] if name not in programs_only]
    for name in names:
        table.add_column(name.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(_shown(row[name], zone) for name in names))
    Console(width=_width()).print(table)


def _width() -> int | None:
    """Of the terminal; a pipe has none, and gets rows that are not broken."""
    return None if sys.stdout.isatty() or "COLUMNS" in os.environ else PIPED_WIDTH


def _shown(value: Any, zone: ZoneInfo | None) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M %Z")
    if isinstance(value, Enum):
        return str(value.value)
    from rich.markup import escape

    return escape(one_line(str(value)))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    return str(value)
