"""Pictures made ready: real, without position data, and small enough for a network.

What the office uploads is cleaned once and kept whole. What a network takes is made of
that by :func:`fitted`, the same way for the preview and for the send. A JPEG stays a
JPEG and a PNG stays a PNG where it fits; otherwise it becomes a JPEG at full width, and
only where no quality suffices a narrower one (reference: on X a photo arrives at full
width). Colours are never counted down to a palette, and nothing is made larger.
"""

import hashlib
import io
import math
import warnings
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from PIL import Image as Pillow
from PIL import ImageOps, UnidentifiedImageError
from PIL.JpegImagePlugin import JpegImageFile

from models.errors import Refused
from models.problems import Problem
from models.speech import Image, Outgoing
from networks.capabilities import MediaLimit

MOST_PIXELS = 50_000_000  # 8,660 x 5,773; decoded that is 150 MB
_JPEG = "image/jpeg"
_TYPES = {"JPEG": _JPEG, "PNG": "image/png"}
_BEST, _LOWEST = 95, 70  # JPEG qualities: above and below, bytes buy nothing
_MOST_SHRINK = 0.95
_SMALLEST_SIDE = 320
# EXIF's orientation tag and its plain value: CIPA DC-008-2019, 4.6.4.
_ORIENTATION = 0x0112
_UPRIGHT = 1
_JPEG_MODES = frozenset({"L", "RGB"})
_COLOUR_MODES = frozenset({"P", "RGB", "RGBA"})
_WHOLE_COLOUR = 0  # Pillow's 4:4:4, so that red letters of a poster keep their edges


class Fault(StrEnum):
    """What is wrong with a picture, for a word to its author."""

    BROKEN = "broken"  # no JPEG or PNG, or cut
    TOO_MANY_PIXELS = "too_many_pixels"
    ALT_TOO_LONG = "alt_too_long"
    TYPE = "type"
    TOO_LARGE = "too_large"


class PictureRefused(Refused):
    """This picture cannot be taken; ``fault`` says why."""

    def __init__(self, fault: Fault, detail: str) -> None:
        super().__init__(Problem.MEDIA_REFUSED, detail)
        self.fault = fault


def clean(content: bytes, alt: str, limit: MediaLimit) -> Image:
    """Verify, turn upright, strip, and fit one picture.

    Args:
        content: a JPEG or PNG file as the office gave it.
        alt: description for those who cannot see it; kept as written.
        limit: bytes, types and length of ``alt``.

    Raises:
        PictureRefused: no JPEG or PNG, damaged, too many pixels, or the description is
            too long (``MEDIA_REFUSED``).
    """
    description = alt.strip()
    if len(description) > limit.alt_text:
        detail = f"alt text of {len(description)} characters, at most {limit.alt_text}"
        raise PictureRefused(Fault.ALT_TOO_LONG, detail)
    picture, kind = _decoded(content)
    if _TYPES[kind] not in limit.types:
        raise PictureRefused(Fault.TYPE, f"{_TYPES[kind]} is not taken")
    data = _stripped(picture, kind)
    return fitted(_image(data, _TYPES[kind], description), limit)


def fitted(image: Image, limit: MediaLimit) -> Image:
    """Make of a cleaned picture what the network takes; the same bytes every time.

    What fits is given back as it is. Otherwise it becomes a JPEG: of the best quality
    that fits at full width, or narrowed only as far as the lowest quality needs, or the
    most pixels that the network takes.

    Args:
        image: as :func:`clean` made it; its ``alt`` is kept.
        limit: bytes, pixels and types of the network.

    Raises:
        PictureRefused: no size makes it fit, or the network takes no JPEG.
    """
    if _fits(image, limit):
        return image
    if _JPEG not in limit.types:
        raise PictureRefused(Fault.TYPE, f"{image.media_type} is not taken")
    picture, kind = _decoded(image.content)
    fine: dict[str, object] = {} if kind == "JPEG" else {"subsampling": _WHOLE_COLOUR}
    plain = _opaque(_turned(picture)).copy()  # without the file's own tables
    if plain.width * plain.height > limit.image_pixels:
        scale = math.sqrt(limit.image_pixels / (plain.width * plain.height))
        plain = _scaled(plain, scale)
    data = _small_enough(plain, limit.image_bytes, fine)
    if data is None:
        raise PictureRefused(Fault.TOO_LARGE, "cannot be made small enough")
    return _image(data, _JPEG, image.alt)


def fitting(post: Outgoing, limit: MediaLimit) -> Outgoing:
    """A post whose pictures travel with it, each as :func:`fitted` makes it."""
    return replace(post, images=tuple(fitted(one, limit) for one in post.images))


def _fits(image: Image, limit: MediaLimit) -> bool:
    if len(image.content) > limit.image_bytes or image.media_type not in limit.types:
        return False
    width, height = size_of(image.content)
    return width * height <= limit.image_pixels


