"""Pictures: kept once as they were approved, and fitted for each account from that.

What is kept is clean (upright, without position data) and whole; the approval is bound
to its hash. What an account gets is made from it by one function, so that a preview
shows the bytes that are sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from config.words import N_
from models.account import Account
from models.announcement import Announcement
from models.approval import Content
from models.errors import InvalidInput
from models.speech import Image
from networks.capabilities import MediaLimit
from networks.images import Fault, PictureRefused, clean, fitted
from pipeline.unit import Work
from pipeline.wiring import account_capabilities

KEPT_BYTES = 16 * 1024 * 1024
"""The largest file that is kept of a picture; the composer takes no larger one."""

DEFAULT_ALT = 1_000
"""Longest description before any account is chosen."""

FAULTS: dict[Fault, str] = {
    Fault.BROKEN: N_(
        "Berkas ini bukan gambar JPEG atau PNG yang utuh. "
        "Simpan ulang gambarnya, lalu unggah lagi."
    ),
    Fault.TOO_MANY_PIXELS: N_(
        "Gambar terlalu besar: paling banyak 50 juta piksel "
        "(misalnya 8.660 × 5.773). Perkecil, lalu unggah lagi."
    ),
    Fault.ALT_TOO_LONG: N_(
        "Teks pengganti gambar terlalu panjang untuk salah satu akun yang dipilih. "
        "Persingkat."
    ),
    Fault.TYPE: N_("Jenis gambar ini tidak diterima. Pakai JPEG atau PNG."),
    Fault.TOO_LARGE: N_(
        "Gambar tidak dapat dibuat cukup kecil untuk salah satu akun yang dipilih. "
        "Pakai gambar lain."
    ),
}


@dataclass(frozen=True, slots=True)
class ImageForm:
    """A picture as it was uploaded."""

    content: bytes = field(repr=False)
    alt: str


def keep(
    work: Work, image: ImageForm, accounts: Sequence[Account], now: datetime
) -> int:
    """Clean a picture and keep it whole; return the row's id.

    Where a network fetches it from us, what is kept fits that network too.

    Raises:
        InvalidInput: it is no picture, too large, or its description is too long for
            one of ``accounts``; nothing was stored.
    """
    longest = min((_limit(one).alt_text for one in accounts), default=DEFAULT_ALT)
    limit = MediaLimit(most=1, image_bytes=KEPT_BYTES, alt_text=longest)
    fetching = [
        one for one in map(account_capabilities, accounts) if one.fetches_pictures
    ]
    try:
        cleaned = clean(image.content, image.alt, limit)
        for one in fetching:  # such a network is given the very file that is kept
            cleaned = fitted(cleaned, one.media)
    except PictureRefused as error:
        raise InvalidInput(FAULTS[error.fault], "image") from None
    return work.announcements.store_media(cleaned, now)


def check_alt(content: Content, accounts: Sequence[Account]) -> None:
    """Refuse a description with more words than one of the accounts takes.

    Raises:
        InvalidInput: with a word for its author.
    """
    if any(len(content.alt_text) > _limit(one).alt_text for one in accounts):
        raise InvalidInput(FAULTS[Fault.ALT_TOO_LONG], "alt_text")


def of_announcement(work: Work, announcement: Announcement) -> Image | None:
    """The picture as it is kept, with its description; None of a video."""
    media = work.announcements.media(announcement)
    if media is None or media.facts:
        return None
    alt = announcement.alt_text
    return Image(media.content, media.media_type, media.sha256, alt)


def for_account(image: Image, account: Account) -> Image:
    """What this account gets of a picture; publishers make it by the same function.

    Takes up to some seconds for a large one: call it outside of a transaction.

    Raises:
        PictureRefused: it cannot be made to fit.
    """
    return fitted(image, _limit(account))


def _limit(account: Account) -> MediaLimit:
    return account_capabilities(account).media
