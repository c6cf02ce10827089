"""What is private in a citizen's words gives way to a mark; the rest stays as it was.

:func:`redact` is pure. Money, hours, dates, articles of law and numbers of services are
set aside first, so that no shape can swallow them. The shapes are those of
``models/private.py``, the rows those of ``config/data/guard.toml``. It knows no names
of people, and it leaves links alone save the numbers of chat links.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import chain

from models.guard import Own, Rule, is_nik, load_rules, provinces, spans
from models.kept import AWAY, set_aside
from models.private import (
    ADDRESS,
    EMAIL,
    IDENTITY,
    LANDLINE,
    LINK,
    NAMED_IN_ADDRESS,
    NPWP,
    PHONE,
    PLATE,
    SHAPES,
    SMALL_PLATE,
    SPOKEN_PHONE,
    Span,
    without_links,
)


class Private(StrEnum):
    """A kind of private data; the value is what its mark says."""

    NIK = "NIK"
    FAMILY_CARD = "KK"
    TAX = "NPWP"
    PHONE = "telepon"
    PLATE = "pelat nomor"
    BANK = "rekening"
    ADDRESS = "alamat"
    REPORT = "nomor laporan"
    EMAIL = "surel"

    @property
    def mark(self) -> str:
        """What stands in the text instead."""
        return f"[{self.value}]"


@dataclass(frozen=True, slots=True)
class PrivateSpan:
    """``text[start:end]`` of the text that was given."""

    kind: Private
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text with marks, and where the marked words stood before."""

    text: str
    spans: tuple[PrivateSpan, ...]


_Found = tuple[int, int, Private]
_MARKED = re.compile("|".join(re.escape(kind.mark) for kind in Private))
_LABEL = re.compile(
    r"(?P<tax>npwp)|(?P<family>\bkk|kartu keluarga)|(?P<person>nik|ktp|kependudukan)",
    re.IGNORECASE,
)
_LABELS = {"tax": Private.TAX, "family": Private.FAMILY_CARD, "person": Private.NIK}
_REACH = 40  # characters from a label to its number
_TAX_PLAIN = re.compile(r"(?<!\d)\d{15}(?!\d)")
_NAMED_ACCOUNT = re.compile(
    r"\b(?:no|nomor)?\.?\s?(?:rek|rekening|norek|bca|bri|bni|bsi|btn|mandiri)"
    r"(?:\s?(?:nomor|no|bca|bri|bni|bsi|btn|mandiri|penipunya|nya)\b)?[\s.:]{0,3}"
    r"(?P<number>\d(?:[ -]?\d){7,16})(?![\w/]|[.,]\d)",
    re.IGNORECASE,
)
_LONG_ENOUGH = re.compile(r"\d(?:[ -]?\d){7}")  # for an account
_LONG_RUN = re.compile(r"\d(?:\D{0,2}\d){7}")  # 8 digits and more
_PLATE_TAIL = re.compile(r"\d{1,4}[ -]?[A-Za-z]{1,3}\b")
_PLATE_HEAD = re.compile(r"(?<![A-Za-z])[A-Za-z]{1,2}[ -]?\Z")
_DIGIT_OR_AT = re.compile(r"[\d@]|\b(?:nol|kosong)\s", re.IGNORECASE)
_CODE = re.compile(r"[A-Za-z]{1,2}(?:\d{1,4}|[ -]?\d{1,2}[ -]?)[A-Za-z]{1,3}")
_PRODUCT = re.compile(  # "tipe W1100H", "POCO F4 GT", "Vivobook 14 A416JA"
    r"\b(?:tipe|type|seri|series|kode produk|printer|laptop|kulkas|mesin cuci|poco"
    r"|vivobook|thinkpad|ideapad|xperia|galaxy|redmi|canon|epson)(?:\s\d{1,2})?\s\Z",
    re.IGNORECASE,
)
_OFFICE = re.compile(  # an address that an office has
    r"\b(?:polres\w*|polsek\w*|polda|samsat|satpas|kantor|puskesmas|balai)\b[^,.;\n]{0,30}\Z",
    re.IGNORECASE,
)
_OFFICE_REACH = 50


def redact(text: str, keep: Own | None = None) -> Redacted:
    """Put a mark where private data stands.

    What comes out is a fixed point: redacting it again changes nothing.

    Args:
        keep: contacts of the office, which stay; those of public bodies always do.
    """
    own = keep or Own()
    spans_: list[PrivateSpan] = []
    while _DIGIT_OR_AT.search(_MARKED.sub("", text)):
        found = sorted(_once(text, own))
        if not found:
            break
        spans_ = _merged(spans_, found)
        text = _marked(text, found)
    return Redacted(text, tuple(spans_))


def _marked(text: str, found: list[_Found]) -> str:
    parts: list[str] = []
    at = 0
    for start, end, kind in found:
        parts += (text[at:start], kind.mark)
        at = end
    return "".join(parts) + text[at:]


def _merged(before: list[PrivateSpan], found: list[_Found]) -> list[PrivateSpan]:
    """The spans so far and new ones, these moved to where the first text has them."""
    moved: list[PrivateSpan] = []
    earlier = iter([*before, None])
    next_one = next(earlier)
    shift = 0
    for start, end, kind in found:
        while next_one is not None and next_one.start <= start + shift:
            moved.append(next_one)
            shift += next_one.end - next_one.start - len(next_one.kind.mark)
            next_one = next(earlier)
        moved.append(PrivateSpan(kind, start + shift, end + shift))
    rest = () if next_one is None else (next_one, *(o for o in earlier if o))
    return [*moved, *rest]