def _scaled(picture: Pillow.Image, scale: float) -> Pillow.Image:
    width, height = (max(1, int(side * scale)) for side in picture.size)
    return picture.resize((width, height), Pillow.Resampling.LANCZOS)


def _image(data: bytes, media_type: str, alt: str) -> Image:
    return Image(data, media_type, hashlib.sha256(data).hexdigest(), alt)


def size_of(content: bytes) -> tuple[int, int]:
    """Width and height in pixels, from the picture's own header.

    Raises:
        Refused: no JPEG or PNG (``MEDIA_REFUSED``).
    """
    try:
        with Pillow.open(io.BytesIO(content), formats=tuple(_TYPES)) as picture:
            return picture.size
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        detail = f"no readable JPEG or PNG ({type(error).__name__})"
        raise Refused(Problem.MEDIA_REFUSED, detail) from None


def _decoded(content: bytes) -> tuple[Pillow.Image, str]:
    """Decode fully, so that a cut file or a bomb is found here and not later."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # our own cap is below Pillow's warning
            picture = Pillow.open(io.BytesIO(content), formats=tuple(_TYPES))
            if picture.width * picture.height > MOST_PIXELS:
                detail = f"too many pixels: {picture.width} x {picture.height}"
                raise PictureRefused(Fault.TOO_MANY_PIXELS, detail)
            picture.load()
    except Pillow.DecompressionBombError:
        raise PictureRefused(Fault.TOO_MANY_PIXELS, "too many pixels") from None
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,  # Pillow's word for a broken PNG
        ValueError,
    ) as error:
        detail = f"no readable JPEG or PNG ({type(error).__name__})"
        raise PictureRefused(Fault.BROKEN, detail) from None
    return picture, "PNG" if picture.format == "PNG" else "JPEG"  # MPO is JPEG too


def _turned(picture: Pillow.Image) -> Pillow.Image:
    """The picture as a viewer would show it."""
    if picture.getexif().get(_ORIENTATION, _UPRIGHT) == _UPRIGHT:
        return picture
    return ImageOps.exif_transpose(picture)


def _stripped(picture: Pillow.Image, kind: str) -> bytes:
    """Encode anew, upright and without metadata, as near to the file as can be."""
    upright = _turned(picture)
    if kind == "PNG":
        return _saved(upright, "PNG")
    if isinstance(upright, JpegImageFile) and upright.mode in _JPEG_MODES:
        return _saved(upright, "JPEG", quality="keep")  # the file's own tables
    return _saved(_opaque(upright), "JPEG", quality=_BEST, optimize=True)


def _opaque(picture: Pillow.Image) -> Pillow.Image:
    """Grey or RGB, as a JPEG holds it; what shines through stands on white."""
    if picture.mode in _JPEG_MODES and not picture.has_transparency_data:
        return picture
    if picture.mode.startswith("I;16"):  # Pillow would cut instead of scaling
        return picture.point(lambda level: level / 256).convert("L")
    if picture.has_transparency_data:
        over = picture.convert("RGBA")
        ground = Pillow.new("RGBA", over.size, "white")
        ground.alpha_composite(over)
        flat = ground.convert("RGB")
    else:
        flat = picture.convert("RGB")
    profile = picture.info.get("icc_profile")
    # A profile of ink or of grey describes other numbers than these.
    flat.info = {"icc_profile": profile} if picture.mode in _COLOUR_MODES else {}
    return flat


def _small_enough(
    picture: Pillow.Image, most: int, options: Mapping[str, object]
) -> bytes | None:
    """The best JPEG of at most ``most`` bytes, or None."""
    while True:
        lowest = _jpeg(picture, _LOWEST, options)
        if len(lowest) <= most:
            return _best_quality(picture, most, options) or lowest
        if max(picture.size) <= _SMALLEST_SIDE:
            return None
        shrink = min(_MOST_SHRINK, math.sqrt(most / len(lowest)))
        picture = _scaled(picture, shrink)


def _best_quality(
    picture: Pillow.Image, most: int, options: Mapping[str, object]
) -> bytes | None:
    """The JPEG of the highest quality above the lowest that fits, found by halving."""
    best: bytes | None = None
    low, high = _LOWEST + 1, _BEST
    while low <= high:
        quality = (low + high) // 2
        data = _jpeg(picture, quality, options)
        if len(data) <= most:
            best, low = data, quality + 1
        else:
            high = quality - 1
    return best


def _jpeg(picture: Pillow.Image, quality: int, options: Mapping[str, object]) -> bytes:
    return _saved(picture, "JPEG", quality=quality, optimize=True, **options)


def _saved(picture: Pillow.Image, kind: str, **options: object) -> bytes:
    """Encode with colour profile and transparency as the only metadata."""
    info = picture.info
    picture.info = {k: v for k, v in info.items() if k == "transparency"}
    if info.get("icc_profile") and picture.mode in {"L", "RGB", "RGBA"}:
        options["icc_profile"] = info["icc_profile"]
    out = io.BytesIO()
    picture.save(out, format=kind, **options)
    picture.info = info
    return out.getvalue()
