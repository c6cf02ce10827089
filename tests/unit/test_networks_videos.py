"""Whether a network takes a video, by its limits as data."""

from dataclasses import replace
from datetime import timedelta

import pytest

from models.errors import Refused
from models.problems import WORDS, Problem
from models.speech import VideoFacts
from networks import mastodon, telegram, x
from networks.capabilities import VideoLimit
from networks.composing import shape
from networks.mastodon import with_limits
from networks.videos import must_take, problem_of
from pipeline import wiring

MIB = 1024 * 1024
PLAIN = VideoFacts(8 * MIB, 60_000, 1_280, 720, "h264", "aac", 30.0)


def limit(module: object) -> VideoLimit:
    found = module.CAPABILITIES.video  # type: ignore[attr-defined]
    assert found is not None
    return found


@pytest.mark.parametrize("module", [x, mastodon, telegram])
def test_a_plain_video_goes_everywhere(module: object) -> None:
    assert problem_of(PLAIN, limit(module)) is None
    assert problem_of(replace(PLAIN, audio=""), limit(module)) is None


@pytest.mark.parametrize(
    ("module", "change", "problem"),
    [
        (x, {"size": 512 * MIB + 1}, Problem.VIDEO_TOO_LARGE),
        (x, {"milliseconds": 140_001}, Problem.VIDEO_LENGTH),
        (x, {"milliseconds": 140_000}, None),
        (x, {"milliseconds": 499}, Problem.VIDEO_LENGTH),
        (x, {"milliseconds": 500}, None),
        (x, {"video": "hevc"}, Problem.VIDEO_CODEC),
        (x, {"audio": "mp3"}, Problem.VIDEO_CODEC),
        (x, {"width": 1_200, "height": 300}, Problem.VIDEO_SHAPE),
        (x, {"width": 1_200, "height": 400}, None),
        (x, {"width": 400, "height": 1_200}, None),
        (x, {"width": 31, "height": 31}, Problem.VIDEO_SHAPE),
        (x, {"width": 3_840, "height": 2_160}, Problem.VIDEO_SHAPE),
        (x, {"frame_rate": 61.0}, Problem.VIDEO_SHAPE),
        (mastodon, {"size": 99 * MIB + 1}, Problem.VIDEO_TOO_LARGE),
        (mastodon, {"video": "hevc"}, None),
        (mastodon, {"width": 3_840, "height": 2_161}, Problem.VIDEO_SHAPE),
        (mastodon, {"frame_rate": 121.0}, Problem.VIDEO_SHAPE),
        (telegram, {"size": 50 * MIB + 1}, Problem.VIDEO_TOO_LARGE),
        (telegram, {"video": "vp9"}, Problem.VIDEO_CODEC),
    ],
)
def test_limits_are_kept_to_the_byte_the_millisecond_and_the_pixel(
    module: object, change: dict[str, int], problem: Problem | None
) -> None:
    assert problem_of(replace(PLAIN, **change), limit(module)) is problem  # type: ignore[arg-type]


def test_where_no_video_can_be_sent_its_author_is_told() -> None:
    for known in wiring.all_capabilities():
        if known.video is None:
            with pytest.raises(Refused) as failed:
                must_take(PLAIN, known.video)
            assert failed.value.problem is Problem.VIDEO_UNSUPPORTED
    assert WORDS[Problem.VIDEO_UNSUPPORTED].startswith("Video belum bisa")


def test_an_instance_s_own_limits_are_read_and_kept() -> None:
    told = {
        "media_attachments": {
            "supported_mime_types": ["image/png", "video/mp4"],
            "video_size_limit": 40 * MIB,
            "video_matrix_limit": 2_304_000,
            "video_frame_rate_limit": 60,
        }
    }
    known = with_limits(mastodon.CAPABILITIES, told)
    assert known.video is not None
    assert (known.video.most_bytes, known.video.most_pixels) == (40 * MIB, 2_304_000)
    assert known.video.frame_rates == (1.0, 60.0)
    kept = wiring.limits_of(known)
    assert wiring.with_limits(mastodon.CAPABILITIES, kept).video == known.video


def test_an_instance_that_takes_no_mp4_takes_no_video() -> None:
    told = {"media_attachments": {"supported_mime_types": ["image/png"]}}
    known = with_limits(mastodon.CAPABILITIES, told)
    assert known.video is None
    kept = wiring.limits_of(known)
    assert wiring.with_limits(mastodon.CAPABILITIES, kept).video is None


def test_every_limit_says_where_it_was_read() -> None:
    for known in wiring.all_capabilities():
        if known.video is not None:
            assert known.video.source.address.startswith("https://")
            assert known.video.longest > timedelta(seconds=1)


def test_the_description_stands_below_the_text_where_there_is_no_place_for_it() -> None:
    there = shape("SIM keliling", ["Antrean"], telegram.CAPABILITIES, video=True)
    assert there.text == "SIM keliling\n\n[Video: Antrean]"
    assert shape("Halo", ["Peta"], x.CAPABILITIES, video=True).text == "Halo"
