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
from models.speech import Image

LIFE = timedelta(hours=23)  # of 24, and our clock may differ
READY_WITHIN = timedelta(seconds=40)
LOOK_EVERY = 1.0  # seconds, while the network fetches a picture


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
    """Waits until a container is ready, within one deadline."""

    def __init__(self) -> None:
        self._until = time.monotonic() + READY_WITHIN.total_seconds()

    def goes_on(self, status: Status, why: str = "") -> bool:
        """Whether to look again; returns False when it is ready.

        Raises:
            Refused: the network could not use a picture.
            TryLater: it takes too long.
        """
        if status in USABLE:
            return False
        if status is not Status.IN_PROGRESS:
            detail = f"container {status.value} {why}".strip()
            raise Refused(Problem.MEDIA_REFUSED, detail[:200])
        if time.monotonic() + LOOK_EVERY > self._until:
            raise TryLater(Problem.SERVER_FAILED, "the container is not ready")
        time.sleep(LOOK_EVERY)
        return True


def fetchable(images: tuple[Image, ...]) -> None:
    """Refuse pictures that the network cannot fetch.

    Raises:
        Refused: the office has no public address.
    """
    if any(not one.address for one in images):
        raise Refused(Problem.NO_PUBLIC_ADDRESS, "no public_url")
