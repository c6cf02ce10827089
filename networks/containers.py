"""Posts in two steps, as Instagram and Threads have them: a container, then a publish.

The container holds the text and the pictures and is seen by nobody. Its id is known,
and kept, before anything is public; published twice it is one post, and its status
tells whether it went out. It lives for 24 hours.
"""

import time
from datetime import timedelta
from enum import StrEnum

from models.errors import Refused, TryLater
from models.problems import Problem
from models.speech import Image, Video

LIFE = timedelta(hours=23)  # of 24, and our clock may differ
READY_WITHIN = timedelta(seconds=40)
LOOK_EVERY = 1.0  # seconds, while the network fetches a picture
FILM_WITHIN = timedelta(minutes=5)  # as Meta's pages say
FILM_LOOK_EVERY = 15.0  # seconds at most, while it works on a video


class Status(StrEnum):
    """How a container stands."""

    IN_PROGRESS = "IN_PROGRESS"
    FINISHED = "FINISHED"
    PUBLISHED = "PUBLISHED"
    EXPIRED = "EXPIRED"
    ERROR = "ERROR"


USABLE = frozenset({Status.FINISHED, Status.PUBLISHED})


def status_of(word: object) -> Status:
    """Read a status; one that we do not know is no answer.

    Raises:
        ValueError: it is none.
    """
    return Status(str(word))


class Waiting:
    """Waits until a container is ready, within one deadline.

    Args:
        video: that the network fetches and works on, which takes minutes.
    """

    def __init__(self, video: Video | None = None) -> None:
        within = READY_WITHIN if video is None else FILM_WITHIN
        self._until = time.monotonic() + within.total_seconds()
        self._pause = LOOK_EVERY
        self._video = video

    def goes_on(self, status: Status, why: str = "") -> bool:
        """Whether to look again; returns False when it is ready.

        Raises:
            Refused: the network could not use a picture or a video.
            TryLater: it takes too long.
        """
        if status in USABLE:
            return False
        if status is not Status.IN_PROGRESS:
            detail = f"container {status.value} {why}".strip()
            raise Refused(Problem.MEDIA_REFUSED, detail[:200])
        if time.monotonic() + self._pause > self._until:
            late = Problem.SERVER_FAILED
            if self._video is not None:
                late = Problem.VIDEO_NOT_READY
            raise TryLater(late, "the container is not ready")
        time.sleep(self._pause)
        if self._video is not None:
            self._video.stay()
            self._pause = min(2 * self._pause, FILM_LOOK_EVERY)
        return True


def fetchable(files: tuple[Image | Video, ...]) -> None:
    """Refuse pictures and videos that the network cannot fetch.

    Raises:
        Refused: the office has no public address.
    """
    if any(not one.address for one in files):
        raise Refused(Problem.NO_PUBLIC_ADDRESS, "no public_url")
