"""The composer's form: what was typed, as text, and as what the service takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData, UploadFile

from config.words import N_
from models.account import Account
from models.announcement import Announcement, Variant
from models.errors import InvalidInput
from pipeline.announcing import AnnouncementForm
from pipeline.guarding import Seen
from pipeline.pictures import ImageForm
from pipeline.videos import looks_like_one
from web.asking import local_time, whole
from web.guard import LARGEST_BODY


@dataclass(frozen=True, slots=True)
class Typed:
    """Every field as a person typed it; a page shows it again unchanged."""

    title: str = ""
    body: str = ""
    category: str = "umum"
    letter_number: str = ""
    publish_at: str = ""
    not_after: str = ""
    alt_text: str = ""
    chosen: frozenset[int] = frozenset()
    texts: Mapping[int, str] = field(default_factory=dict)
    threads: frozenset[int] = frozenset()  # accounts that say a long text in parts
    drop_image: bool = False
    repeat_reason: str = ""  # not kept with the draft
    version: int = 0
    image: bytes = field(default=b"", repr=False)
    film: BinaryIO | None = field(default=None, repr=False)  # open while it is asked
    guard_reason: str = ""
    refused: InvalidInput | None = None  # why the file that was chosen is not taken

    @property
    def wordless(self) -> bool:
        """Whether nothing is said yet, on any account."""
        return not any(text.strip() for text in (self.body, *self.texts.values()))

    def text_on(self, account_id: int) -> str:
        """What the account would say: its own text, else the common one."""
        own = self.texts.get(account_id, "")
        return own if own.strip() else self.body

    def seen(self, picture: str = "") -> Seen:
        """All that the public would see; the common text while no account is chosen.

        Args:
            picture: hash of the stored one.
        """
        texts = {number: self.text_on(number) for number in self.chosen}
        kept = "" if self.drop_image else picture
        alt = self.alt_text.strip() if kept or self.image or self.film else ""
        return Seen(texts or {0: self.body}, alt, kept, self.title.strip())

    def as_form(self, zone: ZoneInfo) -> AnnouncementForm:
        """What the service takes.

        Raises:
            InvalidInput: a time cannot be read, or the file is not taken.
        """
        if self.refused is not None:
            raise self.refused
        image = ImageForm(self.image, self.alt_text) if self.image else None
        return AnnouncementForm(
            title=self.title,
            body=self.body,
            category=self.category,
            variants={
                account_id: self.texts.get(account_id, "") for account_id in self.chosen
            },
            publish_at=local_time(self.publish_at, zone, "publish_at"),
            not_after=local_time(self.not_after, zone, "not_after"),
            letter_number=self.letter_number,
            image=image,
            keep_image=not self.drop_image,
            alt_text=self.alt_text,
            threads=self.threads,
        )


def read(form: FormData, accounts: Sequence[Account]) -> Typed:
    """Read the form; fields of accounts that are not the office's are ignored."""
    known = {str(account.id): account.id for account in accounts}
    chosen = {known[one] for one in _texts(form, "akun") if one in known}
    version = _text(form, "versi")
    image, film, refused = b"", None, None
    try:
        image, film = _upload(form)
    except InvalidInput as error:  # told once everything else is read, so that it stays
        refused = error
    return Typed(
        title=_text(form, "judul"),
        body=_text(form, "isi"),
        category=_text(form, "kategori") or "umum",
        letter_number=_text(form, "nomor_surat"),
        publish_at=_text(form, "terbit"),
        not_after=_text(form, "batas"),
        alt_text=_text(form, "alt"),
        chosen=frozenset(chosen),
        texts={number: _text(form, f"teks-{name}") for name, number in known.items()},
        threads=frozenset(known[one] for one in _texts(form, "utas") if one in known),
        drop_image=_text(form, "hapus_gambar") == "ya",
        repeat_reason=_text(form, "alasan_ulang"),
        version=whole(version) or 0,
        image=image,
        film=film,
        guard_reason=_text(form, "alasan_jaga"),
        refused=refused,
    )


def of(
    announcement: Announcement, variants: Sequence[Variant], zone: ZoneInfo
) -> Typed:
    """The form as the stored announcement fills it."""
    return Typed(
        title=announcement.title,
        body=announcement.body,
        category=announcement.category,
        letter_number=announcement.letter_number,
        publish_at=_local(announcement.publish_at, zone),
        not_after=_local(announcement.not_after, zone),
        alt_text=announcement.alt_text,
        chosen=frozenset(variant.account_id for variant in variants),
        texts={variant.account_id: variant.text for variant in variants},
        threads=frozenset(one.account_id for one in variants if one.parts),
        version=announcement.version,
    )


def _local(at: datetime | None, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%dT%H:%M") if at else ""


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.replace("\r\n", "\n") if isinstance(value, str) else ""


def _texts(form: FormData, name: str) -> list[str]:
    return [value for value in form.getlist(name) if isinstance(value, str)]


def _upload(form: FormData) -> tuple[bytes, BinaryIO | None]:
    """A picture's bytes, or a video's open file: what its first bytes say.

    A video is not read here; the guard has bounded the whole form already.

    Raises:
        InvalidInput: the file is empty, or a picture too large.
    """
    upload = form.get("gambar")
    if not isinstance(upload, UploadFile) or not upload.filename:
        return b"", None
    head = upload.file.read(12)
    if not head:
        raise InvalidInput(N_("Berkas gambar kosong."), "image")
    upload.file.seek(0)
    if looks_like_one(head):
        return b"", upload.file
    content = upload.file.read(LARGEST_BODY + 1)
    if len(content) > LARGEST_BODY:
        raise InvalidInput(N_("Berkas gambar paling besar 12 MB."), "image")
    return content, None
