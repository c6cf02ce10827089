"""Everything that proves one announcement, in one file to hand over.

What was written, what was approved and by whom, every try and what the networks
answered, and the acts with their place in the audit chain. No secret, and nothing that
a citizen wrote.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from config.words import N_, words
from models.account import Account
from models.announcement import Announcement, Approval, Media
from models.base import Base
from models.chain import Entry
from models.delivery import Attempt, Delivery, ReceiptRow
from models.override import GuardOverride
from models.person import May, Person
from models.preflight import Preflight
from models.reading import Reading
from models.signature import Signature
from models.thread import ThreadPart
from models.withdrawal import Withdrawal, WithdrawalTry
from pipeline.auditing import line
from pipeline.unit import Work

SUMS = "SHA256SUMS"
CONTENT = "content.json"
ABOUT = N_("""\
Berkas bukti satu pengumuman, dibuat Kentongan.

content.json        persis yang disetujui; SHA-256-nya adalah content_hash di
                    approvals.json, bila isinya tidak berubah sejak itu
announcement.json   judul, keadaan, waktu, teks umum
texts/              teks untuk tiap akun
media/              gambar, dengan SHA-256 sebagai namanya; dari video hanya
                    keterangan dan SHA-256-nya, berkasnya di halaman pengumuman
approvals.json      tiap permintaan persetujuan, tanda tangannya, dan jawabannya
asked/              isi tiap permintaan; SHA-256-nya adalah content_hash-nya
deliveries.json     tiap kiriman: percobaan, nomor dari jaringan, tautan, tanda
                    terima, pemeriksaan sebelum terbit, dan angka yang dibaca
guard.json          yang ditahan penjaga dan tetap terbit: aturan, alasan, oleh siapa
people.json         nama orang dari nomornya
audit.jsonl         tindakan atas pengumuman ini, dengan hash di rantai catatan
audit-head.txt      kepala rantai catatan saat berkas ini dibuat
SHA256SUMS          SHA-256 semua berkas di atas; periksa: sha256sum -c SHA256SUMS