def _once(text: str, own: Own) -> list[_Found]:
    """All that is private in one reading; no two overlap."""
    page = _Page(_MARKED.sub(_away, text))
    hints = _Hints(page.text)
    if hints.link:
        page.take(
            _foreign(SHAPES["chat_link"](page.text), page.text, own), Private.PHONE
        )
    if hints.at:
        page.take(_foreign(_all(EMAIL, page.text), page.text, own), Private.EMAIL)
    if hints.link:
        page.take_each(_in_links(page.text))
        page.text = without_links(page.text)
    if not hints.rest and not ADDRESS.search(page.text):
        return page.found
    page.text = set_aside(page.text)
    _take_rest(page, hints, own)
    return page.found


def _take_rest(page: "_Page", hints: "_Hints", own: Own) -> None:
    """What may lie beside money, hours and dates, now that these are set aside."""
    if hints.number:
        page.take_numbers()
    if hints.report:
        page.take(SHAPES["report"](page.text), Private.REPORT)
    page.take(_homes(page.text), Private.ADDRESS)
    if hints.number:
        page.take(_all(_NAMED_ACCOUNT, page.text, "number"), Private.BANK)
        phones = chain(_all(PHONE, page.text), _all(LANDLINE, page.text))
        page.take(_foreign(phones, page.text, own), Private.PHONE)
    if hints.spoken:
        page.take(_all(SPOKEN_PHONE, page.text), Private.PHONE)
    if hints.plate:
        page.take(_plates(page.text), Private.PLATE)
    if hints.number:
        page.take(_accounts(page.text, own), Private.BANK)


class _Hints:
    """What a text can hold at all, told cheaply: most texts hold nothing.

    Each is true wherever the shape it stands for could be found.
    """

    def __init__(self, text: str) -> None:
        lower = text.lower()
        self.at = "@" in text
        self.link = (
            "://" in text or ".me" in lower or "www." in lower or ".ly" in lower
            or "whatsapp" in lower
        )  # fmt: skip
        self.number = _LONG_RUN.search(text) is not None
        self.plate = any(
            _PLATE_HEAD.search(text, max(0, tail.start() - 4), tail.start())
            for tail in _PLATE_TAIL.finditer(text)
        )
        self.report = "lp" in lower or "stpl" in lower
        self.spoken = "lapan" in lower
        self.rest = self.number or self.plate or self.report or self.spoken


class _Page:
    """A text of which what was found is set aside, each at its own length."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: list[_Found] = []

    def take(self, places: Iterator[Span], kind: Private) -> None:
        self.take_each((start, end, kind) for start, end in places)

    def take_each(self, found: Iterator[_Found]) -> None:
        pieces: list[str] = []
        at = 0
        for start, end, kind in sorted(found):
            if start < at or AWAY in self.text[start:end]:
                continue
            self.found.append((start, end, kind))
            pieces += (self.text[at:start], AWAY * (end - start))
            at = end
        self.text = "".join(pieces) + self.text[at:]

    def take_numbers(self) -> None:
        """NIK, family cards and tax numbers: a word before says which."""
        self.take(_all(NPWP, self.text), Private.TAX)
        self.take_each(_identities(self.text))


def _in_links(text: str) -> Iterator[_Found]:
    """Numbers that an address itself calls NIK, KK or NPWP."""
    for link in LINK.finditer(text):
        for found in NAMED_IN_ADDRESS.finditer(link[0]):
            start, end = found.span("number")
            kind = _label(found["name"], len(found["name"])) or Private.NIK
            yield link.start() + start, link.start() + end, kind


def _identities(text: str) -> Iterator[_Found]:
    """Numbers of 16 digits in even groups, built as a NIK is or named as one."""
    for found in IDENTITY.finditer(text):
        start, end = found.span("number")
        kind = _label(text, start)
        if kind or is_nik(found["number"], provinces()):
            yield start, end, kind or Private.NIK
    for plain in _TAX_PLAIN.finditer(text):
        if _label(text, plain.start()) is Private.TAX:
            yield *plain.span(), Private.TAX


def _label(text: str, start: int) -> Private | None:
    """The nearest word before a number that says what it is."""
    named = [*_LABEL.finditer(text, max(0, start - _REACH), start)]
    return _LABELS[named[-1].lastgroup or ""] if named else None


def _plates(text: str) -> Iterator[Span]:
    """Plates; no code that stands right behind the name of a product."""
    for found in chain(PLATE.finditer(text), SMALL_PLATE.finditer(text)):
        code = _CODE.fullmatch(found[0])
        if not (code and _PRODUCT.search(text, *_before(found))):
            yield found.span()


def _before(found: re.Match[str]) -> Span:
    """Where the words right before it stand."""
    return max(0, found.start() - _OFFICE_REACH), found.start()


def _homes(text: str) -> Iterator[Span]:
    for start, end in _all(ADDRESS, text):
        if not _OFFICE.search(text, max(0, start - _OFFICE_REACH), start):
            yield start, end


def _accounts(text: str, own: Own) -> Iterator[Span]:
    """What the guard takes for a bank account, in a sentence about a bank."""
    if not _LONG_ENOUGH.search(text):
        return
    for start, end in spans(_bank_rule(), text):
        if own.foreign(text[start:end]):
            yield start, end


@cache
def _bank_rule() -> Rule:
    (rule,) = (rule for rule in load_rules() if rule.code == "bank_account")
    return rule


def _foreign(places: Iterator[Span], text: str, own: Own) -> Iterator[Span]:
    return (span for span in places if own.foreign(text[slice(*span)]))


def _all(pattern: re.Pattern[str], text: str, group: int | str = 0) -> Iterator[Span]:
    return (found.span(group) for found in pattern.finditer(text))


def _away(found: re.Match[str]) -> str:
    return AWAY * len(found[0])
