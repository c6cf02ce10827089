"""One picture for every network: whole where it fits, else a JPEG of its bytes."""

import hashlib
import io
from dataclasses import replace

import pytest
from PIL import Image as Pillow
from PIL import ImageChops, ImageStat

from models.speech import Image
from networks import x
from networks.capabilities import MediaLimit
from networks.images import MOST_PIXELS, Fault, PictureRefused, clean, fitted
from tests.pictures import encoded, jpeg, located, photo, poster

KEPT = MediaLimit(most=1, image_bytes=16 * 1024 * 1024, alt_text=1_000)


def limit(image_bytes: int, *types: str) -> MediaLimit:
    return MediaLimit(4, image_bytes, 1_000, frozenset(types or KEPT.types))


def kept(content: bytes) -> Image:
    return clean(content, "Peta lokasi", KEPT)


def opened(image: Image) -> Pillow.Image:
    picture = Pillow.open(io.BytesIO(image.content))
    picture.load()
    return picture


def colour(picture: Pillow.Image, x: int, y: int) -> bytes:
    """Red, green and blue of one point."""
    return picture.convert("RGB").crop((x, y, x + 1, y + 1)).tobytes()


def difference(one: Pillow.Image, other: Pillow.Image) -> float:
    """Mean difference of a channel's level, 0 to 255."""
    apart = ImageChops.difference(one.convert("RGB"), other.convert("RGB"))
    return max(ImageStat.Stat(apart).mean)


def test_what_fits_is_sent_as_it_is_kept() -> None:
    for content in (jpeg(), encoded(poster(), "PNG")):
        image = kept(content)
        assert fitted(image, limit(len(image.content))) is image


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("share", [0.9, 0.5, 0.3])
def test_full_width_stays_while_a_lower_quality_suffices(
    kind: str, share: float
) -> None:
    whole = photo()
    best = len(encoded(whole, "JPEG", quality=95, optimize=True))
    image = kept(encoded(whole, kind, **({"quality": 98} if kind == "JPEG" else {})))
    most = int(best * share)
    small = fitted(image, limit(most))
    assert small.media_type == "image/jpeg"
    assert most * 0.8 < len(small.content) <= most
    assert opened(small).size == whole.size
    assert difference(opened(small), whole) < 8
    assert small.alt == image.alt
    assert small.sha256 == hashlib.sha256(small.content).hexdigest()


def test_it_is_narrowed_only_as_far_as_the_lowest_quality_needs() -> None:
    whole = photo()
    least = len(encoded(whole, "JPEG", quality=70, optimize=True))
    most = least // 2
    small = fitted(kept(encoded(whole, "JPEG", quality=98)), limit(most))
    width, height = opened(small).size
    assert 0.6 * whole.width < width < whole.width
    assert most * 0.7 < len(small.content) <= most
    assert width / height == pytest.approx(1.5, rel=0.01)


@pytest.mark.parametrize("most", [900_000, 200_000, 60_000])
def test_the_same_picture_gives_the_same_bytes_every_time(most: int) -> None:
    content = encoded(photo(seed=7), "PNG")
    first = fitted(kept(content), limit(most))
    assert fitted(kept(content), limit(most)) == first


def test_nothing_is_made_larger_and_no_palette_is_made() -> None:
    tiny = kept(encoded(photo(90, 60), "PNG"))
    small = fitted(tiny, limit(len(tiny.content) - 1))
    assert opened(small).size == (90, 60)
    assert opened(small).mode == "RGB"


def test_what_shines_through_stands_on_white_in_a_jpeg() -> None:
    drawn = Pillow.new("RGBA", (64, 64), (0, 0, 0, 0))
    drawn.paste((200, 0, 0, 255), (32, 0, 64, 64))
    small = fitted(kept(encoded(drawn, "PNG")), limit(10**6, "image/jpeg"))
    left, right = (colour(opened(small), x, 32) for x in (8, 56))
    assert min(left) > 240
    assert right[0] > 180 > 40 > right[1]


