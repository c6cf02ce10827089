"""What an MP4 file says of itself, read strictly and in little memory.

The file is a row of boxes (ISO/IEC 14496-12, 4.2). Only the description (``moov``) is
read, never what is seen and heard; nothing is decoded. The same walk finds what must
not go out: every box that is not needed to play is made empty, so that position, device
and hour of a recording are gone, and the samples of any third track with them. What
comes out has the description in front, as Instagram wants it.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import BinaryIO, NamedTuple

from models.errors import Refused
from models.problems import Problem
from models.speech import VideoFacts
from networks.forms import segments
from networks.mp4_tracks import Track, broken_as_struct, read_track

PIECE = 1024 * 1024
"""Bytes of one piece, as files are kept and sent; the last may be shorter."""

MOST_DESCRIPTION = 8 * 1024 * 1024  # an hour of 60 frames a second needs 3 MB
MOST_ROWS = 64  # outermost boxes
MOST_BOXES = 1_000  # inside of one
MOST_GONE = 100_000  # pieces of other tracks that are made empty
MOST_TRACKS = 16
_BRANDS = frozenset(
    {
        *(b"isom", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV", b"mmp4"),
        *(b"iso%d" % number for number in range(2, 10)),
    }
)
_KEPT = {
    b"": frozenset({b"ftyp", b"moov", b"mdat"}),
    b"moov": frozenset({b"mvhd", b"trak", b"iods"}),
    b"trak": frozenset({b"tkhd", b"edts", b"mdia", b"tref"}),
    b"mdia": frozenset({b"mdhd", b"hdlr", b"minf", b"elng"}),
    b"minf": frozenset({b"vmhd", b"smhd", b"dinf", b"stbl"}),
    b"stbl": frozenset(
        {
            *(b"stsd", b"stts", b"ctts", b"cslg", b"stss", b"stsc", b"stsz", b"stz2"),
            *(b"stco", b"co64", b"sdtp", b"sgpd", b"sbgp"),
        }
    ),
}
"""What is needed to play; anything else is made empty."""

_FRAGMENTS = frozenset({b"moof", b"mvex", b"cmov", b"rmra"})
_FREE = b"free"


class Fault(StrEnum):
    """What is wrong with a file, for a word to its author."""

    BROKEN = "broken"  # no MP4, cut, or not as it says
    TYPE = "type"  # a film, but no plain MP4: QuickTime, fragments
    NO_PICTURE = "no_picture"  # sound alone
    TOO_LARGE = "too_large"


class VideoRefused(Refused):
    """This file cannot be taken; ``fault`` says why."""

    def __init__(self, fault: Fault, detail: str) -> None:
        super().__init__(Problem.MEDIA_REFUSED, detail)
        self.fault = fault


class Span(NamedTuple):
    """Bytes of the file, from ``start`` up to ``end``; as zeros where ``empty``."""

    start: int
    end: int
    empty: bool = False


@dataclass(frozen=True, slots=True)
class Film:
    """A file that may be taken: what it is, and the bytes that are kept of it."""

    facts: VideoFacts
    parts: tuple[bytes | Span, ...] = field(repr=False)


class Box(NamedTuple):
    """One box: its kind, where it begins, where its content does, where it ends."""

    kind: bytes
    start: int
    body: int
    end: int


def read(file: BinaryIO, most_bytes: int) -> Film:
    """Read what a film is, and what of it may be kept.

    Args:
        file: can be read from any place; it is not changed.
        most_bytes: the largest file that is taken.

    Raises:
        VideoRefused: it is no MP4, damaged, without a picture, or too large.
    """
    size = file.seek(0, 2)
    if size > most_bytes:
        raise VideoRefused(Fault.TOO_LARGE, f"{size} bytes, at most {most_bytes}")
    try:
        rows = list(_rows_of(file, size))
        moov = _only(rows, b"moov")
        if moov.end - moov.start > MOST_DESCRIPTION:
            raise ValueError("a description of too many bytes")
        _check_brand(file, rows[0])
        described = bytearray(_bytes(file, moov.start, moov.end))
        data = [box for box in rows if box.kind == b"mdat"]
        tracks = _described(described)
        for track in tracks:
            track.must_lie_in([(box.body, box.end) for box in data])
        return _film(rows, moov, described, tracks)
    except broken_as_struct as error:
        raise VideoRefused(Fault.BROKEN, str(error)[:200]) from None


def pieces(file: BinaryIO, film: Film) -> Iterator[bytes]:
    """The bytes that are kept, in pieces of :data:`PIECE`."""
    return segments(_raw(file, film.parts), PIECE)


def _raw(file: BinaryIO, parts: Iterable[bytes | Span]) -> Iterator[bytes]:
    for part in parts:
        if isinstance(part, bytes):
            yield part
            continue
        for start in range(part.start, part.end, PIECE):
            end = min(part.end, start + PIECE)
            yield bytes(end - start) if part.empty else _bytes(file, start, end)


def _bytes(file: BinaryIO, start: int, end: int) -> bytes:
    file.seek(start)
    found = file.read(end - start)
    if len(found) != end - start:
        raise VideoRefused(Fault.BROKEN, "the file became shorter")
    return found


# the file


def _rows_of(file: BinaryIO, size: int) -> Iterator[Box]:
    """The outermost boxes, in order."""
    start = count = 0
    while start < size:
        count += 1
        if count > MOST_ROWS:
            raise ValueError("too many boxes")
        box = _box(_bytes(file, start, min(start + 16, size)), 0, size - start)
        if count == 1 and box.kind != b"ftyp":
            raise ValueError("the first box is no ftyp")
        if box.kind in _FRAGMENTS:
            raise VideoRefused(Fault.TYPE, "in fragments")
        yield Box(box.kind, start, start + box.body, start + box.end)
        start += box.end


def _box(data: bytes | bytearray, at: int, room: int) -> Box:
    """The box that begins at ``at``, which has ``room`` bytes at most.

    Raises:
        ValueError, struct.error: there is none.
    """
    size, kind = struct.unpack_from(">I4s", data, at)
    head = 8
    if size == 1:
        (size,) = struct.unpack_from(">Q", data, at + 8)
        head = 16
    elif size == 0:  # up to the end
        size = room
    if not head <= size <= room:
        raise ValueError(f"a box {kind!r} of {size} bytes in {room}")
    return Box(kind, at, at + head, at + size)


def _inner(data: bytearray, outer: Box) -> Iterator[Box]:
    """The boxes inside of one."""
    at, count = outer.body, 0
    while at < outer.end:
        count += 1
        if count > MOST_BOXES:
            raise ValueError("too many boxes")
        if outer.end - at < 8:  # QuickTime ends a list with four zero bytes
            if any(data[at : outer.end]):
                raise ValueError("bytes between boxes")
            return
        box = _box(data, at, outer.end - at)
        yield box
        at = box.end


def _only(boxes: Iterable[Box], kind: bytes) -> Box:
    found = [box for box in boxes if box.kind == kind]
    if len(found) != 1:
        raise ValueError(f"{len(found)} boxes {kind!r}")
    return found[0]


def _check_brand(file: BinaryIO, box: Box) -> None:
    if box.end - box.body > 4_096:
        raise ValueError("a long ftyp")
    brand = _bytes(file, box.body, box.end)[:4]
    if brand not in _BRANDS:
        raise VideoRefused(Fault.TYPE, f"brand {brand!r}")


# the description


def _described(moov: bytearray) -> list[Track]:
    """Every track; on the way, what is not needed to play is made empty."""
    outer = _box(moov, 0, len(moov))
    tracks: list[Track] = []
    for box in _kept(moov, outer, b"moov"):
        if box.kind == b"mvhd":
            _without_times(moov, box)
        elif box.kind == b"trak":
            tracks.append(_track(moov, box))
    if not 1 <= len(tracks) <= MOST_TRACKS:
        raise ValueError(f"{len(tracks)} tracks")
    if not any(track.handler == b"vide" for track in tracks):
        raise VideoRefused(Fault.NO_PICTURE, "no track of pictures")
    return tracks


def _kept(data: bytearray, outer: Box, name: bytes) -> Iterator[Box]:
    """The boxes inside of one that are needed to play; the others become empty."""
    for box in _inner(data, outer):
        if box.kind in _FRAGMENTS:
            raise VideoRefused(Fault.TYPE, "in fragments")
        if box.kind in _KEPT[name]:
            yield box
        else:
            _empty(data, box)


def _track(moov: bytearray, outer: Box) -> Track:
    """One track; a third kind of track is made empty and its samples are named."""
    found: dict[bytes, tuple[int, int]] = {}
    todo = [(outer, b"trak")]
    while todo:
        box, name = todo.pop()
        for inner in _kept(moov, box, name):
            if inner.kind in found:
                raise ValueError(f"two boxes {inner.kind!r} in a track")
            found[inner.kind] = (inner.body, inner.end)
            if inner.kind in _KEPT:
                todo.append((inner, inner.kind))
            elif inner.kind in (b"tkhd", b"mdhd"):
                _without_times(moov, inner)
            elif inner.kind == b"hdlr":
                moov[inner.body + 24 : inner.end] = bytes(inner.end - inner.body - 24)
    track = read_track(moov, found)
    if not track.plays:
        _empty(moov, outer)
    return track


def _empty(data: bytearray, box: Box) -> None:
    data[box.start + 4 : box.start + 8] = _FREE
    data[box.body : box.end] = bytes(box.end - box.body)


def _without_times(data: bytearray, box: Box) -> None:
    """When it was recorded and changed goes (ISO/IEC 14496-12, 8.2.2)."""
    length = 16 if data[box.body] == 1 else 8
    if box.body + 4 + length > box.end:
        raise ValueError(f"a short {box.kind!r}")
    data[box.body + 4 : box.body + 4 + length] = bytes(length)


# what is kept


def _film(
    rows: list[Box], moov: Box, described: bytearray, tracks: list[Track]
) -> Film:
    head = rows[0].end
    length = moov.end - moov.start
    first_data = min(box.start for box in rows if box.kind == b"mdat")
    if moov.start > first_data:  # it goes in front, and what it points to moves

        def moved(offset: int) -> int:
            return offset + length if head <= offset < moov.start else offset

        for track in tracks:
            if track.plays:
                track.move(described, moved)
    gone = _gone(track for track in tracks if not track.plays)
    parts: list[bytes | Span] = [Span(0, head), bytes(described)]
    for box in rows[1:]:
        if box.kind == b"mdat":
            parts += _without(Span(box.start, box.end), gone)
        elif box.kind != b"moov":
            parts.append(Span(box.start, box.start + 4))
            parts += [_FREE, Span(box.start + 8, box.body)]
            parts.append(Span(box.body, box.end, empty=True))
    return Film(_facts(described, tracks, rows), tuple(_joined(parts)))


def _gone(tracks: Iterable[Track]) -> list[Span]:
    """Where the samples of tracks lie that are neither seen nor heard."""
    found: list[Span] = []
    for track in tracks:
        if len(found) + len(track.offsets) > MOST_GONE:
            raise ValueError("too many pieces of other tracks")
        found += (Span(*span, empty=True) for span in track.samples())
    return sorted(found)


def _without(whole: Span, gone: Iterable[Span]) -> Iterator[Span]:
    """``whole`` with what is gone as zeros."""
    at = whole.start
    for span in gone:
        start, end = max(at, span.start), min(whole.end, span.end)
        if start >= end:
            continue
        yield Span(at, start)
        yield Span(start, end, empty=True)
        at = end
    yield Span(at, whole.end)


def _joined(parts: Iterable[bytes | Span]) -> Iterator[bytes | Span]:
    """Without what has no bytes."""
    for part in parts:
        if len(part) if isinstance(part, bytes) else part.end > part.start:
            yield part


def _facts(described: bytearray, tracks: list[Track], rows: list[Box]) -> VideoFacts:
    outer = _box(described, 0, len(described))
    head = _only(_inner(described, outer), b"mvhd")
    form, at = (">IQ", 20) if described[head.body] == 1 else (">II", 12)
    scale, ticks = struct.unpack_from(form, described, head.body + at)
    told = ticks / scale if scale else 0.0
    playing = [track for track in tracks if track.plays]
    seconds = max(told, *(track.seconds for track in playing))
    seen = [track for track in playing if track.handler == b"vide"]
    heard = [track for track in playing if track.handler == b"soun"]
    if len(seen) > 1 or len(heard) > 1:
        raise VideoRefused(Fault.TYPE, f"{len(seen)} pictures, {len(heard)} sounds")
    if not 0 < seconds < 86_400 or not seen[0].width or not seen[0].height:
        raise ValueError(f"{seconds} s, {seen[0].width} x {seen[0].height}")
    return VideoFacts(
        size=rows[-1].end,
        milliseconds=round(seconds * 1000),
        width=seen[0].width,
        height=seen[0].height,
        video=seen[0].codec,
        audio=heard[0].codec if heard else "",
        frame_rate=round(seen[0].rate, 3),
    )
