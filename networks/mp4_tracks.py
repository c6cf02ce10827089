"""One track of an MP4 file: what it holds, and where its samples lie.

Sources: ISO/IEC 14496-12 (boxes), 14496-14 and 14496-1 (``esds``), 14496-15 (``avcC``).
"""

import struct
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

broken_as_struct = (ValueError, struct.error, IndexError, KeyError, OverflowError)
"""How a damaged file shows while it is read."""

_PLAYED = frozenset({b"vide", b"soun"})
_CODECS = {
    b"avc1": "h264",
    b"avc3": "h264",
    b"hvc1": "hevc",
    b"hev1": "hevc",
    b"av01": "av1",
    b"vp09": "vp9",
    b"mp4v": "mpeg4",
}
# MPEG-4 registration authority, object types.
_SOUNDS = {0x40: "aac", 0x66: "aac", 0x67: "aac", 0x68: "aac", 0x69: "mp3", 0x6B: "mp3"}
MOST_ALIKE = 2**21  # samples of one size: no table has to hold them
_ESDS_OF_ENTRY = 28  # where the boxes of a sound's sample entry begin


@dataclass(frozen=True, slots=True)
class Track:
    """What a track is; ``seconds`` as its own clock has it."""

    handler: bytes
    codec: str
    width: int  # as shown, in pixels
    height: int
    seconds: float
    frames: int
    sizes: Sequence[int] = field(repr=False)  # of its samples
    offsets: Sequence[int] = field(repr=False)  # of its chunks
    runs: Sequence[tuple[int, int]] = field(repr=False)  # first chunk, samples each
    table: tuple[int, str] = field(repr=False)  # where the offsets stand, in which form

    @property
    def plays(self) -> bool:
        """Whether it is seen or heard; position and the like are neither."""
        return self.handler in _PLAYED

    @property
    def rate(self) -> float:
        """Frames a second."""
        return self.frames / self.seconds if self.seconds else 0.0

    def must_lie_in(self, spans: Sequence[tuple[int, int]]) -> None:
        """Refuse samples that are not in the file.

        Raises:
            ValueError: a chunk begins, or the samples end, outside of the data.
        """
        starts = [start for start, _ in spans]
        for offset in self.offsets:
            at = bisect_right(starts, offset) - 1
            if at < 0 or offset >= spans[at][1]:
                raise ValueError("a sample outside of the file")
        if sum(self.sizes) > sum(end - start for start, end in spans):
            raise ValueError("more samples than bytes")

    def move(self, moov: bytearray, moved: Callable[[int], int]) -> None:
        """Write where the chunks lie after the description went in front."""
        at, form = self.table
        fresh = [moved(offset) for offset in self.offsets]
        struct.pack_into(f">{len(fresh)}{form}", moov, at, *fresh)

    def samples(self) -> Iterator[tuple[int, int]]:
        """Where each chunk begins and ends."""
        ends = [first for first, _ in self.runs[1:]] + [len(self.offsets) + 1]
        sample = 0
        for (first, count), end in zip(self.runs, ends, strict=True):
            for chunk in range(first - 1, end - 1):
                length = sum(self.sizes[sample : sample + count])
                sample += count
                yield self.offsets[chunk], self.offsets[chunk] + length


def read_track(moov: bytearray, found: Mapping[bytes, tuple[int, int]]) -> Track:
    """Read one track by its boxes: where the content of each begins and ends.

    Raises:
        Those of :data:`broken_as_struct`: it is damaged.
    """
    handler = bytes(moov[found[b"hdlr"][0] + 8 : found[b"hdlr"][0] + 12])
    _self_contained(moov, *found[b"dinf"])
    width, height = _shown(moov, found[b"tkhd"][0])
    kind, entry = _entry(moov, *found[b"stsd"])
    if handler == b"vide" and not (width and height):
        width, height = struct.unpack_from(">HH", entry, 24)
    sizes = _sizes(moov, found)
    offsets, table = _offsets(moov, found)
    form, at = (">IQ", 20) if moov[found[b"mdhd"][0]] == 1 else (">II", 12)
    scale, ticks = struct.unpack_from(form, moov, found[b"mdhd"][0] + at)
    if not scale or not sizes:
        raise ValueError("a track without time or samples")
    return Track(
        handler,
        _codec(handler, kind, entry),
        width,
        height,
        ticks / scale,
        len(sizes),
        sizes,
        offsets,
        _runs(moov, found[b"stsc"], len(offsets)),
        table,
    )


