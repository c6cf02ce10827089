"""A day at the fictional Polres Kota Sukamaju, put straight into the tables."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from pwdlib import PasswordHash

from models.account import Account
from models.announcement import Announcement, Approval, Variant
from models.delivery import Attempt, Delivery
from models.idea import Idea, IdeaEvidence, IdeaMove
from models.item import Item, ItemLabels
from models.labels import (
    SEVERITY_OF,
    Element,
    ElementGuess,
    Evidence,
    Kind,
    KindGuess,
    Labels,
    Polarity,
    Sentiment,
    SentimentGuess,
    Service,
    ServiceGuess,
)
from models.labels_json import to_json
from models.office import User
from models.person import Person
from models.problems import Problem
from models.scope import OfficeScope, SystemScope
from models.source import Source, Subscription
from models.states import (
    AccountHealth,
    AccountMode,
    AnnouncementState,
    DeliveryState,
    IdeaState,
    Reply,
    Role,
    SourceHealth,
)
from pipeline.approving import signature_of
from pipeline.unit import Store, Work

PASSWORD = "kentongan-berbunyi"
MODEL = "contoh-1"
_C, _Q, _S, _P = Kind.COMPLAINT, Kind.QUESTION, Kind.SUGGESTION, Kind.PRAISE
_NEG, _NEU, _POS = Sentiment.NEGATIVE, Sentiment.NEUTRAL, Sentiment.POSITIVE

# hours ago, network, text, kind, sentiment, service, marked words, element, sure
VOICES = [
    (26, "x", "Udah 3 kali bolak-balik, loket cuma buka satu. Antre dari subuh, jam 11 disuruh pulang. Petugasnya ramah sih.", _C, _NEG, Service.SIM, ["bolak-balik", "Antre dari subuh", "disuruh pulang"], Element.U3, True),
    (9, "mastodon", "Min, syarat SKCK buat yang KTP luar kota apa aja? Di web beda sama di loket.", _Q, _NEU, Service.SKCK, ["syarat SKCK"], Element.U1, True),
    (8, "x", "Nomor 110 semalam nggak diangkat sampai 4 kali, akhirnya warga yang bubarin.", _C, _NEG, Service.CALL110, ["nggak diangkat"], Element.U8, True),
    (3, "mastodon", "Simling besok di mana ya pak? Sabtu buka nggak?", _Q, _NEU, Service.SIM, ["di mana"], None, True),
    (2, "x", "Wah hebat ya ETLE-nya, plat motor saya ada di Surabaya padahal saya di Mekarasih", _C, _NEG, Service.TILANG, ["hebat"], Element.U5, False),
    (1.5, "mastodon", "Coba dikasih nomor antrean online, kasihan lansia berdiri di luar kehujanan.", _S, _NEU, Service.SPKT, ["Coba dikasih", "nomor antrean online"], Element.U9, True),
    (1, "x", "mending dibuatin antrian online min, drpd datang subuh", _S, _NEU, Service.SIM, ["mending dibuatin"], Element.U3, True),
    (0.5, "mastodon", "Terima kasih patroli malam di Kalibaru, sekarang jauh lebih tenang.", _P, _POS, Service.KAMTIBMAS, ["Terima kasih", "lebih tenang"], Element.X2, True),
    (0.03, "x", "tolong ada tawuran bawa celurit dkt stasiun, buruan kirim patroli", Kind.EMERGENCY, _NEG, Service.CALL110, ["tawuran bawa celurit"], Element.X2, True),
    (5, "x", "Diminta bayar lima puluh ribu biar cepat, katanya uang rokok. Ini resmi nggak?", Kind.INTEGRITY, _NEG, Service.SIM, ["uang rokok"], Element.X1, True),
    (4, "x", "Katanya SIM gratis mulai besok, sebarkan sebelum dihapus", Kind.HOAX, _NEU, Service.SIM, ["SIM gratis"], None, True),
]  # fmt: skip


@dataclass(frozen=True)
class Seeded:
    """Ids that tests look for."""

    office: OfficeScope
    people: dict[str, Person]
    accounts: dict[str, int]
    announcements: dict[str, int]
    deliveries: dict[str, int]
    items: list[int]
    idea: int
    at: datetime


def seed(store: Store, office: OfficeScope, now: datetime) -> Seeded:
    """Fill an office; everybody's password is :data:`PASSWORD`."""
    people = _people(store, office, now)
    with store.write(office) as work:
        accounts = _accounts(work, office, now)
        announcements = _announcements(work, office, people, accounts, now)
        deliveries = _deliveries(work, office, accounts, announcements, now)
        items = _voices(work, office, accounts, deliveries["terbit"], now)
        _history(work, office, accounts["x"], now)
        idea = _ideas(work, office, people, items, now)
    _sources(store, office, now)
    return Seeded(office, people, accounts, announcements, deliveries, items, idea, now)


