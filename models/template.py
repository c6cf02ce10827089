"""Announcements as data: fields that a desk fills in, and the texts they make.

A template is a file of ``config/data/templates``. Each of its texts is lines with
``{field}``; a line that names an empty field is left out. ``full`` keeps its lines,
``short`` is one paragraph for networks with little room. Beside the fields there are
``{kantor}``, the office's name, and ``{zona}``: WIB, WITA or WIT.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from config.words import N_
from models.errors import InvalidInput, NotFound

ORDER = (
    "sim_keliling",
    "samsat_keliling",
    "skck",
    "spkt",
    "hari_libur",
    "etle",
    "layanan_110",
    "penutupan_jalan",
    "orang_hilang",
    "klarifikasi_hoaks",
    "bencana",
)
BUILT_IN = frozenset({"kantor", "zona"})
LONGEST = 500  # characters of one field
_FIELD = re.compile(r"\{(\w+)\}")
_BLANK_LINES = re.compile(r"\n{3,}")
_DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
_MONTHS = (
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli"),
    *("Agustus", "September", "Oktober", "November", "Desember"),
)


class FieldType(StrEnum):
    """What a field takes, and how it is written out."""

    DATE = "date"  # 2026-11-24 → Selasa, 24 November 2026
    TIME = "time"  # 08:00 → 08.00
    TEXT = "text"
    PLACE = "place"
    RUPIAH = "rupiah"  # 80000 → Rp80.000
    LINK = "link"  # left out where a link costs extra


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in."""

    code: str
    type: FieldType
    required: bool
    labels: Mapping[str, str]  # by language
    default: str = ""
    after: str = ""  # the field whose time comes before

    def label(self, language: str) -> str:
        return self.labels.get(language) or self.labels["id"]


@dataclass(frozen=True, slots=True)
class Template:
    """One kind of announcement, ready to be filled in."""

    code: str
    category: str
    titles: Mapping[str, str]  # by language, of the template itself
    notes: Mapping[str, str]  # by language, for whoever fills it in
    title: str  # of the announcement, with fields
    full: str
    short: str
    fields: tuple[Field, ...]
    source: str
    sureness: str
    emergency: bool = False  # may be asked for in the emergency lane

    def name(self, language: str) -> str:
        return self.titles.get(language) or self.titles["id"]

    def note(self, language: str) -> str:
        return self.notes.get(language) or self.notes["id"]

    def defaults(self) -> dict[str, str]:
        """What stands in the form before anybody types."""
        return {one.code: one.default for one in self.fields}


@dataclass(frozen=True, slots=True)
class Filled:
    """A template with its fields, as a reader reads them; empty ones are missing."""

    template: Template
    said: Mapping[str, str]

    @property
    def title(self) -> str:
        """The announcement's title, for the office."""
        return _say(self.template.title, self.said)[:160]

    def text(self, *, short: bool = False, linked: bool = True) -> str:
        """The text to publish; the same for a preview and for sending."""
        said = dict(self.said)
        if not linked:
            for one in self.template.fields:
                if one.type is FieldType.LINK:
                    said.pop(one.code, None)
        source = self.template.short if short else self.template.full
        kept = [
            _say(line, said)
            for line in source.strip().split("\n")
            if all(name in said for name in _FIELD.findall(line))
        ]
        if short:
            return " ".join(line for line in kept if line)
        return _BLANK_LINES.sub("\n\n", "\n".join(kept)).strip()


def fill(
    template: Template, given: Mapping[str, str], *, office: str, zone_name: str
) -> Filled:
    """Check what was typed, and say it as the texts do.

    Args:
        given: by field code; dates and times as ISO, rupiah in digits.
        office: its name.
        zone_name: WIB, WITA or WIT.

    Raises:
        InvalidInput: a field is missing or cannot be read; ``field`` is its code.
    """
    unknown = set(given) - {one.code for one in template.fields}
    if unknown:
        raise InvalidInput(N_("Isian tidak dikenal."), min(unknown))
    said = {"kantor": office, "zona": zone_name}
    for one in template.fields:
        text = " ".join(given.get(one.code, "").split())
        if text:
            said[one.code] = _said(one, text)
        elif one.required:
            raise InvalidInput(N_("Isian ini wajib."), one.code)
        if one.after and text and text <= given.get(one.after, "").strip():
            raise InvalidInput(N_("Waktu selesai harus sesudah waktu mulai."), one.code)
    return Filled(template, said)


