"""How commands print: tables for people, JSON for programs, in the user's language."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo


def words() -> Callable[[str], str]:
    """The translation of this terminal: English where ``LANG`` says so."""
    from config.words import words as catalogue

    language = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return catalogue("en" if language.lower().startswith("en") else "id").gettext


def print_json(value: Any) -> None:
    """Print a value as one JSON document."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def print_rows(
    rows: Sequence[Mapping[str, Any]],
    *,
    as_json: bool,
    zone: ZoneInfo | None = None,
    empty: str = "Belum ada.",
) -> None:
    """Print rows as a table, or as a JSON array of objects."""
    if as_json:
        print_json(list(rows))
        return
    if not rows:
        print(words()(empty))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE)
    for name in rows[0]:
        table.add_column(name.replace("_", " "))
    for row in rows:
        table.add_row(*(_shown(value, zone) for value in row.values()))
    Console().print(table)


def _shown(value: Any, zone: ZoneInfo | None) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M %Z")
    if isinstance(value, Enum):
        return str(value.value)
    from rich.markup import escape

    return escape(str(value))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    return str(value)