def test_a_grey_picture_of_sixteen_bits_keeps_its_shades() -> None:
    dark = Pillow.new("I;16", (64, 64), 64 * 256)
    small = fitted(kept(encoded(dark, "PNG")), limit(10**6, "image/jpeg"))
    assert opened(small).getpixel((9, 9)) == pytest.approx(64, abs=2)


def test_red_letters_of_a_poster_keep_their_edges() -> None:
    drawn = poster()
    small = fitted(kept(encoded(drawn, "PNG")), limit(10**6, "image/jpeg"))
    edge = (60, drawn.height - 121, 160, drawn.height - 119)
    assert difference(opened(small).crop(edge), drawn.crop(edge)) < 6


def test_a_profile_of_ink_does_not_describe_light() -> None:
    ink = photo(64, 64).convert("CMYK")
    image = kept(encoded(ink, "JPEG", icc_profile=b"profile of ink"))
    assert opened(image).mode == "RGB"
    assert "icc_profile" not in opened(image).info
    light = kept(encoded(photo(64, 64), "JPEG", icc_profile=b"profile of light"))
    assert opened(light).info["icc_profile"] == b"profile of light"


def test_where_it_was_taken_is_gone_before_it_is_kept_and_after_fitting() -> None:
    image = kept(encoded(photo(), "JPEG", quality=97, exif=located()))
    for one in (image, fitted(image, limit(len(image.content) // 2))):
        assert b"saksi" not in one.content
        assert b"Exif" not in one.content
        assert not opened(one).getexif()


def test_what_no_size_makes_fit_is_refused_with_its_fault() -> None:
    with pytest.raises(PictureRefused) as refused:
        fitted(kept(encoded(photo(90, 60), "PNG")), limit(50))
    assert refused.value.fault is Fault.TOO_LARGE
    with pytest.raises(PictureRefused) as refused:
        fitted(kept(jpeg()), limit(10**6, "image/webp"))
    assert refused.value.fault is Fault.TYPE


def test_every_fault_is_named_for_a_word_to_the_author() -> None:
    large = encoded(Pillow.new("1", (9_000, 9_000)), "PNG")
    assert MOST_PIXELS < 9_000 * 9_000
    for content, alt, fault in (
        (b"%PDF-1.7", "", Fault.BROKEN),
        (jpeg()[:600], "", Fault.BROKEN),
        (large, "", Fault.TOO_MANY_PIXELS),
        (jpeg(), "a" * 1_001, Fault.ALT_TOO_LONG),
    ):
        with pytest.raises(PictureRefused) as refused:
            clean(content, alt, KEPT)
        assert refused.value.fault is fault


def test_a_picture_of_nearly_fifty_megapixels_is_still_taken() -> None:
    side = 7_000
    image = kept(encoded(Pillow.new("RGB", (side, side), "#1F4E96"), "JPEG"))
    assert opened(image).size == (side, side)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_twelve_megapixels_reach_x_at_full_width(kind: str) -> None:
    options = {"quality": 97} if kind == "JPEG" else {"compress_level": 1}
    image = Image(encoded(photo(4_000, 3_000), kind, **options), "image/any", "", "")
    small = fitted(image, x.CAPABILITIES.media)
    assert opened(small).size == (4_000, 3_000)
    assert 4_000_000 < len(small.content) <= 5 * 1024 * 1024


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_of_more_pixels_than_a_network_takes_is_narrowed(kind: str) -> None:
    image = kept(encoded(photo(1_200, 800), kind))
    small = fitted(image, replace(KEPT, image_pixels=240_000))
    assert opened(small).size == (600, 400)
    assert small.media_type == "image/jpeg"
    exact = replace(KEPT, image_pixels=1_200 * 800)
    assert fitted(image, exact) is image
