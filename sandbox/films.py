"""What the pretend networks look at in a video: strictly, and no more than they must.

Boxes: ISO/IEC 14496-12. A file is taken for a video when its outermost boxes fill it to
the end, one of them describes it and one holds it.
"""

import struct
from dataclasses import dataclass

from sandbox.pictures import picture_size

VIDEO = "video/mp4"


@dataclass(frozen=True, slots=True)
class Film:
    """A video as a network finds it."""

    seconds: float
    width: int
    height: int
    h264: bool
    located: bool  # tells where it was taken
    front: bool  # the description stands before what is seen


def film_of(content: bytes) -> Film | None:
    """What a file is; None when it is no whole MP4."""
    if content[4:8] != b"ftyp":
        return None
    boxes: dict[bytes, tuple[int, int]] = {}
    at = 0
    while at + 8 <= len(content):
        size, kind = struct.unpack_from(">I4s", content, at)
        if size < 8 or at + size > len(content):
            return None
        boxes[kind] = (at, at + size)
        at += size
    if at != len(content) or not {b"moov", b"mdat"} <= set(boxes):
        return None
    moov = content[slice(*boxes[b"moov"])]
    head, track = moov.find(b"mvhd"), moov.find(b"tkhd")
    if head < 0 or track < 0:
        return None
    scale, ticks = struct.unpack_from(">II", moov, head + 16)
    width, height = struct.unpack_from(">II", moov, track + 80)
    return Film(
        ticks / scale if scale else 0.0,
        width >> 16,
        height >> 16,
        b"avc1" in moov,
        any(mark in content for mark in (b"\xa9xyz", b"loci", b"location.ISO6709")),
        boxes[b"moov"][0] < boxes[b"mdat"][0],
    )


def sides_of(content: bytes) -> tuple[int, int]:
    """Width and height of a picture or a video."""
    film = film_of(content)
    return (film.width, film.height) if film else picture_size(content)
