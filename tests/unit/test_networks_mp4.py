"""An MP4 is read strictly; what plays is kept, what tells of a place is not."""

import io
import struct
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.speech import VideoFacts
from networks.mp4 import PIECE, Fault, VideoRefused, pieces, read
from sandbox.films import film_of
from tests.videos import (
    WHERE,
    box,
    full,
    located,
    movie,
    picture,
    position,
    real_film,
    sound,
)

MOST = 10 * PIECE


def kept(content: bytes) -> bytes:
    file = io.BytesIO(content)
    return b"".join(pieces(file, read(file, MOST)))


def facts(content: bytes) -> VideoFacts:
    return read(io.BytesIO(content), MOST).facts


def fault(content: bytes, most: int = MOST) -> Fault:
    with pytest.raises(VideoRefused) as failed:
        read(io.BytesIO(content), most)
    return failed.value.fault


def samples(content: bytes) -> list[bytes]:
    """What a player finds: every chunk that the tables of the file point to."""
    found: list[bytes] = []
    for kind, form in ((b"stco", "I"), (b"co64", "Q")):
        at = content.find(kind)
        while at >= 0:
            (count,) = struct.unpack_from(">I", content, at + 8)
            offsets = struct.unpack_from(f">{count}{form}", content, at + 12)
            found += [content[one : one + 9] for one in offsets]
            at = content.find(kind, at + 1)
    return found


# what it is


def test_a_real_file_is_what_its_maker_says() -> None:
    assert facts(real_film()) == VideoFacts(
        size=len(real_film()),
        milliseconds=4_128,
        width=320,
        height=180,
        video="h264",
        audio="aac",
        frame_rate=25.0,
    )


@pytest.mark.parametrize(
    ("strips", "expected"),
    [
        ((picture(b"avc3"), sound()), ("h264", "aac")),
        ((picture(b"hvc1"), sound(kind=0x67)), ("hevc", "aac")),
        ((picture(b"av01"), sound(kind=0x6B)), ("av1", "mp3")),
        ((picture(b"vp09"), sound(b"Opus")), ("vp9", "opus")),
        ((picture(b"encv"), sound(b"mp4a", 0x99)), ("encv", "mp4a")),
        ((picture(),), ("h264", "")),
    ],
)
def test_codecs_are_told(strips: tuple, expected: tuple[str, str]) -> None:
    found = facts(movie(*strips))
    assert (found.video, found.audio) == expected


def test_a_video_that_is_turned_is_as_tall_as_it_is_shown() -> None:
    found = facts(movie(picture(turned=True)))
    assert (found.width, found.height) == (360, 640)


def test_the_longest_track_is_the_length() -> None:
    found = facts(movie(picture(seconds=3.0, frames=90), sound(seconds=3.5)))
    assert found.milliseconds == 3_500
    assert found.frame_rate == 30.0


# what is kept


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("in_front", [False, True])
def test_what_plays_is_kept_and_found_with_the_description_in_front(
    in_front: bool, wide: bool
) -> None:
    content = movie(in_front=in_front, wide=wide)
    made = kept(content)
    assert len(made) == len(content)
    assert samples(made) == samples(content)
    film = film_of(made)
    assert film is not None
    assert film.front


def test_where_it_was_taken_is_gone() -> None:
    hidden = b"\xbe\x7a\xcf\xcb" + b"x" * 12 + WHERE
    content = movie(
        told=located() + box(b"uuid", hidden),
        inner=located(),
        outer=box(b"free", WHERE) + box(b"uuid", hidden) + box(b"udta", WHERE),
    )
    made = kept(content)
    assert content.count(WHERE) >= 8
    assert WHERE not in made
    assert b"saksi" not in made
    assert len(made) == len(content)
    film = film_of(made)
    assert film is not None
    assert not film.located
    assert samples(made) == samples(content)


def test_the_hour_and_the_device_are_gone() -> None:
    assert b"Kamera saksi" in movie()
    made = kept(movie())
    assert b"Kamera" not in made
    head = made.find(b"mvhd")
    assert made[head + 8 : head + 16] == bytes(8)


def test_the_samples_of_a_track_of_positions_are_made_empty() -> None:
    content = movie(picture(), position(), sound())
    assert content.count(b"rumah saksi") == 2
    made = kept(content)
    assert b"saksi" not in made
    assert samples(kept(movie(picture(), sound()))) == [
        one for one in samples(made) if one.strip(b"\0")
    ]
    assert facts(made).audio == "aac"


def test_a_file_that_is_kept_is_kept_the_same_again() -> None:
    made = kept(movie(told=located()))
    assert kept(made) == made
    assert kept(kept(real_film())) == kept(real_film())


# what is refused