Tiap baris audit.jsonl dapat diperiksa sendiri. Apakah rantainya utuh, periksa di
kantor: kentongan audit verify --head KEPALA
""")

TOLD: Mapping[type[Base], tuple[str, ...]] = {
    Announcement: (
        *("id", "title", "body", "category", "state", "author_id", "alt_text"),
        *("publish_at", "not_after", "corrects", "version", "created_at"),
        *("updated_at", "letter_number", "emergency"),
    ),
    Approval: (
        *("id", "content_hash", "author_id", "asked_by", "asked_at", "decided_by"),
        *("decided_at", "approved", "reason", "repeat_reason", "voided_at"),
        *("steps", "countersign_by", "countersigned_at", "countersign_missed_at"),
    ),
    Signature: ("step", "content_hash", "signed_by", "signed_at"),
    Account: ("id", "network", "handle", "base_url"),
    Delivery: (
        *("id", "round", "key", "state", "due_at", "not_after", "tries", "armed_at"),
        *("uncertain_at", "sent_title", "sent_text", "problem", "detail", "reason"),
        *("remote_id", "url", "published_at", "updated_at", "part", "parts"),
    ),
    Attempt: ("number", "armed_at", "ended_at", "outcome", "problem", "detail"),
    Withdrawal: (
        *("reason", "asked_by", "asked_at", "state", "problem", "detail", "ended_at"),
        "ended_by",
    ),
    WithdrawalTry: (
        *("number", "remote_id", "armed_at", "ended_at", "outcome", "problem"),
        "detail",
    ),
    Preflight: ("look", "due_at", "looked_at", "problem", "others", "detail"),
    Reading: ("at", "views", "likes", "reposts", "quotes", "replies"),
    ThreadPart: (
        *("number", "text", "remote_id", "url", "posted_at", "recorded_at"),
        "found_by",
    ),
    GuardOverride: ("rule", "reason", "user_id", "at", "text_hash"),
    ReceiptRow: ("remote_id", "url", "posted_at", "recorded_at", "found_by"),
}
"""The columns that are handed over; a new one stays inside until it stands here."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A zip, and the name that it may have."""

    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Of the zip itself; to be written down where it is handed over."""
        return hashlib.sha256(self.content).hexdigest()


def bundle(work: Work, by: Person, announcement_id: int, now: datetime) -> Bundle:
    """Gather the evidence of one announcement of the office.

    Raises:
        NotAllowed: the role may not. NotFound: the office has none of this number.
    """
    by.must(May.AUDIT)
    announcement = work.announcements.get(announcement_id)
    deliveries = work.schedule.of(announcement_id)
    approvals = work.announcements.approvals(announcement_id)
    acts = work.audit.about(
        {Announcement: [announcement_id], Delivery: [one.id for one in deliveries]}
    )
    files = _written(work, announcement)
    signatures = work.signatures.of_all([one.id for one in approvals])
    files["approvals.json"] = _json([_signed(one, signatures) for one in approvals])
    files |= {
        f"asked/{one.id}.json": one.content.encode() for one in approvals if one.content
    }
    files["deliveries.json"] = _json([_delivery(work, one) for one in deliveries])
    overrides = work.overrides.of_announcement(announcement_id)
    files["guard.json"] = _json([_plain(one) for one in overrides])
    people = _people(announcement, approvals, acts) | {by.user_id}
    people |= {one.user_id for one in overrides}
    people |= {one.signed_by for one in signatures}
    names = work.offices.names(people)
    files["people.json"] = _json({str(one): names[one] for one in sorted(names)})
    files["audit.jsonl"] = "".join(line(one) for one in acts).encode()
    files["audit-head.txt"] = f"{work.audit.head(by.office_id)}\n".encode()
    files["README.txt"] = words(by.language).gettext(ABOUT).encode()
    office = work.offices.by_id(by.office_id).code
    name = f"bukti-{office}-{announcement_id}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.zip"
    return Bundle(name, _zipped(files, now))


def _written(work: Work, announcement: Announcement) -> dict[str, bytes]:
    """What the public was told, or would be."""
    content = work.announcements.content(announcement.id)
    files = {
        CONTENT: content.canonical,
        "announcement.json": _json(
            _plain(announcement) | {"content_hash_now": content.hash}
        ),
    }
    for part in content.parts:
        files[f"texts/{part.account_id}-{part.network}.txt"] = part.text.encode()
    media = work.announcements.media(announcement)
    if media is not None:
        if not media.facts:  # a video is larger than a file of evidence should be
            ending = media.media_type.partition("/")[2]
            files[f"media/{media.sha256}.{ending}"] = media.content
        files["media/media.json"] = _json(_media(media, announcement))
    return files


def _media(media: Media, announcement: Announcement) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(media.facts) if media.facts else {}
    return {
        "sha256": media.sha256,
        "media_type": media.media_type,
        "bytes": told.pop("size", len(media.content)),
        "alt_text": announcement.alt_text,
        **told,
    }


def _delivery(work: Work, row: Delivery) -> dict[str, Any]:
    """One delivery with every try; ``key`` is ours, ``remote_id`` the network's."""
    account = work.accounts.get(row.account_id)
    receipt = work.deliveries.receipt(row.id)
    taken, seen = work.withdrawals.of(row.id), work.readings.seen([row.id])[row.id]
    tries = work.withdrawals.tries(taken.id) if taken else []
    return _plain(row) | {
        "account": _plain(account),
        "attempts": [_plain(one) for one in work.deliveries.attempts(row.id)],
        "receipt": _plain(receipt) if receipt else None,
        "thread": [_plain(one) for one in work.deliveries.thread(row.id)],
        "looks_ahead": [_plain(one) for one in work.preflights.of(row.id)],
        "numbers": [_plain(one) for one in seen.readings],
        "gone_at": seen.turn.gone_at if seen.turn else None,
        "withdrawal": _plain(taken) if taken else None,
        "withdrawal_tries": [_plain(one) for one in tries],
    }


def _signed(row: Approval, signatures: Iterable[Signature]) -> dict[str, Any]:
    """One asking with the signatures under it."""
    mine = [_plain(one) for one in signatures if one.approval_id == row.id]
    return _plain(row) | {"signatures": mine}


def _people(
    announcement: Announcement, approvals: Iterable[Approval], acts: Iterable[Entry]
) -> set[int]:
    """Whose names a reader needs."""
    found = {announcement.author_id, *(one.user_id for one in acts)}
    for one in approvals:
        found |= {one.author_id, one.asked_by, one.decided_by}
    return {one for one in found if one is not None}


def _plain(row: Base) -> dict[str, Any]:
    return {name: getattr(row, name) for name in TOLD[type(row)]}


def _json(value: Any) -> bytes:
    written = json.dumps(
        value, ensure_ascii=False, indent=2, sort_keys=True, default=_said
    )
    return f"{written}\n".encode()


def _said(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _zipped(files: dict[str, bytes], now: datetime) -> bytes:
    """The same files always make the same bytes; the manifest comes last."""
    sums = "".join(
        f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)
    )
    out = io.BytesIO()
    stamp = now.astimezone(UTC).timetuple()[:6]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in [*sorted(files), SUMS]:
            entry = zipfile.ZipInfo(name, stamp)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            archive.writestr(entry, files.get(name, sums.encode()))
    return out.getvalue()
