"""Pictures and videos on their way to X: initialize, append, finalize, and wait.

Source: https://docs.x.com/x-api/media/quickstart/media-upload-chunked and the OpenAPI
document of API v2 (seen 2026-11-24).
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from models.errors import Refused, TryLater
from models.problems import Problem
from models.speech import Image, Video, nothing_to_keep
from networks.forms import segments

SEGMENT = 4 * 1024 * 1024
_PICTURE_WITHIN = timedelta(seconds=30)
_FILM_WITHIN = timedelta(minutes=5)

Post = Callable[..., dict[str, Any]]
Get = Callable[[str, Mapping[str, str | None]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Wait:
    """How long processing may last, and what is said when it lasts longer."""

    until: float  # monotonic seconds
    problem: Problem
    stay: Callable[[], None] = nothing_to_keep


class Uploads:
    """Uploads for one account; nothing of it is public.

    Args:
        post, get: signed calls of X's API, inside an errand of the door.
    """

    def __init__(self, post: Post, get: Get) -> None:
        self._post = post
        self._get = get

    def picture(self, image: Image) -> str:
        """Upload one picture; return its media id.

        Raises:
            TryLater, Disconnected, Refused: as named.
        """
        told = _told("tweet_image", image.media_type, len(image.content))
        media_id, data = self._send(told, image.filename, (image.content,))
        end = time.monotonic() + _PICTURE_WITHIN.total_seconds()
        self._await(media_id, data, _Wait(end, Problem.SERVER_FAILED))
        return media_id

    def film(self, video: Video) -> str:
        """Upload one video and wait until it is processed; return its media id.

        Raises:
            TryLater: also while it is still processed after minutes
                (``VIDEO_NOT_READY``).
            Disconnected, Refused: as named; X could not process it.
        """
        told = _told("tweet_video", video.media_type, video.facts.size)
        media_id, data = self._send(told, video.filename, video.pieces())
        end = time.monotonic() + _FILM_WITHIN.total_seconds()
        self._await(media_id, data, _Wait(end, Problem.VIDEO_NOT_READY, video.stay))
        return media_id

    def _send(
        self, told: Mapping[str, object], filename: str, pieces: Iterable[bytes]
    ) -> tuple[str, dict[str, Any]]:
        begun = self._post("/2/media/upload/initialize", json=dict(told))
        media_id = str(begun["data"]["id"])
        for index, part in enumerate(segments(pieces, SEGMENT)):
            self._post(
                f"/2/media/upload/{media_id}/append",
                data={"segment_index": str(index)},
                files={"media": (filename, part, str(told["media_type"]))},
            )
        finished = self._post(f"/2/media/upload/{media_id}/finalize")
        return media_id, finished["data"]

    def _await(self, media_id: str, data: dict[str, Any], wait: _Wait) -> None:
        """Wait for what X still processes."""
        while (info := data.get("processing_info")) and info["state"] != "succeeded":
            pause = max(0.1, float(info.get("check_after_secs", 1)))
            if info["state"] == "failed" and wait.problem is Problem.VIDEO_NOT_READY:
                raise Refused(Problem.MEDIA_REFUSED, _why_failed(info))
            if info["state"] == "failed" or time.monotonic() + pause > wait.until:
                raise TryLater(wait.problem, "not ready")
            time.sleep(pause)
            wait.stay()
            query = {"command": "STATUS", "media_id": media_id}
            data = self._get("/2/media/upload", query)["data"]


def _told(category: str, media_type: str, size: int) -> dict[str, object]:
    return {
        "media_category": category,
        "media_type": media_type,
        "total_bytes": size,
    }


def _why_failed(info: Mapping[str, Any]) -> str:
    """X's own word on a video that it could not process."""
    error = info.get("error")
    said = error.get("message") if isinstance(error, dict) else ""
    return f"processing failed {said or ''}".strip()[:200]