@cache
def _hashed() -> str:
    return PasswordHash.recommended().hash(PASSWORD)


def _people(store: Store, office: OfficeScope, now: datetime) -> dict[str, Person]:
    hashed = _hashed()
    wanted = {
        "dimas": ("Dimas Pratama", Role.OFFICER),
        "ratna": ("Ratna Wulandari", Role.APPROVER),
        "sari": ("Sari Utami", Role.APPROVER),
        "admin": ("Agus Setiawan", Role.ADMIN),
    }
    found = {}
    with store.write(office) as work:
        for login, (name, role) in wanted.items():
            row = User(
                office_id=office.office_id,
                login=login,
                name=name,
                role=role,
                password_hash=hashed,
                created_at=now,
            )
            work.session.add(row)
            work.session.flush()
            found[login] = Person(row.id, office.office_id, name, role)
    return found


def _accounts(work: Work, office: OfficeScope, now: datetime) -> dict[str, int]:
    rows = {
        "x": ("x", "@humas_sukamaju", "", AccountMode.LIVE),
        "mastodon": (
            "mastodon",
            "@humas@sosial.contoh.test",
            "https://sosial.contoh.test",
            AccountMode.REHEARSAL,
        ),
    }
    found = {}
    for name, (network, handle, base, mode) in rows.items():
        row = Account(
            office_id=office.office_id,
            network=network,
            handle=handle,
            base_url=base,
            sealed_secrets=b"",
            mode=mode,
            health=AccountHealth.CONNECTED,
            created_at=now - timedelta(days=30),
            lease_until=now,
            next_allowed_at=now,
            hear_next_at=now,
            hear_lease_until=now,
            heard_at=now - timedelta(minutes=2),
        )
        work.session.add(row)
        work.session.flush()
        found[name] = row.id
    return found


def _announcements(
    work: Work,
    office: OfficeScope,
    people: dict[str, Person],
    accounts: dict[str, int],
    now: datetime,
) -> dict[str, int]:
    body = (
        "SIM KELILING Sabtu, 28 November 2026\n\nLapangan Harapan Baru, Sukamaju Utara\n"
        "08.00–12.00 WIB (pendaftaran tutup 11.00)\n\nSIM A Rp 80.000, SIM C Rp 75.000, "
        "di luar tes kesehatan dan psikologi. Bawa KTP dan SIM asli beserta fotokopi.\n\n"
        "Darurat: 110 (gratis)"
    )
    wanted = {
        "terbit": ("SIM keliling Selasa: Mekarasih", AnnouncementState.APPROVED, -3),
        "ragu": ("Hotline 110 gratis 24 jam", AnnouncementState.APPROVED, -1),
        "gagal": ("Syarat SKCK terbaru", AnnouncementState.APPROVED, -2),
        "jadwal": ("Jam layanan SPKT", AnnouncementState.APPROVED, 3),
        "minta": (
            "Klarifikasi: “SIM gratis mulai besok” tidak benar",
            AnnouncementState.ASKED,
            5,
        ),
        "draf": ("SIM keliling, Sabtu 28 November", AnnouncementState.DRAFT, 94),
    }
    found = {}
    for name, (title, state, hours) in wanted.items():
        row = Announcement(
            office_id=office.office_id,
            title=title,
            body=body,
            state=state,
            author_id=people["dimas"].user_id,
            publish_at=now + timedelta(hours=hours),
            not_after=now + timedelta(hours=hours + 6),
            created_at=now - timedelta(days=1),
            updated_at=now - timedelta(minutes=20),
        )
        work.session.add(row)
        work.session.flush()
        found[name] = row.id
        for account_id in accounts.values():
            work.session.add(
                Variant(
                    office_id=office.office_id,
                    announcement_id=row.id,
                    account_id=account_id,
                )
            )
        work.session.flush()
        if state is not AnnouncementState.DRAFT:
            _approve(work, office, row, people, now)
    return found


def _approve(
    work: Work,
    office: OfficeScope,
    row: Announcement,
    people: dict[str, Person],
    now: datetime,
) -> None:
    decided = row.state is AnnouncementState.APPROVED
    approval = Approval(
        office_id=office.office_id,
        announcement_id=row.id,
        content_hash=work.announcements.content(row.id).hash,
        author_id=people["dimas"].user_id,
        asked_by=people["dimas"].user_id,
        asked_at=now - timedelta(minutes=15),
        decided_by=people["ratna"].user_id if decided else None,
        decided_at=now - timedelta(minutes=10) if decided else None,
        approved=True if decided else None,
    )
    work.session.add(approval)
    work.session.flush()
    if approval.decided_by and approval.decided_at:
        signed = signature_of(approval, approval.decided_by, 1, approval.decided_at)
        work.signatures.add(signed)