def with_date(
    template: Template, given: Mapping[str, str], day: date
) -> dict[str, str]:
    """The fields for another day: the first date field becomes ``day``, no other."""
    dated = dict(given)
    for one in template.fields:
        if one.type is FieldType.DATE:
            dated[one.code] = day.isoformat()
            break
    return dated


def dated_fields(template: Template) -> tuple[str, ...]:
    """The codes of the date fields, in order."""
    return tuple(one.code for one in template.fields if one.type is FieldType.DATE)


def _said(field: Field, text: str) -> str:
    if len(text) > LONGEST:
        raise InvalidInput(N_("Isian ini paling panjang 500 huruf."), field.code)
    match field.type:
        case FieldType.DATE:
            return _long_day(_date(field, text))
        case FieldType.TIME:
            return _time(field, text).strftime("%H.%M")
        case FieldType.RUPIAH:
            return _rupiah(field, text)
        case FieldType.LINK:
            parts = urlsplit(text)
            if parts.scheme not in ("http", "https") or not parts.netloc or " " in text:
                raise InvalidInput(
                    N_("Tautan harus lengkap, diawali https://."), field.code
                )
            return text
        case _:
            return text.rstrip(".") if field.type is FieldType.TEXT else text


def _date(field: Field, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(
            N_("Tanggal tidak dapat dibaca; tulis misalnya 2026-11-24."), field.code
        ) from None


def _time(field: Field, text: str) -> time:
    try:
        at = time.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is not None or len(text) != len("08:00"):
        raise InvalidInput(
            N_("Jam tidak dapat dibaca; tulis misalnya 08:00."), field.code
        )
    return at


def _rupiah(field: Field, text: str) -> str:
    digits = text.removeprefix("Rp").strip().replace(".", "")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > len("999999999999"):
        raise InvalidInput(
            N_("Tulis rupiah dengan angka saja, misalnya 80000."), field.code
        )
    return "Rp" + f"{int(digits):,}".replace(",", ".")


def _long_day(day: date) -> str:
    """``Selasa, 24 November 2026``."""
    return f"{_DAYS[day.weekday()]}, {day.day} {_MONTHS[day.month - 1]} {day.year}"


def _say(text: str, said: Mapping[str, str]) -> str:
    """Put the fields in, once: a brace in what was typed stays as it was typed."""
    return _FIELD.sub(lambda found: said.get(found[1], ""), text)


@cache
def templates() -> Mapping[str, Template]:
    """Every template by its code, in the order in which a desk looks for them.

    Raises:
        ValueError, KeyError: a file is not as the head of this module says.
    """
    folder = files("config") / "data" / "templates"
    return {
        code: _template(tomllib.loads((folder / f"{code}.toml").read_text("utf-8")))
        for code in ORDER
    }


def template(code: str) -> Template:
    """One template.

    Raises:
        NotFound: there is none of that code.
    """
    found = templates().get(code)
    if found is None:
        raise NotFound(f"template {code}")
    return found


def _template(table: Mapping[str, Any]) -> Template:
    fields = tuple(_field(row) for row in table["field"])
    made = Template(
        table["code"],
        table["category"],
        {"id": table["id"], "en": table["en"]},
        {"id": table["note_id"], "en": table["note_en"]},
        table["title"],
        table["full"].strip(),
        table["short"].strip(),
        fields,
        table["source"],
        table["sureness"],
        table.get("emergency", False),
    )
    _check(made, fields)
    return made


def _field(row: Mapping[str, Any]) -> Field:
    return Field(
        row["code"],
        FieldType(row["type"]),
        row["required"],
        {"id": row["id"], "en": row["en"]},
        row.get("default", ""),
        row.get("after", ""),
    )


def _check(made: Template, fields: Sequence[Field]) -> None:
    codes = {one.code for one in fields}
    for text in (made.title, made.full, made.short):
        unknown = set(_FIELD.findall(text)) - codes - BUILT_IN
        if unknown:
            raise ValueError(f"template {made.code}: no field {unknown}")
    if not codes <= set(_FIELD.findall(made.full)) | set(_FIELD.findall(made.title)):
        raise ValueError(f"template {made.code}: a field stands in no text")
