"""The parsing process: one feed after another from standard input, within limits.

Frames on both pipes are a length of eight bytes, big endian, and that many bytes. A
request is a frame of JSON and a frame with the body; an answer is one frame of JSON.
Nothing but plain values crosses, so a parser that was taken over gains nothing here.
"""

import json
import math
import os
import resource
import struct
import sys
from typing import Any, BinaryIO

from models.errors import NetworkError, Refused
from models.problems import Problem
from networks.feed_values import ParserLimits, to_json

LENGTH = struct.Struct(">Q")


def read_frame(stream: BinaryIO, longest: int) -> bytes | None:
    """One frame; None when the other side is gone.

    Raises:
        ValueError: the frame is longer than ``longest`` bytes.
    """
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    if length > longest:
        raise ValueError(f"a frame of {length} bytes")
    data = stream.read(length)
    return data if len(data) == length else None


def write_frame(stream: BinaryIO, data: bytes) -> None:
    """Write one frame and flush it."""
    stream.write(LENGTH.pack(len(data)))
    stream.write(data)
    stream.flush()


def main() -> None:
    """Serve until standard input ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a stray print must not end in an answer
    requests = sys.stdin.buffer
    _import_parsers()
    while True:
        head = read_frame(requests, 1024 * 1024)
        if head is None:
            return
        request = json.loads(head)
        limits = ParserLimits(**request["limits"])
        body = read_frame(requests, limits.body_bytes)
        if body is None:
            return
        _hold(limits)
        answer = _answer(body, request, limits)
        write_frame(answers, json.dumps(answer).encode())


def _import_parsers() -> None:
    """Load what is heavy while nobody waits, and before files are refused."""
    from networks import feed_reading
    from networks.feed_text import plain_text

    plain_text("<p>&eacute;</p>", 9)
    feed_reading.read_feed(
        b"<rss version='2.0'><channel><item>A & B</item></channel></rss>",
        "",
        "",
        ParserLimits(),
    )


def _hold(limits: ParserLimits) -> None:
    """Bound memory, files and the processor time of the next feed."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = math.ceil(used.ru_utime + used.ru_stime) + limits.cpu_seconds
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, most))
    for kind, size in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 16),
    ):
        resource.setrlimit(kind, (size, size))


def _answer(
    body: bytes, request: dict[str, Any], limits: ParserLimits
) -> dict[str, Any]:
    from networks.feed_reading import read_feed
    from networks.page_reading import read_page

    kind, url = request["content_type"], request["url"]
    try:
        if request.get("page"):
            return {"page": read_page(body, kind, url, limits.text)}
        feed = read_feed(body, kind, url, limits)
    except NetworkError as error:
        refused = isinstance(error, Refused)
        return _failure(error.problem, error.detail, refused=refused)
    except MemoryError:
        return _failure(Problem.FEED_UNREADABLE, "needs too much memory", fresh=True)
    except Exception as error:  # noqa: BLE001 - the edge of a job on hostile input
        return _failure(Problem.FEED_UNREADABLE, type(error).__name__, fresh=True)
    return {"feed": to_json(feed)}


def _failure(
    problem: Problem, detail: str, *, refused: bool = False, fresh: bool = False
) -> dict[str, Any]:
    """``fresh``: what happened may have left the process in a bad state."""
    return {"problem": problem, "detail": detail, "refused": refused, "fresh": fresh}
