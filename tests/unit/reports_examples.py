"""Two mornings of Polres Kota Sukamaju: an ordinary one, and one far too full."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from models.labels import Element, Sentiment, Service
from models.shares import Change, Share
from models.states import IdeaState
from reports.summary import (
    Coverage,
    Decision,
    ElementSignal,
    Matter,
    Published,
    Said,
    Sent,
    ServiceCount,
    Signal,
    SilentSource,
    Story,
    Suggestion,
    Suggestions,
    Summary,
    Waiting,
)

NOW = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)  # Tuesday, 06.00 WIB


def hours_ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


ORDINARY = Summary(
    office="Polres Kota Sukamaju",
    zone="Asia/Jakarta",
    day=date(2026, 11, 24),
    since=hours_ago(24),
    until=NOW,
    published=Published(
        sent=(
            Sent("SIM keliling Pondok Asri", 2, hours_ago(22)),
            Sent("Samsat keliling", 2, hours_ago(20)),
            Sent("Pendaftaran SIM daring", 1, hours_ago(16)),
        ),
        refused=0,
        missed=1,
        withdrawn=0,
        today=7,
    ),
    said=Said(
        negative=33,
        neutral=22,
        positive=19,
        unsure=8,
        unread=3,
        copies=84,
        own_releases=40,
        before=Share(9, 41),
        stories_before=41,
        change=Change.UP,
    ),
    services=(
        ServiceCount(Service.SIM, 29, 21, 2),
        ServiceCount(Service.SKCK, 11, 9, 0),
        ServiceCount(Service.KAMTIBMAS, 16, 1, 14),
    ),
    stories=(Story("Siaran kita: pengungkapan curanmor", 39, Sentiment.NEUTRAL),),
    unanswered=Waiting(12, hours_ago(22)),
    emergencies=Waiting(0),
    integrity=Waiting(1, hours_ago(9)),
    suggestions=Suggestions(
        open=(
            Suggestion(
                "Nomor antrean daring untuk SPKT dan SIM", IdeaState.STUDIED, 34, 0, 12,
                hours_ago(24 * 18), ("Mending dibuatin antrean online, min", "Ambil nomor dari rumah"),
            ),
            Suggestion(
                "Bayar PNBP dengan QRIS di loket", IdeaState.FORWARDED, 27, 2, 0,
                hours_ago(24 * 6), ("Harusnya bisa QRIS, dari kemarin bilangnya Rp 250.000 tunai",),
            ),
            Suggestion(
                "SIM keliling di Mekarasih tiap Sabtu", IdeaState.PROPOSED, 11, 0, 11,
                hours_ago(20), (),
            ),
        ),
        done=("Loket kedua SIM buka sejak 07.00",),
        loose=4,
    ),
    signal=Signal(
        7,
        (
            ElementSignal(Element.U3, 41, 6, Change.UP),
            ElementSignal(Element.U7, 5, 12, Change.UNSURE),
            ElementSignal(Element.U9, 2, 1, Change.UNSURE),
            ElementSignal(Element.X2, 3, 16, Change.DOWN),
        ),
    ),
    coverage=Coverage(
        7, (SilentSource("Kabar Sukamaju", hours_ago(21.3)),), ("X @polreskotasukamaju",)
    ),
    decisions=(
        Decision(Matter.INTEGRITY, 1, hours_ago(9)),
        Decision(Matter.APPROVALS, 3, hours_ago(14)),
        Decision(
            Matter.IDEA, 34, hours_ago(24 * 18), "Nomor antrean daring untuk SPKT dan SIM",
            IdeaState.STUDIED,
        ),
    ),
)  # fmt: skip

LONG_WORD = "mempertanggungjawabkannya" * 8
LONG_QUOTE = "antre dari subuh tidak dipanggil juga " * 40

FULL = replace(
    ORDINARY,
    published=replace(
        ORDINARY.published,
        sent=tuple(Sent(f"{LONG_WORD} {i}", 4, hours_ago(i)) for i in range(20)),
    ),
    services=tuple(ServiceCount(one, 10, 5, 5) for one in Service),
    suggestions=replace(
        ORDINARY.suggestions,
        open=tuple(
            Suggestion(
                f"{LONG_WORD} {i}", IdeaState.PROPOSED, 30 - i, 1, 2, hours_ago(90),
                (LONG_QUOTE, LONG_WORD),
            )
            for i in range(25)
        ),
        done=(LONG_WORD,) * 9,
    ),
    signal=Signal(7, tuple(ElementSignal(one, 99, 9, Change.UNSURE) for one in Element)),
    coverage=Coverage(
        40,
        tuple(SilentSource(LONG_WORD, None) for _ in range(30)),
        (LONG_WORD,) * 12,
    ),
    decisions=tuple(
        Decision(Matter.IDEA, 30, hours_ago(90), f"{LONG_WORD} {i}", IdeaState.PROPOSED)
        for i in range(25)
    ),
)  # fmt: skip
