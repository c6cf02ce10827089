"""Videos for tests: a real one, and ones that say of themselves what a test wants.

``film.mp4`` is a test picture with a tone, made once: ``ffmpeg -f lavfi -i
testsrc=s=320x180:r=25:d=4 -f lavfi -i sine=f=440:d=4 -c:v libx264 -preset veryslow
-crf 51 -g 100 -pix_fmt yuv420p -c:a aac -b:a 8k -ac 1 -ar 8000 -bitexact film.mp4``.
"""

import hashlib
import io
import struct
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from models.speech import Video
from networks.mp4 import pieces, read

WHERE = b"+06.2146-106.8451/"
SCALE = 1_000


@cache
def real_film() -> bytes:
    """Four seconds, 320 x 180, H.264 and AAC; the description stands last."""
    return (Path(__file__).parent / "film.mp4").read_bytes()


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def full(kind: bytes, *content: bytes, flags: int = 0) -> bytes:
    return box(kind, struct.pack(">I", flags), *content)


@dataclass(frozen=True)
class Strip:
    """One track: its samples lie one after the other, in chunks of one."""

    handler: bytes
    entry: bytes
    samples: tuple[bytes, ...]
    seconds: float
    width: int = 0
    height: int = 0
    turned: bool = False


def picture(
    codec: bytes = b"avc1",
    *,
    seconds: float = 2.0,
    width: int = 640,
    height: int = 360,
    frames: int = 50,
    turned: bool = False,
    weight: int = 40,
) -> Strip:
    """A track that is seen."""
    entry = box(
        codec,
        bytes(6),
        struct.pack(">H16xHH50x", 1, width, height),
        box(b"avcC", b"\x01\x64\x00\x1f"),
    )
    samples = tuple(
        f"gambar{n:06d}".encode().ljust(weight, b".") for n in range(frames)
    )
    return Strip(b"vide", entry, samples, seconds, width, height, turned)


def sound(codec: bytes = b"mp4a", kind: int = 0x40, seconds: float = 2.0) -> Strip:
    """A track that is heard."""
    inner = bytes([0x04, 0x02, kind, 0x15])
    esds = full(b"esds", bytes([0x03, 3 + len(inner), 0, 1, 0]), inner)
    entry = box(codec, bytes(6), struct.pack(">H20x", 1), esds)
    samples = tuple(f"suara{n:04d}".encode() for n in range(40))
    return Strip(b"soun", entry, samples, seconds)


def position() -> Strip:
    """A track as an action camera writes it: where it was, second by second."""
    entry = box(b"gpmd", bytes(6), struct.pack(">H", 1))
    return Strip(b"meta", entry, (b"GPS rumah saksi 1", b"GPS rumah saksi 2"), 2.0)


def movie(
    *strips: Strip,
    brand: bytes = b"isom",
    in_front: bool = False,
    wide: bool = False,
    told: bytes = b"",
    outer: bytes = b"",
    inner: bytes = b"",
) -> bytes:
    """A whole file.

    Args:
        in_front: the description stands before the data.
        wide: chunks are found by 64 bits.
        told: boxes beside the tracks. inner: inside of each track. outer: beside all.
    """
    chosen = strips or (picture(), sound())
    head = box(b"ftyp", brand, bytes(4), b"isommp42")
    data = b"".join(sample for strip in chosen for sample in strip.samples)

    def described(start: int) -> bytes:
        tracks, at = b"", start
        for number, strip in enumerate(chosen, 1):
            tracks += _trak(strip, number, at, inner, wide=wide)
            at += sum(map(len, strip.samples))
        longest = max(strip.seconds for strip in chosen)
        mvhd = struct.pack(">IIII80x", 7, 7, SCALE, round(longest * SCALE))
        return box(b"moov", full(b"mvhd", mvhd), told, tracks)

    if in_front:
        start = len(head) + len(described(0)) + 8
        return head + described(start) + box(b"mdat", data) + outer
    return head + box(b"mdat", data) + described(len(head) + 8) + outer


def _trak(strip: Strip, number: int, at: int, inner: bytes, *, wide: bool) -> bytes:
    offsets = []
    for sample in strip.samples:
        offsets.append(at)
        at += len(sample)
    count = len(strip.samples)
    sizes = struct.pack(f">{count}I", *map(len, strip.samples))
    chunks = (
        full(b"co64", struct.pack(f">I{count}Q", count, *offsets))
        if wide
        else full(b"stco", struct.pack(f">I{count}I", count, *offsets))
    )
    stbl = box(
        b"stbl",
        full(b"stsd", struct.pack(">I", 1), strip.entry),
        full(b"stts", struct.pack(">III", 1, count, 1)),
        full(b"stsc", struct.pack(">IIII", 1, 1, 1, 1)),
        full(b"stsz", struct.pack(">II", 0, count), sizes),
        chunks,
    )
    dref = full(b"dref", struct.pack(">I", 1), full(b"url ", flags=1))
    one = 0x10000
    matrix = (0, one, 0, -one, 0, 0, 0, 0, 0) if strip.turned else (one, 0, 0, 0, one)
    return box(
        b"trak",
        full(
            b"tkhd",
            struct.pack(">III4xI8x4H", 7, 7, number, 0, 0, 0, 0, 0),
            struct.pack(">9i", *matrix, *(0,) * (9 - len(matrix))),
            struct.pack(">II", strip.width << 16, strip.height << 16),
            flags=3,
        ),
        inner,
        box(
            b"mdia",
            full(
                b"mdhd",
                struct.pack(">IIIIHH", 7, 7, SCALE, round(strip.seconds * SCALE), 0, 0),
            ),
            full(b"hdlr", struct.pack(">4x4s12x", strip.handler), b"Kamera saksi\0"),
            box(b"minf", box(b"dinf", dref), stbl),
        ),
    )


def located() -> bytes:
    """Boxes as telephones write them: where it was taken, and with what."""
    xyz = box(b"\xa9xyz", struct.pack(">HH", len(WHERE), 0x15C7), WHERE)
    loci = full(b"loci", b"\x15\xc7rumah saksi\0\0", WHERE)
    return box(b"udta", xyz, loci) + box(b"meta", b"com.apple.location.ISO6709", WHERE)


def video_of(content: bytes, alt: str = "Sorotan kamera di simpang") -> Video:
    """A video as it is kept, of a file as it was uploaded."""
    file = io.BytesIO(content)
    film = read(file, len(content))
    kept = list(pieces(file, film))
    sha256 = hashlib.sha256(b"".join(kept)).hexdigest()
    return Video(sha256, alt, film.facts, lambda: iter(kept))
