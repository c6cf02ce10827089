"""Parsing feeds outside this process: a hung or hostile one costs a child, no more.

One child serves many feeds, so that its start (about 0.3 s) is paid rarely. It is
replaced after ``feeds_per_child``, after any accident, and when it dies.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from models.errors import NetworkError, Refused, TryLater
from models.problems import Problem
from networks.feed_child import read_frame, write_frame
from networks.feed_values import MIB, ParsedFeed, ParserLimits, from_json

_ROOT = Path(__file__).resolve().parent.parent
_START = (
    f"import sys; sys.path.insert(0, {str(_ROOT)!r})\n"
    "from networks.feed_child import main; main()"
)
_INHERITED = ("LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH")  # and no secret
_LONGEST_ANSWER = 128 * MIB


@dataclass(frozen=True, slots=True)
class ReadPage:
    """What a web page holds; each empty where it does not say.

    Attributes:
        text: of the article, plain, without what stands around it.
        canonical: ``rel=canonical``, absolute, as written.
        og_url: ``og:url``, likewise.
    """

    text: str
    canonical: str = ""
    og_url: str = ""


class FeedParser:
    """Parses feeds; safe to share by threads.

    Args:
        limits: what one feed may cost.
        workers: children side by side; each starts when first needed.
    """

    def __init__(self, limits: ParserLimits | None = None, workers: int = 1) -> None:
        self._limits = limits or ParserLimits()
        self._slots: queue.LifoQueue[_Child | None] = queue.LifoQueue()
        self._workers = workers
        for _ in range(workers):
            self._slots.put(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def parse(self, body: bytes, content_type: str = "", url: str = "") -> ParsedFeed:
        """Parse the body of one answer.

        Args:
            body: bytes after decompression.
            content_type: its header; decides the charset together with the bytes.
            url: where it came from, without credentials; relative links start there.

        Raises:
            Refused: ``NOT_A_FEED`` (a web page) or ``TOO_LARGE``.
            TryLater: ``FEED_EMPTY``, ``FEED_UNREADABLE``, or ``TOO_SLOW`` (the limits
                of time were passed). The next feed is not touched by it.
        """
        answer = self._ask(body, content_type, url)
        try:
            return _feed(answer)
        except (KeyError, TypeError, ValueError) as error:  # no feed of ours
            raise TryLater(Problem.FEED_UNREADABLE, type(error).__name__) from error

    def page(self, body: bytes, content_type: str = "", url: str = "") -> "ReadPage":
        """Read the words of a web page; raises as :meth:`parse`."""
        answer = self._ask(body, content_type, url, page=True)
        try:
            if "page" not in answer:
                raise TryLater(Problem(answer["problem"]), answer["detail"])
            return ReadPage(**answer["page"])
        except (KeyError, TypeError, ValueError) as error:  # no page of ours
            raise TryLater(Problem.FEED_UNREADABLE, type(error).__name__) from error

    def _ask(
        self, body: bytes, content_type: str, url: str, *, page: bool = False
    ) -> dict[str, Any]:
        if len(body) > self._limits.body_bytes:
            raise Refused(Problem.TOO_LARGE, f"{len(body)} bytes")
        child = self._slots.get()
        try:
            if child is None or not child.ready:
                child = _replace(child, self._limits)
            return child.ask(body, content_type, url, page=page)
        except (OSError, ValueError) as error:  # no process can be started
            raise TryLater(Problem.FEED_UNREADABLE, type(error).__name__) from error
        finally:
            self._slots.put(child)

    def close(self) -> None:
        """End the children; waits for feeds that are being parsed."""
        for _ in range(self._workers):
            child = self._slots.get()
            if child is not None:
                child.end()
        for _ in range(self._workers):
            self._slots.put(None)  # a later call starts afresh


def _feed(answer: dict[str, Any]) -> ParsedFeed:
    if "feed" in answer:
        return from_json(answer["feed"])
    kind = Refused if answer["refused"] else TryLater
    raise kind(Problem(answer["problem"]), answer["detail"])


def _replace(old: "_Child | None", limits: ParserLimits) -> "_Child":
    if old is not None:
        old.end()
    return _Child(limits)


class _Child:
    """One parsing process and the pipes to it."""

    def __init__(self, limits: ParserLimits) -> None:
        self._limits = limits
        self._left = limits.feeds_per_child
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and code
            [sys.executable, "-c", _START],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={k: os.environ[k] for k in _INHERITED if k in os.environ}
            | {"PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"},
            cwd="/",
        )

    @property
    def ready(self) -> bool:
        """Whether another feed may be given to it."""
        return self._left > 0 and self._process.poll() is None

    def ask(
        self, body: bytes, content_type: str, url: str, *, page: bool = False
    ) -> dict[str, Any]:
        """Give it one feed, or one page, and wait for the answer or the limits.

        Raises:
            TryLater: it died or was ended; a new child must be started.
        """
        self._left -= 1
        late = threading.Event()
        watchdog = threading.Timer(self._limits.wall_seconds, self._too_late, [late])
        watchdog.daemon = True
        watchdog.start()
        try:
            answer = self._exchange(body, content_type, url, page=page)
        except (OSError, ValueError):
            answer = None
        finally:
            watchdog.cancel()
            watchdog.join()
        if late.is_set() or answer is None:
            raise self._accident(late.is_set())
        if answer.get("fresh"):
            self._left = 0
        return answer

    def _exchange(
        self, body: bytes, content_type: str, url: str, *, page: bool
    ) -> dict[str, Any] | None:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            return None
        head = {
            "content_type": content_type[:1_000],
            "url": url[:4_096],
            "limits": asdict(self._limits),
            "page": page,
        }
        write_frame(stdin, json.dumps(head).encode())  # type: ignore[arg-type]
        write_frame(stdin, body)  # type: ignore[arg-type]
        data = read_frame(stdout, _LONGEST_ANSWER)  # type: ignore[arg-type]
        answer: dict[str, Any] | None = json.loads(data) if data else None
        return answer

    def _too_late(self, late: threading.Event) -> None:
        late.set()
        self._process.kill()

    def _accident(self, late: bool) -> NetworkError:
        self.end()
        code = self._process.returncode
        if late or code == -signal.SIGXCPU:
            return TryLater(Problem.TOO_SLOW, "parsing passed its limit of time")
        return TryLater(Problem.FEED_UNREADABLE, f"the parser ended with {code}")

    def end(self) -> None:
        """Kill it and free its pipes."""
        self._left = 0
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:  # bytes for a child that is gone
                    continue
