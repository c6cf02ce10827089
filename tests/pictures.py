"""Pictures for tests, drawn here."""

import io

from PIL import Image


def jpeg(width: int = 640, height: int = 360, *, colour: str = "#1F4E96") -> bytes:
    """A plain JPEG."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, "JPEG")
    return buffer.getvalue()