def _deliveries(
    work: Work,
    office: OfficeScope,
    accounts: dict[str, int],
    announcements: dict[str, int],
    now: datetime,
) -> dict[str, int]:
    wanted = [
        ("terbit", "terbit", "x", DeliveryState.PUBLISHED, -3, None),
        ("terbit-m", "terbit", "mastodon", DeliveryState.PUBLISHED, -3, None),
        (
            "ragu",
            "ragu",
            "x",
            DeliveryState.NEEDS_PERSON,
            -1,
            Problem.NOT_FOUND_AFTER_LOOKING,
        ),
        ("gagal", "gagal", "x", DeliveryState.REJECTED, -2, Problem.DUPLICATE_TEXT),
        ("jadwal", "jadwal", "x", DeliveryState.SCHEDULED, 3, None),
        ("tahan", "jadwal", "mastodon", DeliveryState.HELD, 3, Problem.REHEARSAL),
    ]
    found = {}
    for name, announcement, account, state, hours, problem in wanted:
        at = now + timedelta(hours=hours)
        row = Delivery(
            office_id=office.office_id,
            announcement_id=announcements[announcement],
            account_id=accounts[account],
            key=secrets.token_hex(16),
            state=state,
            due_at=at,
            lease_until=now,
            tries=1 if hours < 0 else 0,
            sent_text="Hotline 110 gratis 24 jam, dari telepon apa saja."
            if hours < 0
            else "",
            armed_at=at if hours < 0 else None,
            published_at=at if state is DeliveryState.PUBLISHED else None,
            remote_id="1" if state is DeliveryState.PUBLISHED else "",
            url="https://sosial.contoh.test/@humas/1"
            if state is DeliveryState.PUBLISHED
            else "",
            problem=problem,
            updated_at=at,
        )
        work.session.add(row)
        work.session.flush()
        found[name] = row.id
        if hours < 0:
            work.session.add(
                Attempt(
                    office_id=office.office_id,
                    delivery_id=row.id,
                    number=1,
                    worker="pekerja-1",
                    armed_at=at,
                    ended_at=at + timedelta(seconds=3),
                    outcome=state
                    if state is not DeliveryState.NEEDS_PERSON
                    else DeliveryState.UNCERTAIN,
                    problem=problem,
                )
            )
    return found


def labels_of(
    text: str,
    kind: Kind,
    sentiment: Sentiment,
    service: Service | None,
    marked: list[str],
    element: Element | None,
    sure: bool,
) -> Labels:
    """Labels as an engine would give them."""
    rest = (1 - 0.62) / 2
    shares = {one: (0.62 if one is sentiment else rest) for one in Sentiment}
    evidence = [
        Evidence(text.index(words), text.index(words) + len(words), kind.value)
        for words in marked
    ]
    elements: tuple[ElementGuess, ...] = ()
    if element is not None:
        polarity = Polarity.POSITIVE if sentiment is _POS else Polarity.NEGATIVE
        elements = (ElementGuess(element, polarity, 0.8, sure),)
        first = evidence[0]
        evidence.append(Evidence(first.start, first.end, element.value))
    return Labels(
        sentiment=SentimentGuess(sentiment, shares, sure),
        kind=KindGuess(kind, {kind: 0.58, Kind.OPINION: 0.37}, sure),
        service=ServiceGuess(service, 0.91, True) if service else None,
        elements=elements,
        severity=SEVERITY_OF[kind],
        evidence=tuple(evidence),
        model=MODEL,
    )


def add_voice(
    work: Work,
    office: OfficeScope,
    *,
    account_id: int | None,
    network: str,
    text: str,
    labels: Labels | None,
    at: datetime,
    author: str = "7f3a",
    delivery_id: int | None = None,
) -> int:
    """Add one item with its labels."""
    row = _voice(office, account_id, network, text, labels, at, author)
    row.delivery_id = delivery_id
    work.session.add(row)
    work.session.flush()
    if labels is not None:
        work.session.add(
            ItemLabels(
                office_id=office.office_id,
                item_id=row.id,
                model=labels.model,
                labels=to_json(labels),
                created_at=at,
            )
        )
    return row.id


