"""Videos: their bytes in pieces, by content hash, and what they are.

A video is a row of ``media`` as a picture is; its bytes lie in rows of their own, so
that no statement and no process holds the whole of it. The row of ``media`` comes last:
pieces without one are an upload that broke off, and the next upload of the same file
goes on from there.
"""

import json
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import LargeBinary, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, deferred, mapped_column

from models.announcement import Media
from models.base import Base, OfficeOwned
from models.repository import Repository
from models.speech import VideoFacts

MEDIA_TYPE = "video/mp4"


class MediaPiece(OfficeOwned, Base):
    """One piece of a video, as it was approved."""

    __tablename__ = "media_pieces"
    __table_args__ = (UniqueConstraint("office_id", "sha256", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))  # of the whole video
    number: Mapped[int]  # from 0
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary))


class Videos(Repository):
    """The videos of an office."""

    def pieces_kept(self, sha256: str) -> int:
        """How many pieces of a video lie here; they were kept in order."""
        counted = select(func.count(MediaPiece.id)).where(MediaPiece.sha256 == sha256)
        return self._session.scalar(counted) or 0

    def keep_piece(self, sha256: str, number: int, content: bytes) -> None:
        """Keep one piece."""
        row = MediaPiece(
            office_id=self._office_id, sha256=sha256, number=number, content=content
        )
        self._session.add(row)
        self._session.flush()
        self._session.expunge(row)

    def piece(self, sha256: str, number: int) -> bytes | None:
        """One piece of a video; None after the last."""
        return self._session.scalar(
            select(MediaPiece.content).where(
                MediaPiece.sha256 == sha256, MediaPiece.number == number
            )
        )

    def keep(self, sha256: str, facts: VideoFacts, now: datetime) -> int:
        """Say what a video is, once all of its pieces are kept; return the row's id."""
        found = self.named(sha256)
        if found is not None:
            return found.id
        row = Media(
            office_id=self._office_id,
            sha256=sha256,
            media_type=MEDIA_TYPE,
            content=b"",
            facts=json.dumps(asdict(facts)),
            created_at=now,
        )
        self._session.add(row)
        self._session.flush()
        return row.id

    def named(self, sha256: str) -> Media | None:
        """The office's video with this content."""
        return self._session.scalar(
            select(Media).where(Media.sha256 == sha256, Media.facts != "")
        )

    def get(self, media_id: int) -> Media:
        """The row of a video.

        Raises:
            NotFound: there is none of this number.
        """
        return self._need(Media, media_id)


def facts_of(media: Media | None) -> VideoFacts | None:
    """What a video is; None for a picture, and for nothing."""
    if media is None or not media.facts:
        return None
    return VideoFacts(**json.loads(media.facts))