def test_a_file_that_is_cut_is_refused() -> None:
    for content in (real_film(), movie(), movie(in_front=True)):
        for length in range(1, len(content), max(1, len(content) // 97)):
            assert fault(content[:-length]) is Fault.BROKEN


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", Fault.BROKEN),
        (b"\xff\xd8\xff\xe0 a picture", Fault.BROKEN),
        (b"\0\0\0\x18ftypisom" + bytes(12), Fault.BROKEN),
        (movie(brand=b"qt  "), Fault.TYPE),
        (movie(told=box(b"mvex")), Fault.TYPE),
        (movie(outer=box(b"moof")), Fault.TYPE),
        (movie(sound()), Fault.NO_PICTURE),
        (movie(picture(), picture()), Fault.TYPE),
        (movie(picture(), sound(), sound()), Fault.TYPE),
        (movie(picture(seconds=0.0)), Fault.BROKEN),
        (movie(picture(width=0)), Fault.BROKEN),
        (movie(picture(seconds=90_000.0)), Fault.BROKEN),
        (movie(*[sound()] * 17), Fault.BROKEN),
        (movie() + box(b"moov"), Fault.BROKEN),
        (movie(outer=box(b"free") * 64), Fault.BROKEN),
        (movie(told=box(b"trak")), Fault.BROKEN),
        (movie().replace(b"mvhd", b"mvhe"), Fault.BROKEN),
        (movie(told=full(b"mvhd", bytes(96))), Fault.BROKEN),
    ],
)
def test_what_is_no_plain_video_is_refused(content: bytes, expected: Fault) -> None:
    assert fault(content) is expected


def test_a_file_that_is_too_large_is_refused_by_its_length_alone() -> None:
    class Endless(io.BytesIO):
        def seek(self, place: int, whence: int = 0) -> int:
            return 10 * 2**30 if whence == 2 else super().seek(place)

        def read(self, _size: int | None = -1) -> bytes:
            raise AssertionError("nothing of it is read")

    with pytest.raises(VideoRefused) as failed:
        read(Endless(), MOST)
    assert failed.value.fault is Fault.TOO_LARGE


def test_samples_outside_of_the_file_are_refused() -> None:
    content = movie()
    at = content.find(b"stco") + 12
    far = content[:at] + struct.pack(">I", len(content) + 9) + content[at + 4 :]
    assert fault(far) is Fault.BROKEN


def test_samples_at_another_address_are_refused() -> None:
    content = movie()
    at = content.find(b"url ") + 4
    elsewhere = content[:at] + bytes(4) + content[at + 4 :]
    assert fault(elsewhere) is Fault.BROKEN


def test_counts_that_lie_cost_neither_time_nor_memory() -> None:
    content = movie()
    tracemalloc.start()
    begun = time.monotonic()
    for kind, place in ((b"stco", 8), (b"stsz", 12), (b"stsc", 8), (b"stsd", 8)):
        at = content.find(kind) + place
        lie = content[:at] + b"\x7f\xff\xff\xff" + content[at + 4 :]
        assert fault(lie) is Fault.BROKEN
    alike = content.find(b"stsz") + 8
    many = content[:alike] + b"\0\0\0\1\x7f\xff\xff\xff" + content[alike + 8 :]
    assert fault(many) is Fault.BROKEN
    assert time.monotonic() - begun < 1
    assert tracemalloc.get_traced_memory()[1] < 4 * PIECE
    tracemalloc.stop()


@settings(max_examples=200, deadline=2_000)
@given(st.binary(max_size=600))
def test_rubbish_is_refused(content: bytes) -> None:
    for given_one in (content, b"\0\0\0\x10ftypisom\0\0\0\0" + content):
        fault(given_one)


SMALL = movie(picture(frames=3), sound(), position(), told=located())


@settings(max_examples=600, deadline=2_000)
@given(
    st.lists(
        st.tuples(st.integers(0, len(SMALL) - 1), st.binary(min_size=1, max_size=4)),
        min_size=1,
        max_size=6,
    )
)
def test_a_damaged_file_is_refused_or_kept_whole(
    damage: list[tuple[int, bytes]],
) -> None:
    content = bytearray(SMALL)
    for at, some in damage:
        content[at : at + len(some)] = some[: len(content) - at]
    file = io.BytesIO(bytes(content))
    try:
        film = read(file, MOST)
    except VideoRefused:
        return
    made = b"".join(pieces(file, film))
    assert len(made) == film.facts.size == len(content)
    assert film.facts.width > 0


def test_pieces_are_of_one_size_but_the_last() -> None:
    large = movie(picture(frames=100, weight=30_000))
    file = io.BytesIO(large)
    found = list(pieces(file, read(file, MOST)))
    assert [len(one) for one in found[:-1]] == [PIECE] * (len(found) - 1)
    assert sum(map(len, found)) == len(large)