def _voice(
    office: OfficeScope,
    account_id: int | None,
    network: str,
    text: str,
    labels: Labels | None,
    at: datetime,
    author: str = "7f3a",
) -> Item:
    row = Item(
        office_id=office.office_id,
        network=network,
        account_id=account_id,
        remote_id=secrets.token_hex(8),
        url=f"https://sosial.contoh.test/{secrets.token_hex(4)}",
        text=text,
        author_pseudonym=author,
        published_at=at,
        first_seen_at=at,
        at=at,
        story_key=secrets.token_hex(16),
        reply=Reply.OPEN,
    )
    if labels is not None:
        row.labelled_by = labels.model
        row.sentiment = labels.sentiment.label
        row.sentiment_sure = labels.sentiment.sure
        row.kind, row.kind_sure = labels.kind.label, labels.kind.sure
        row.service = labels.service.label if labels.service else None
        row.severity = labels.severity
    return row


def _voices(
    work: Work,
    office: OfficeScope,
    accounts: dict[str, int],
    delivery_id: int,
    now: datetime,
) -> list[int]:
    found = []
    for number, (hours, network, text, *told) in enumerate(VOICES):
        found.append(
            add_voice(
                work,
                office,
                account_id=accounts[network],
                network=network,
                text=text,
                labels=labels_of(text, *told),
                at=now - timedelta(hours=hours),
                author=f"{number:x}f3a{number:x}",
                delivery_id=delivery_id if number in (0, 3) else None,
            )
        )
    return found


def _history(work: Work, office: OfficeScope, account_id: int, now: datetime) -> None:
    """Two weeks of dealt-with voices, so that the mood has something to show."""
    text = "Pelayanan di loket hari ini, catatan warga untuk kantor."
    for day in range(1, 15):
        for number in range(14 + (day * 5) % 9):
            kind, sentiment = [(_C, _NEG), (_P, _POS), (Kind.OPINION, _NEU)][number % 3]
            labels = labels_of(
                text, kind, sentiment, Service.SIM, ["loket"], None, number % 7 != 0
            )
            at = now - timedelta(days=day, minutes=number)
            row = _voice(office, account_id, "x", text, labels, at)
            row.reply = Reply.ANSWERED
            work.session.add(row)
    work.session.flush()


def _ideas(
    work: Work,
    office: OfficeScope,
    people: dict[str, Person],
    items: list[int],
    now: datetime,
) -> int:
    wanted = [
        ("Nomor antrean daring untuk SPKT dan SIM", Service.SPKT, IdeaState.PROPOSED),
        ("Bayar PNBP dengan QRIS di loket", Service.SIM, IdeaState.STUDIED),
        ("Kursi dan atap di antrean luar Satpas", Service.SIM, IdeaState.ACCEPTED),
        ("Patroli malam di Kalibaru ditambah", Service.KAMTIBMAS, IdeaState.DONE),
        ("Loket buka sampai tengah malam", Service.SKCK, IdeaState.DECLINED),
    ]
    ids = []
    for title, service, state in wanted:
        row = Idea(
            office_id=office.office_id,
            title=title,
            service=service,
            state=state,
            created_by=people["dimas"].user_id,
            created_at=now - timedelta(days=21),
            updated_at=now - timedelta(days=3),
        )
        work.session.add(row)
        work.session.flush()
        ids.append(row.id)
        if state is not IdeaState.PROPOSED:
            work.session.add(
                IdeaMove(
                    office_id=office.office_id,
                    idea_id=row.id,
                    was=IdeaState.PROPOSED,
                    became=state,
                    by=people["ratna"].user_id,
                    at=now - timedelta(days=3),
                    reason="Dibahas di rapat bulanan.",
                )
            )
    for item_id in items[5:7]:
        item = work.session.get(Item, item_id)
        assert item is not None
        work.session.add(
            IdeaEvidence(
                office_id=office.office_id,
                idea_id=ids[0],
                item_id=item_id,
                quote=item.text,
                added_by=people["dimas"].user_id,
                added_at=now,
            )
        )
    return ids[0]


def _sources(store: Store, office: OfficeScope, now: datetime) -> None:
    wanted = [
        ("https://radar-sukamaju.contoh.test/rss", SourceHealth.HEALTHY, None, 4),
        (
            "https://kabar-kota.contoh.test/feed",
            SourceHealth.SICK,
            Problem.TOO_SLOW,
            200,
        ),
    ]
    with store.write(SystemScope("seeding")) as work:
        for url, health, problem, minutes in wanted:
            at = now - timedelta(minutes=minutes)
            row = Source(
                url=url,
                host=url.split("/")[2] + ":443",
                title=url.split("/")[2].split(".")[0].replace("-", " ").title(),
                created_at=now - timedelta(days=20),
                next_check_at=now,
                lease_until=now,
                health=health,
                problem=problem,
                succeeded_at=at,
                fetched_at=now,
            )
            work.session.add(row)
            work.session.flush()
            work.session.add(
                Subscription(
                    office_id=office.office_id, source_id=row.id, created_at=now
                )
            )


__all__ = ["MODEL", "PASSWORD", "Seeded", "add_voice", "labels_of", "seed"]
