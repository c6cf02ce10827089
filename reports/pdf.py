"""The morning page as PDF: one A4 sheet, made by typst, tagged for screen readers.

Every text goes to typst as JSON data, never as markup. When a day is too full for one
sheet, lists become shorter and say how many rows they left out.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from models.errors import KentonganError
from models.labels import Sentiment
from models.shares import FEWEST_TOLD, Change, Share
from models.words import ELEMENTS, SENTIMENTS, SERVICES
from reports.lead import lead
from reports.masking import cut
from reports.summary import ElementSignal, Said, Suggestion, Summary
from reports.words import (
    CHANGES,
    NOT_A_SURVEY,
    clock,
    counted,
    day_name,
    decision,
    moment,
    number,
    oldest,
    people,
    percent,
    pressing,
    signed,
    silence,
    span,
    stands,
    still_today,
    zone_name,
)

FOLDER = Path(__file__).parent
TITLE = "Ringkasan Pimpinan"
STANDARD: Literal["ua-1"] = "ua-1"  # PDF/UA-1, ISO 14289-1
LONGEST_WORD = 22
SOFT_HYPHEN = "\u00ad"


class PageTooFull(KentonganError):
    """Not even the shortest lists fit on one sheet."""


@dataclass(frozen=True, slots=True)
class Room:
    """Rows per list, and characters of one title and one quote (0: no quotes)."""

    rows: int
    title: int
    quote: int


ROOMS = (
    Room(6, 100, 150),
    Room(5, 90, 110),
    Room(4, 80, 90),
    Room(3, 70, 70),
    Room(3, 60, 0),
    Room(2, 45, 0),
    Room(1, 30, 0),
)


def to_pdf(summary: Summary) -> bytes:
    """One A4 sheet.

    Raises:
        PageTooFull: the day does not fit, however short its lists.
    """
    for room in ROOMS:
        pdf = _compile(page_data(summary, room), int(summary.until.timestamp()))
        if pdf is not None:
            return pdf
    raise PageTooFull("Ringkasan tidak muat dalam satu lembar.")


def _compile(data: Mapping[str, Any], timestamp: int) -> bytes | None:
    """The PDF, or None when ``data`` needs more than one sheet."""
    import typst  # 20 MB, only when a page is made

    compiler = typst.Compiler(
        str(FOLDER / "page.typ"),
        root=str(FOLDER),
        font_paths=[str(FOLDER / "fonts")],
        ignore_system_fonts=True,
        sys_inputs={"page": json.dumps(data, ensure_ascii=False)},
    )
    if json.loads(compiler.query("<pages>", field="value", one=True)) > 1:
        return None
    made = compiler.compile(format="pdf", pdf_standards=STANDARD, timestamp=timestamp)
    return cast("bytes", made)


def page_data(summary: Summary, room: Room) -> dict[str, Any]:
    """Every word of the page, in its place; what the template lays out."""
    since = moment(summary.since, summary.zone, summary.until)
    until = clock(summary.until, summary.zone)
    zone = zone_name(summary.zone)
    return {
        "title": TITLE,
        "office": _text(summary.office, 80),
        "head": _text(summary.office.upper(), 80),  # "µ" becomes a letter we lack
        "unit": "Seksi Hubungan Masyarakat",
        "day": day_name(summary.day),
        "span": f"{since} s.d. {until} {zone}",
        "lead": lead(summary),
        "five": _five(summary),
        "published": _published(summary, room),
        "open": _open(summary),
        "services": _services(summary, room),
        "signal": _signal(summary, room),
        "suggestions": _suggestions(summary, room),
        "decisions": _decisions(summary, room),
        "coverage": _coverage(summary, room),
        "foot": f"Dibuat Kentongan, {day_name(summary.day)} {until} {zone}. "
        "Tanpa nama warga dan petugas.",
    }


def _text(words: str, longest: int) -> str:
    """Cut, with places to break inside words too long for a column."""
    return " ".join(_breakable(word) for word in cut(words, longest).split(" "))


def _breakable(word: str) -> str:
    if len(word) <= LONGEST_WORD:
        return word
    steps = range(0, len(word), LONGEST_WORD)
    return SOFT_HYPHEN.join(word[step : step + LONGEST_WORD] for step in steps)


def _row(strong: str = "", plain: str = "", quoted: str = "") -> dict[str, str]:
    return {"strong": strong, "plain": plain, "quote": quoted}


def _section(
    title: str, rows: list[dict[str, str]], intro: str = "", more: str = ""
) -> dict[str, Any]:
    return {"title": title, "intro": intro, "rows": rows, "more": more}


def _more(count: int, shown: int, what: str = "") -> str:
    if count <= shown:
        return ""
    return f"… dan {number(count - shown)}{what} lagi"


def _five(summary: Summary) -> list[dict[str, str]]:
    said, waiting, published = summary.said, summary.unanswered, summary.published
    trouble = published.refused + published.missed + published.withdrawn
    return [
        {
            "value": "–" if summary.unheard else number(said.stories),
            "name": "cerita warga",
            "note": "tidak ada data"
            if summary.unheard
            else f"sebelumnya {counted(said.stories_before)}",
        },
        _negative(said.share(Sentiment.NEGATIVE)),
        {
            "value": number(waiting.count),
            "name": "belum dijawab",
            "note": oldest(waiting, summary.until) or "semua sudah dijawab",
        },
        {
            "value": number(summary.pressing),
            "name": "perlu segera",
            "note": pressing(summary) or "tidak ada yang mendesak",
        },
        {
            "value": number(len(published.sent)),
            "name": "pengumuman terbit",
            "note": f"{number(trouble)} kiriman bermasalah"
            if trouble
            else still_today(published.today),
        },
    ]


def _negative(one: Share) -> dict[str, str]:
    """The share with its range and base; of too few stories the count alone."""
    if not one.base:
        value, note = "–", "belum ada yang terbaca pasti"
    elif one.enough:
        value, note = percent(one), f"{span(one)}, n = {number(one.base)}"
    else:
        value = number(one.count)
        note = f"dari {number(one.base)}, terlalu sedikit untuk persentase"
    return {"name": "negatif", "value": value, "note": note}


def _published(summary: Summary, room: Room) -> dict[str, Any]:
    published = summary.published
    rows = [
        _row("", f"{_text(one.title, room.title)}: {number(one.accounts)} akun, "
             f"{moment(one.at, summary.zone, summary.until)}")
        for one in published.sent[: room.rows]
    ]  # fmt: skip
    for count, words in (
        (published.refused, "kiriman ditolak jaringan"),
        (published.missed, "kiriman kedaluwarsa, tidak terbit"),
        (published.withdrawn, "kiriman ditarik"),
    ):
        if count:
            rows.append(_row(f"{number(count)} {words}"))
    if published.today:
        rows.append(_row("Hari ini:", f"{number(published.today)} pengumuman lagi"))
    return _section(
        "1. Yang terbit",
        rows,
        "" if published.sent else "Tidak ada pengumuman yang terbit.",
        _more(len(published.sent), room.rows, " pengumuman"),
    )


def _open(summary: Summary) -> dict[str, Any]:
    """What is said, and what is left to answer."""
    if summary.unheard:
        return _section("2. Yang dikatakan warga", [], "Tidak ada data.")
    said = summary.said
    rows = [_row("", _share(said, one)) for one in Sentiment] if said.sure else []
    if said.before.enough and said.share(Sentiment.NEGATIVE).enough:
        rows.append(
            _row("", f"Negatif sebelumnya {percent(said.before)} "
                 f"({span(said.before)}): {CHANGES[said.change]}")
        )  # fmt: skip
    rows.append(
        _row("Belum pasti:", f"{counted(said.unsure)} cerita; "
             f"belum dibaca mesin: {counted(said.unread)}")
    )  # fmt: skip
    rows.append(_row("Salinan:", _copies(summary)))
    if said.own_releases:
        rows.append(_row("Siaran kita dimuat:", f"{number(said.own_releases)} kali"))
    waiting = summary.unanswered
    since = oldest(waiting, summary.until)
    rows.append(
        _row("Belum dijawab:", counted(waiting.count) + (f", {since}" if since else ""))
    )
    intro = "" if said.stories else "Tidak ada suara warga yang tercatat."
    return _section("2. Yang dikatakan warga", rows, intro)


def _copies(summary: Summary) -> str:
    if not summary.said.copies:
        return "tidak ada"
    told = f"{number(summary.said.copies)}, dihitung terpisah"
    if not summary.stories:
        return told
    most = summary.stories[0]
    return f"{told}; terbanyak “{_text(most.words, 60)}”, {number(most.copies)} salinan"


def _share(said: Said, one: Sentiment) -> str:
    share = said.share(one)
    words = f"{SENTIMENTS[one]}: {number(share.count)} dari {number(share.base)}"
    if not share.enough:
        return words
    return f"{words}, {percent(share)} ({span(share)})"


def _services(summary: Summary, room: Room) -> dict[str, Any]:
    shown = summary.services[: room.rows]
    return {
        "title": "3. Layanan yang dibicarakan",
        "intro": "" if shown else "Belum ada cerita yang menyebut layanan.",
        "head": ["Layanan", "Cerita", "Negatif", "Positif"],
        "lines": [
            [
                SERVICES[one.service],
                *map(number, (one.stories, one.negative, one.positive)),
            ]
            for one in shown
        ],
        "more": _more(len(summary.services), room.rows, " layanan"),
    }


def _signal(summary: Summary, room: Room) -> dict[str, Any]:
    """Net mentions per SKM element; under five voices a dot stands, and no number.

    X1 to X3 are no SKM elements: they never enter the table and have a line of theirs.
    """
    elements = sorted(
        (one for one in summary.signal.elements if one.element.in_survey),
        key=lambda one: (-one.n, one.element),
    )
    shown = sorted(elements[: room.rows], key=lambda one: one.element)
    others = [
        f"{ELEMENTS[one.element]} {_net(one)} (n = {number(one.n)})"
        for one in summary.signal.elements
        if not one.element.in_survey
    ]
    more = _more(len(elements), room.rows, " unsur")
    outside = f"Di luar unsur SKM: {', '.join(others)}." if others else ""
    intro = f"{summary.signal.days} hari, {NOT_A_SURVEY}."
    return {
        "title": "4. Sinyal per unsur",
        "intro": intro if shown else f"{intro} Belum ada unsur yang disebut.",
        "head": ["Unsur", "Bersih", "n", "Negatif: perubahan"],
        "lines": [
            [
                f"{one.element.value} {ELEMENTS[one.element]}",
                _net(one),
                number(one.n),
                _changed(one),
            ]
            for one in shown
        ],
        "more": " ".join(filter(None, (more, outside))),
    }


def _changed(one: ElementSignal) -> str:
    if one.change is Change.FEW:
        return "terlalu sedikit"
    return CHANGES[one.change].partition(",")[0]


def _net(one: ElementSignal) -> str:
    return signed(one.net) if one.n >= FEWEST_TOLD else "·"


def _suggestions(summary: Summary, room: Room) -> dict[str, Any]:
    ideas = summary.suggestions.open
    rows = [_idea(one, summary, room) for one in ideas[: room.rows]]
    rows.extend(
        _row("Selesai dikerjakan:", _text(title, room.title))
        for title in summary.suggestions.done[: room.rows]
    )
    if summary.suggestions.loose:
        rows.append(
            _row(
                "", f"{number(summary.suggestions.loose)} saran baru belum menjadi usul"
            )
        )
    return _section(
        "5. Warga mengusulkan",
        rows,
        "" if rows else "Belum ada usul yang terbuka.",
        _more(len(ideas), room.rows, " usul"),
    )


def _idea(one: Suggestion, summary: Summary, room: Room) -> dict[str, str]:
    recent = f", {signed(one.recent)} baru" if one.recent else ""
    quoted = _text(one.quotes[0], room.quote) if room.quote and one.quotes else ""
    return _row(
        f"{_text(one.title, room.title)}:",
        f"{people(one)}{recent}, {stands(one.state, summary.until - one.since)}",
        quoted,
    )


def _decisions(summary: Summary, room: Room) -> dict[str, Any]:
    rows = []
    for one in summary.decisions[: room.rows]:
        question, behind = decision(one, summary.until)
        rows.append(_row(_text(question, room.title + 20), behind))
    return _section(
        "6. Perlu diputuskan",
        rows,
        "Tidak ada yang menunggu keputusan.",
        _more(len(summary.decisions), room.rows, " hal"),
    )


def _coverage(summary: Summary, room: Room) -> dict[str, Any]:
    coverage = summary.coverage
    intro = (
        f"{number(coverage.speaking)} dari {number(coverage.sources)} sumber "
        f"berbicara. Unggahan media sosial adalah sinyal, {NOT_A_SURVEY}."
    )
    if not coverage.sources:
        intro = "Belum ada sumber: halaman ini belum dapat berkata apa-apa."
    rows = [
        _row("", _text(silence(one, summary.zone, summary.until), 110))
        for one in coverage.silent[: room.rows]
    ]
    if coverage.rehearsing:
        names = ", ".join(coverage.rehearsing)
        rows.append(_row("Gladi, tidak keluar:", _text(names, 110)))
    return _section(
        "7. Cakupan",
        rows,
        intro,
        _more(len(coverage.silent), room.rows, " sumber diam"),
    )
