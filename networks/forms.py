"""A large file on its way: as a form that is read while it is sent, or in segments."""

import secrets
from collections.abc import Iterable, Iterator, Mapping

from models.speech import Video
from networks.wire import Body


def film_form(fields: Mapping[str, str], name: str, video: Video) -> tuple[Body, str]:
    """The body of a form (RFC 7578) with a video in it, and its content type.

    Args:
        fields: the other values.
        name: of the field that holds the file.
    """
    boundary = secrets.token_hex(16)
    named = f"--{boundary}\r\nContent-Disposition: form-data; name="
    head = "".join(
        f'{named}"{one}"\r\n\r\n{value}\r\n' for one, value in fields.items()
    )
    head += f'{named}"{name}"; filename="{video.filename}"\r\n'
    head += f"Content-Type: {video.media_type}\r\n\r\n"
    before, after = head.encode(), f"\r\n--{boundary}--\r\n".encode()

    def pieces() -> Iterator[bytes]:
        yield before
        yield from video.pieces()
        yield after

    length = len(before) + video.facts.size + len(after)
    return Body(length, pieces), f"multipart/form-data; boundary={boundary}"


def segments(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in segments of ``size``; the last may be shorter."""
    held = bytearray()
    for piece in pieces:
        held += piece
        while len(held) >= size:
            yield bytes(held[:size])
            del held[:size]
    if held:
        yield bytes(held)
