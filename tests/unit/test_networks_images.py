"""Pictures made ready: real, upright, without position data, small enough."""

import hashlib
import io
import zlib

import pytest
from PIL import Image as Pillow
from PIL import PngImagePlugin

from models.errors import Refused
from models.problems import Problem
from networks.capabilities import MediaLimit
from networks.images import MOST_PIXELS, clean
from tests.pictures import jpeg

LIMIT = MediaLimit(most=4, image_bytes=5 * 1024 * 1024, alt_text=1_000)
ORIENTATION, DESCRIPTION, GPS = 0x0112, 0x010E, 0x8825


def encoded(picture: Pillow.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def noise(width: int = 320, height: int = 240) -> Pillow.Image:
    return Pillow.effect_noise((width, height), 90).convert("RGB")


def opened(content: bytes) -> Pillow.Image:
    picture = Pillow.open(io.BytesIO(content))
    picture.load()
    return picture


def located(orientation: int = 1) -> Pillow.Exif:
    exif = Pillow.Exif()
    exif[ORIENTATION] = orientation
    exif[DESCRIPTION] = "rumah saksi"
    exif.get_ifd(GPS)[1] = "S"
    return exif


def refused(content: bytes, alt: str = "", limit: MediaLimit = LIMIT) -> str:
    with pytest.raises(Refused) as failed:
        clean(content, alt, limit)
    assert failed.value.problem is Problem.MEDIA_REFUSED
    return failed.value.detail


def test_a_plain_jpeg_stays_a_jpeg_of_the_same_size_and_look() -> None:
    source = encoded(noise(), "JPEG", quality=80)
    image = clean(source, "  Peta lokasi  ", LIMIT)
    assert image.media_type == "image/jpeg"
    assert image.alt == "Peta lokasi"
    assert image.sha256 == hashlib.sha256(image.content).hexdigest()
    assert opened(image.content).size == (320, 240)
    assert len(image.content) <= len(source) * 1.05


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_where_and_by_whom_a_picture_was_taken_is_gone(kind: str) -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", "rumah saksi")
    more = {"pnginfo": text} if kind == "PNG" else {"comment": b"rumah saksi"}
    image = clean(encoded(noise(), kind, exif=located(), **more), "", LIMIT)
    assert b"saksi" not in image.content
    assert not opened(image.content).getexif()
    assert not {"exif", "comment", "Author", "xmp"} & set(opened(image.content).info)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_taken_sideways_stands_upright(kind: str) -> None:
    source = Pillow.new("RGB", (64, 32), "red")
    source.paste("blue", (32, 0, 64, 32))
    image = clean(encoded(source, kind, exif=located(6)), "", LIMIT)
    upright = opened(image.content).convert("RGB")
    assert upright.size == (32, 64)
    top, bottom = upright.getpixel((16, 8)), upright.getpixel((16, 56))
    assert top[0] > 200 > 100 > top[2]
    assert bottom[2] > 200 > 100 > bottom[0]


def test_a_transparent_png_stays_transparent() -> None:
    image = clean(encoded(Pillow.new("RGBA", (9, 9), (1, 2, 3, 0)), "PNG"), "", LIMIT)
    assert opened(image.content).getpixel((4, 4)) == (1, 2, 3, 0)
    palette = encoded(noise(9, 9).convert("P"), "PNG", transparency=1)
    assert opened(clean(palette, "", LIMIT).content).info["transparency"] == 1


def test_colours_of_print_become_colours_of_a_screen() -> None:
    image = clean(encoded(noise().convert("CMYK"), "JPEG"), "", LIMIT)
    assert opened(image.content).mode == "RGB"


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_quality_goes_first_and_size_only_as_far_as_needed(kind: str) -> None:
    source = encoded(
        noise(1_200, 900), kind, **({"quality": 97} if kind == "JPEG" else {})
    )
    roomy = MediaLimit(4, len(source) * 3 // 4, 1_000)
    tight = MediaLimit(4, len(source) // 20, 1_000)
    fitted, small = clean(source, "", roomy), clean(source, "", tight)
    assert len(fitted.content) <= roomy.image_bytes
    assert len(small.content) <= tight.image_bytes
    assert len(small.content) > tight.image_bytes // 4
    if kind == "JPEG":
        assert opened(fitted.content).size == (1_200, 900)
    assert opened(small.content).width < 1_200
    width, height = opened(small.content).size
    assert width / height == pytest.approx(4 / 3, rel=0.05)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>bukan gambar</html>",
        b"\xff\xd8\xff\xe0",
        b"\x89PNG\r\n\x1a\n",
        jpeg()[:600],
        encoded(noise(), "PNG")[:900],
        encoded(noise(), "GIF"),
        encoded(noise(), "WEBP"),
        encoded(noise(), "BMP"),
    ],
    ids=[
        "empty",
        "page",
        "jpeg mark",
        "png mark",
        "cut jpeg",
        "cut png",
        "gif",
        "webp",
        "bmp",
    ],
)
def test_what_is_no_whole_jpeg_or_png_is_refused(content: bytes) -> None:
    assert refused(content)


def test_a_decompression_bomb_is_refused_before_it_opens() -> None:
    side = 9_000
    assert side * side > MOST_PIXELS
    assert "pixels" in refused(encoded(Pillow.new("1", (side, side)), "PNG"))
    header = bytearray(encoded(Pillow.new("1", (8, 8)), "PNG"))
    header[16:24] = (2**30).to_bytes(4) * 2
    header[29:33] = zlib.crc32(header[12:29]).to_bytes(4)
    assert refused(bytes(header))


def test_a_description_up_to_the_limit_is_kept_and_a_longer_one_refused() -> None:
    assert len(clean(jpeg(), "a" * 1_000, LIMIT).alt) == 1_000
    assert "1001" in refused(jpeg(), "a" * 1_001)


def test_a_type_that_the_network_does_not_take_is_refused() -> None:
    only_jpeg = MediaLimit(4, 10**6, 100, types=frozenset({"image/jpeg"}))
    assert "image/png" in refused(encoded(noise(), "PNG"), limit=only_jpeg)


def test_a_picture_that_no_size_makes_fit_is_refused() -> None:
    assert "small" in refused(encoded(noise(), "PNG"), limit=MediaLimit(4, 50, 100))
