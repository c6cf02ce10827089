"""Videos: read strictly, kept once without traces of where they were taken, passed on.

A video is not encoded anew. What is kept plays as the file did; its bytes lie in pieces
in the one database, so that every machine has them, a backup holds them, and nobody
needs the whole in memory.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import BinaryIO

from sqlalchemy.exc import IntegrityError

from config.words import N_
from models.announcement import Media
from models.errors import GateClosed, InvalidInput, NotFound, TryLater
from models.person import May, Person
from models.problems import Problem
from models.scope import OfficeScope
from models.speech import Video, nothing_to_keep
from models.video import facts_of
from networks.mp4 import PIECE, Fault, VideoRefused, pieces, read
from pipeline.unit import Store

PIECES_OF_A_UNIT = 8
"""So that others write between: a unit of that many mebibytes lasts a moment."""

_PHOTOGRAPHS = frozenset({b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis"})
"""Brands of still pictures in the same container (ISO/IEC 23008-12, MIAF)."""

FAULTS: dict[Fault, str] = {
    Fault.BROKEN: N_(
        "Berkas ini bukan video MP4 yang utuh. Ekspor ulang videonya, lalu unggah lagi."
    ),
    Fault.TYPE: N_(
        "Jenis video ini tidak diterima. Ekspor sebagai MP4 biasa (H.264 dan AAC), "
        "bukan MOV atau rekaman terpotong-potong, dengan satu gambar dan satu suara."
    ),
    Fault.NO_PICTURE: N_("Berkas ini hanya berisi suara. Unggah video yang bergambar."),
    Fault.TOO_LARGE: N_(
        "Berkas video terlalu besar untuk disimpan di sini. Ekspor ulang dengan mutu "
        "lebih rendah atau potong videonya, lalu unggah lagi."
    ),
}


def looks_like_one(head: bytes) -> bool:
    """Whether a file begins as an MP4 does; what else it is, others find out.

    Photographs of some telephones (HEIC, AVIF) begin alike and are pictures.
    """
    return head[4:8] == b"ftyp" and head[8:12] not in _PHOTOGRAPHS


def keep(
    store: Store, by: Person, file: BinaryIO, most_bytes: int, now: datetime
) -> int:
    """Read a video and keep it by its content hash; return its number.

    Kept in several short units; an upload that breaks off is gone on with when the same
    file comes again.

    Args:
        file: can be read from any place; it is not changed.
        most_bytes: as ``max_video_mib`` of the settings has it.

    Raises:
        NotAllowed: as named.
        InvalidInput: it is no MP4, damaged, or too large; nothing was stored.
    """
    by.must(May.WRITE)
    scope = OfficeScope(by.office_id)
    try:
        film = read(file, most_bytes)
        digest = hashlib.sha256()
        for piece in pieces(file, film):
            digest.update(piece)
        sha256 = digest.hexdigest()
        with store.read(scope) as work:
            known = work.videos.named(sha256)
            if known is not None:
                return known.id
        _keep_pieces(store, scope, sha256, lambda: pieces(file, film))
    except VideoRefused as error:
        raise InvalidInput(FAULTS[error.fault], "image") from None
    try:
        with store.write(scope) as work:
            return work.videos.keep(sha256, film.facts, now)
    except IntegrityError:  # another one was done in the same moment
        with store.write(scope) as work:
            return work.videos.keep(sha256, film.facts, now)


def _keep_pieces(
    store: Store,
    scope: OfficeScope,
    sha256: str,
    content: Callable[[], Iterator[bytes]],
) -> None:
    """Keep what is not kept yet; another who keeps the same is no harm."""
    with store.read(scope) as work:
        kept = work.videos.pieces_kept(sha256)
    rest = enumerate(islice(content(), kept, None), kept)
    while some := list(islice(rest, PIECES_OF_A_UNIT)):
        try:
            _keep_some(store, scope, sha256, some)
        except IntegrityError:  # the other one kept some of these in the same moment
            _keep_pieces(store, scope, sha256, content)
            return


def _keep_some(
    store: Store, scope: OfficeScope, sha256: str, some: Iterable[tuple[int, bytes]]
) -> None:
    with store.write(scope) as work:
        kept = work.videos.pieces_kept(sha256)
        for number, piece in some:
            if number >= kept:
                work.videos.keep_piece(sha256, number, piece)


def opened(
    store: Store,
    media: Media,
    alt: str,
    stay: Callable[[], None] = nothing_to_keep,
    address: str = "",
) -> Video:
    """A kept video, to be read piece by piece.

    The last piece is given only once all of it has the hash that was approved: until
    then no server has a whole file. Reading it raises GateClosed otherwise.

    Args:
        media: its row.
        stay: called before each piece, and while a network works on it; may raise to
            have nothing more sent.

    Raises:
        NotFound: it is no video.
    """
    facts = facts_of(media)
    if facts is None:
        raise NotFound(f"video {media.id}")
    sha256, scope = media.sha256, OfficeScope(media.office_id)

    def content() -> Iterator[bytes]:
        digest, number, last = hashlib.sha256(), 0, b""
        while True:
            stay()
            with store.read(scope) as work:
                piece = work.videos.piece(sha256, number)
            if piece is None:
                break
            if last:
                yield last
            digest.update(piece)
            number, last = number + 1, piece
        if digest.hexdigest() != sha256:
            raise GateClosed(Problem.MEDIA_MISSING)
        yield last

    return Video(sha256, alt, facts, content, stay, address)


def part(store: Store, media: Media, start: int, end: int) -> Iterator[bytes]:
    """The bytes of a kept video from ``start`` up to ``end``, for who watches it."""
    scope = OfficeScope(media.office_id)
    for number in range(start // PIECE, (end + PIECE - 1) // PIECE):
        with store.read(scope) as work:
            piece = work.videos.piece(media.sha256, number)
        if piece is None:
            raise TryLater(Problem.OUR_FAULT, f"piece {number} is missing")
        first = number * PIECE
        yield piece[max(0, start - first) : end - first]
