"""Pictures for tests, drawn here."""

import io
import random

from PIL import Image, ImageDraw


def jpeg(width: int = 640, height: int = 360, *, colour: str = "#1F4E96") -> bytes:
    """A plain JPEG."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, "JPEG")
    return buffer.getvalue()


def noisy_jpeg(width: int, height: int) -> bytes:
    """A JPEG of many bytes: every pixel differs."""
    noise = random.Random(7).randbytes(width * height * 3)
    buffer = io.BytesIO()
    Image.frombytes("RGB", (width, height), noise).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


def photo(width: int = 1_200, height: int = 800, *, seed: int = 1) -> Image.Image:
    """Soft light with grain, as a camera makes it; the same for the same seed."""
    light = Image.linear_gradient("L").resize((width, height))
    sky = Image.merge("RGB", (light, light.rotate(180), Image.new("L", light.size, 90)))
    grain = Image.frombytes(
        "L", light.size, random.Random(seed).randbytes(width * height)
    )
    return Image.blend(sky, grain.convert("RGB"), 0.1)


def poster(width: int = 1_080, height: int = 1_350) -> Image.Image:
    """Flat colours and letters, as a desk draws them."""
    picture = Image.new("RGB", (width, height), "#1F4E96")
    draw = ImageDraw.Draw(picture)
    for line in range(12):
        draw.text((40, 60 + line * 90), "SIM keliling 08.00-12.00 WIB", "#FFD400")
    draw.rectangle((40, height - 120, width - 40, height - 40), fill="#C62828")
    return picture


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    """The file of a picture."""
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def located(orientation: int = 1) -> Image.Exif:
    """EXIF as a telephone writes it: where, with what, and how it was held."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E], exif[0x0110] = orientation, "rumah saksi", "Telepon"
    exif.get_ifd(0x8825)[1] = "S"
    exif.get_ifd(0x8825)[2] = (6.0, 14.0, 9.5)
    return exif
