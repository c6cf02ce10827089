"""The morning page as text to paste into WhatsApp: *bold*, short lines, one screen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.labels import Sentiment
from models.shares import FEWEST_TOLD
from models.words import ELEMENTS, SENTIMENTS
from reports.lead import lead
from reports.masking import cut
from reports.summary import Published, Said, Suggestion, Summary
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
    state_name,
    zone_name,
)

LONGEST = 1_500
_MARKS = str.maketrans({"*": "·", "_": " ", "~": "-", "`": "'"})


@dataclass(frozen=True, slots=True)
class Room:
    """How much of each list is told: rows, and characters of one quote or title."""

    rows: int
    letters: int
    quotes: bool


ROOMS = (
    Room(5, 90, quotes=True),
    Room(3, 80, quotes=True),
    Room(3, 70, quotes=False),
    Room(3, 50, quotes=False),
    Room(2, 40, quotes=False),
    Room(1, 30, quotes=False),
)


def to_text(summary: Summary) -> str:
    """At most 1,500 characters; what is left out is counted, never dropped unsaid."""
    texts = ("\n".join(_lines(summary, room)) for room in ROOMS)
    shortest = ""
    for shortest in texts:
        if len(shortest) <= LONGEST:
            return shortest
    return shortest  # the least room is far below the limit


def _lines(summary: Summary, room: Room) -> Iterator[str]:
    yield f"*RINGKASAN PIMPINAN — {_plain(summary.office, 60)}*"
    yield f"{day_name(summary.day)}, {_until(summary)}"
    yield ""
    yield _plain(lead(summary), 400)
    yield ""
    yield from _published(summary.published, room)
    if summary.unheard:
        yield "*Suara warga:* tidak ada data"
    else:
        yield from _said(summary.said)
    yield from _open(summary)
    yield from _suggestions(summary.suggestions.open, summary, room)
    yield from _signal(summary, room)
    yield from _decisions(summary, room)
    yield ""
    yield from _coverage(summary, room)


def _until(summary: Summary) -> str:
    since = moment(summary.since, summary.zone, summary.until)
    until = clock(summary.until, summary.zone)
    return f"{since} s.d. {until} {zone_name(summary.zone)}"


def _published(published: Published, room: Room) -> Iterator[str]:
    yield f"*Terbit:* {counted(len(published.sent))} pengumuman"
    for one in published.sent[: room.rows]:
        yield f"• {_plain(one.title, room.letters)} ({number(one.accounts)} akun)"
    yield from _more(len(published.sent), room.rows)
    trouble = [
        f"{number(count)} {word}"
        for count, word in (
            (published.refused, "ditolak"),
            (published.missed, "kedaluwarsa"),
            (published.withdrawn, "ditarik"),
        )
        if count
    ]
    if trouble:
        yield f"Kiriman bermasalah: {', '.join(trouble)}"
    if published.today:
        yield f"Masih terbit hari ini: {number(published.today)}"


def _said(said: Said) -> Iterator[str]:
    yield f"*Suara warga:* {counted(said.stories)} cerita{_copies(said)}"
    enough = said.share(Sentiment.NEGATIVE).enough
    if not enough:
        counts = (
            f"negatif {said.negative}, netral {said.neutral}, positif {said.positive}"
        )
    else:
        counts = ", ".join(
            f"{SENTIMENTS[one].lower()} {number(said.share(one).count)} "
            f"({percent(said.share(one))}; {span(said.share(one))})"
            for one in Sentiment
        )
    if said.sure:
        yield f"{counts}; n = {number(said.sure)}"
    if said.before.enough and enough:
        yield f"Negatif sebelumnya {percent(said.before)}: {CHANGES[said.change]}"
    unclear = [
        f"{word} {number(count)}"
        for count, word in ((said.unsure, "belum pasti"), (said.unread, "belum dibaca"))
        if count
    ]
    if unclear:
        yield ", ".join(unclear).capitalize()


def _copies(said: Said) -> str:
    return f", {number(said.copies)} salinan" if said.copies else ""


def _open(summary: Summary) -> Iterator[str]:
    waiting = summary.unanswered
    since = oldest(waiting, summary.until)
    yield f"*Belum dijawab:* {counted(waiting.count)}" + (f", {since}" if since else "")
    if summary.pressing:
        hidden = " (isi terbatas)" if summary.integrity.count else ""
        yield f"*Perlu segera:* {pressing(summary)}{hidden}"


def _suggestions(
    ideas: Sequence[Suggestion], summary: Summary, room: Room
) -> Iterator[str]:
    if ideas:
        yield f"*Warga mengusulkan:* {number(len(ideas))} usul terbuka"
    for one in ideas[: room.rows]:
        title = _plain(one.title, room.letters)
        yield f"• {title}: {people(one)}, {state_name(one.state)}"
        if room.quotes and one.quotes:
            yield f"  “{_plain(one.quotes[0], room.letters)}”"
    yield from _more(len(ideas), room.rows)
    if summary.suggestions.loose:
        yield f"Saran baru belum menjadi usul: {number(summary.suggestions.loose)}"
    for title in summary.suggestions.done[: room.rows]:
        yield f"Selesai dikerjakan: {_plain(title, room.letters)}"


def _signal(summary: Summary, room: Room) -> Iterator[str]:
    told = sorted(
        (one for one in summary.signal.elements if one.n >= FEWEST_TOLD),
        key=lambda one: one.net,
    )[: room.rows]
    if told:
        words = ", ".join(
            f"{ELEMENTS[one.element]} {signed(one.net)} (n = {number(one.n)})"
            for one in told
        )
        yield f"*Sinyal {summary.signal.days} hari* ({NOT_A_SURVEY}): {words}"


def _decisions(summary: Summary, room: Room) -> Iterator[str]:
    if not summary.decisions:
        return
    yield "*Perlu diputuskan:*"
    for place, one in enumerate(summary.decisions[: room.rows], start=1):
        question, _behind = decision(one, summary.until)
        yield f"{place}. {_plain(question, room.letters)}"
    yield from _more(len(summary.decisions), room.rows)


def _coverage(summary: Summary, room: Room) -> Iterator[str]:
    coverage = summary.coverage
    silent = coverage.silent
    yield (
        f"Cakupan: {number(coverage.speaking)} dari {number(coverage.sources)} sumber "
        f"berbicara. Sinyal media sosial, {NOT_A_SURVEY}."
    )
    for one in silent[: room.rows]:
        yield f"• {_plain(silence(one, summary.zone, summary.until), 90)}"
    yield from _more(len(silent), room.rows)


def _more(count: int, shown: int) -> Iterator[str]:
    if count > shown:
        yield f"… dan {number(count - shown)} lagi"


def _plain(text: str, longest: int) -> str:
    """Without the signs that WhatsApp reads as marks."""
    return cut(text, longest).translate(_MARKS)
