"""Pictures made ready for a network: real, without position data, small enough.

A JPEG stays a JPEG. Quality goes down first and size only after it, and both only as
far as the network's byte limit asks (reference: on X a photo arrives at full width).
"""

import hashlib
import io
import math
import warnings
from collections.abc import Iterator

from PIL import Image as Pillow
from PIL import ImageOps, UnidentifiedImageError
from PIL.JpegImagePlugin import JpegImageFile

from models.errors import Refused
from models.problems import Problem
from models.speech import Image
from networks.capabilities import MediaLimit

MOST_PIXELS = 50_000_000  # 8,660 x 5,773; decoded that is 150 MB
_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png"}
_QUALITIES = (92, 85, 78, 70)
_MOST_SHRINK = 0.9
_SMALLEST_SIDE = 320
# EXIF's orientation tag and its plain value: CIPA DC-008-2019, 4.6.4.
_ORIENTATION = 0x0112
_UPRIGHT = 1
_JPEG_MODES = frozenset({"L", "RGB"})


def clean(content: bytes, alt: str, limit: MediaLimit) -> Image:
    """Verify, turn upright, strip, and fit one picture.

    Args:
        content: a JPEG or PNG file as the office gave it.
        alt: description for those who cannot see it; kept as written.
        limit: bytes, types and length of ``alt`` of the network.

    Raises:
        Refused: no JPEG or PNG, damaged, too many pixels, or the description is too
            long (``MEDIA_REFUSED``).
    """
    description = alt.strip()
    if len(description) > limit.alt_text:
        detail = f"alt text of {len(description)} characters, at most {limit.alt_text}"
        raise Refused(Problem.MEDIA_REFUSED, detail)
    picture, kind = _decoded(content)
    if _TYPES[kind] not in limit.types:
        raise Refused(Problem.MEDIA_REFUSED, f"{_TYPES[kind]} is not taken")
    data = _fitted(picture, kind, limit.image_bytes)
    if data is None:
        raise Refused(Problem.MEDIA_REFUSED, "cannot be made small enough")
    return Image(data, _TYPES[kind], hashlib.sha256(data).hexdigest(), description)


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
                raise Refused(Problem.MEDIA_REFUSED, "too many pixels")
            picture.load()
    except (
        UnidentifiedImageError,
        Pillow.DecompressionBombError,
        OSError,
        SyntaxError,  # Pillow's word for a broken PNG
        ValueError,
    ) as error:
        detail = f"no readable JPEG or PNG ({type(error).__name__})"
        raise Refused(Problem.MEDIA_REFUSED, detail) from None
    return picture, "PNG" if picture.format == "PNG" else "JPEG"  # MPO is JPEG too


def _fitted(picture: Pillow.Image, kind: str, most: int) -> bytes | None:
    """Return the best file of at most ``most`` bytes, or None."""
    upright = picture
    if picture.getexif().get(_ORIENTATION, _UPRIGHT) != _UPRIGHT:
        upright = ImageOps.exif_transpose(picture)
    while True:
        for data in _encodings(upright, kind):
            if len(data) <= most:
                return data
        if max(upright.size) <= _SMALLEST_SIDE:
            return None
        shrink = min(_MOST_SHRINK, math.sqrt(most / len(data)) * 0.95)
        width, height = (max(1, round(side * shrink)) for side in upright.size)
        upright = upright.resize((width, height), Pillow.Resampling.LANCZOS)


def _encodings(picture: Pillow.Image, kind: str) -> Iterator[bytes]:
    """Yield the picture encoded anew, the best first."""
    if kind == "PNG":
        yield _saved(picture, "PNG")
        return
    if isinstance(picture, JpegImageFile) and picture.mode in _JPEG_MODES:
        yield _saved(picture, "JPEG", quality="keep")  # the file's own tables
    colours = picture if picture.mode in _JPEG_MODES else picture.convert("RGB")
    for quality in _QUALITIES:
        yield _saved(colours.copy(), "JPEG", quality=quality, optimize=True)


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