def _self_contained(moov: bytearray, start: int, end: int) -> None:
    """Refuse a track whose samples lie elsewhere: at an address, in another file.

    ``dref`` with one entry that says "in this file" (flag 1).
    """
    dref = bytes(moov[start:end])
    count, _, kind, flags = struct.unpack_from(">II4sI", dref, 12)
    if dref[4:8] != b"dref" or count != 1 or kind not in (b"url ", b"urn "):
        raise ValueError("no plain data reference")
    if not flags & 1:
        raise ValueError("samples in another file")


def _shown(moov: bytearray, at: int) -> tuple[int, int]:
    """Width and height as a player shows them, turned where the track is turned."""
    body = at + (52 if moov[at] == 1 else 40)
    a, _, _, _, d = struct.unpack_from(">5i", moov, body)
    width, height = struct.unpack_from(">II", moov, body + 36)
    sides = width >> 16, height >> 16
    return sides[::-1] if a == 0 and d == 0 else sides


def _entry(moov: bytearray, start: int, end: int) -> tuple[bytes, bytes]:
    """The kind of the one sample entry, and what follows its head."""
    (count,) = struct.unpack_from(">I", moov, start + 4)
    size, kind = struct.unpack_from(">I4s", moov, start + 8)
    if count != 1 or size < 16 or start + 8 + size > end:
        raise ValueError(f"{count} sample entries")
    return kind, bytes(moov[start + 16 : start + 8 + size])


def _codec(handler: bytes, kind: bytes, entry: bytes) -> str:
    if kind in _CODECS:
        return _CODECS[kind]
    if handler == b"soun" and kind == b"mp4a":
        return _sound(entry)
    return "".join(chr(one) for one in kind if 0x21 <= one <= 0x7E).lower() or "?"


def _sound(entry: bytes) -> str:
    """AAC or what else ``mp4a`` may hold: the object type in ``esds``."""
    at = _ESDS_OF_ENTRY
    while at + 8 <= len(entry):
        size, kind = struct.unpack_from(">I4s", entry, at)
        if size < 8:
            break
        if kind == b"esds":
            return _SOUNDS.get(_object_type(entry[at + 12 : at + size]), "mp4a")
        at += size
    return "mp4a"


def _object_type(descriptors: bytes) -> int:
    """The object type inside of the two outer descriptors; 0 without one."""
    at = 0
    while at < len(descriptors):
        tag, at = descriptors[at], at + 1
        for _ in range(4):  # a length of at most four bytes
            more, at = descriptors[at] & 0x80, at + 1
            if not more:
                break
        if tag == 0x04:
            return descriptors[at]
        if tag != 0x03:
            return 0
        flags = descriptors[at + 2]
        at += 3 + (2 if flags & 0x80 else 0) + (2 if flags & 0x20 else 0)
        if flags & 0x40:
            at += 1 + descriptors[at]
    return 0


def _sizes(moov: bytearray, found: Mapping[bytes, tuple[int, int]]) -> Sequence[int]:
    start, end = found[b"stsz"]
    same, count = struct.unpack_from(">II", moov, start + 4)
    if same:
        if count > MOST_ALIKE:
            raise ValueError("too many samples")
        return [same] * count
    if count * 4 > end - start - 12:
        raise ValueError("a short stsz")
    return struct.unpack_from(f">{count}I", moov, start + 12)


def _offsets(
    moov: bytearray, found: Mapping[bytes, tuple[int, int]]
) -> tuple[Sequence[int], tuple[int, str]]:
    kind, form, width = (b"stco", "I", 4) if b"stco" in found else (b"co64", "Q", 8)
    start, end = found[kind]
    (count,) = struct.unpack_from(">I", moov, start + 4)
    if count * width > end - start - 8:
        raise ValueError("a short table of chunks")
    offsets = struct.unpack_from(f">{count}{form}", moov, start + 8)
    return offsets, (start + 8, form)


def _runs(
    moov: bytearray, span: tuple[int, int], chunks: int
) -> Sequence[tuple[int, int]]:
    start, end = span
    (count,) = struct.unpack_from(">I", moov, start + 4)
    if count * 12 > end - start - 8 or not count:
        raise ValueError("a short stsc")
    flat = struct.unpack_from(f">{count * 3}I", moov, start + 8)
    runs = list(zip(flat[::3], flat[1::3], strict=True))
    rising = all(one[0] < two[0] for one, two in pairwise(runs))
    if runs[0][0] != 1 or not rising or runs[-1][0] > chunks:
        raise ValueError("chunks out of order")
    return runs
