"""Pictures for tests, drawn here."""

import io
import random

from PIL import Image


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
