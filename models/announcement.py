"""Announcements, their variants per account, one picture, and approvals."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    and_,
    select,
)
from sqlalchemy.orm import Mapped, deferred, mapped_column

from models.account import Account
from models.approval import Content, Part
from models.base import Base, EnumText, OfficeOwned
from models.problems import Problem
from models.repository import Repository
from models.signature import Signatures, whole
from models.speech import Image
from models.states import AnnouncementState
from models.thread import packed, unpacked


class Media(OfficeOwned, Base):
    """A picture as it was approved, by content hash; or a video (``models.video``)."""

    __tablename__ = "media"
    __table_args__ = (
        UniqueConstraint("office_id", "id"),
        UniqueConstraint("office_id", "sha256"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(String(40))
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary))  # empty of a video
    facts: Mapped[str] = mapped_column(
        default="", server_default=""
    )  # JSON, of a video
    created_at: Mapped[datetime]


class Announcement(OfficeOwned, Base):
    """What the office wants to tell the public, once, on several accounts."""

    __tablename__ = "announcements"
    __table_args__ = (
        UniqueConstraint("office_id", "id"),
        ForeignKeyConstraint(
            ["office_id", "author_id"], ["users.office_id", "users.id"]
        ),
        ForeignKeyConstraint(
            ["office_id", "media_id"], ["media.office_id", "media.id"]
        ),
        Index("ix_announcements_office_state", "office_id", "state"),
        Index("ix_announcements_corrects", "corrects"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(160))
    body: Mapped[str]  # the text of every account that has no variant of its own
    category: Mapped[str] = mapped_column(String(40), default="umum")
    state: Mapped[AnnouncementState] = mapped_column(EnumText(AnnouncementState))
    author_id: Mapped[int]
    media_id: Mapped[int | None]
    alt_text: Mapped[str] = mapped_column(default="")
    publish_at: Mapped[datetime | None]
    not_after: Mapped[datetime | None]
    # another announcement, which stays; SQLite adds no foreign key to a table that
    # others refer to
    corrects: Mapped[int | None]
    letter_number: Mapped[str] = mapped_column(
        String(80), default="", server_default=""
    )
    emergency: Mapped[str] = mapped_column(default="", server_default="")
    """JSON of template and fields; empty outside the emergency lane."""
    version: Mapped[int] = mapped_column(default=1)  # optimistic lock of the editor
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Variant(OfficeOwned, Base):
    """The announcement on one account; ``text`` empty means the common body."""

    __tablename__ = "variants"
    __table_args__ = (
        UniqueConstraint("announcement_id", "account_id"),
        ForeignKeyConstraint(
            ["office_id", "announcement_id"],
            ["announcements.office_id", "announcements.id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["office_id", "account_id"], ["accounts.office_id", "accounts.id"]
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    announcement_id: Mapped[int]
    account_id: Mapped[int]
    text: Mapped[str] = mapped_column(default="")
    parts: Mapped[str] = mapped_column(default="", server_default="")
    """JSON list of the parts of a thread; empty for a single post."""


class Approval(OfficeOwned, Base):
    """One asking, and its answer; bound to a hash of everything that goes out.

    The answer is the last signature, or the word of whoever sent it back.
    """

    __tablename__ = "approvals"
    __table_args__ = (
        ForeignKeyConstraint(
            ["office_id", "announcement_id"],
            ["announcements.office_id", "announcements.id"],
        ),
        ForeignKeyConstraint(
            ["office_id", "author_id"], ["users.office_id", "users.id"]
        ),
        ForeignKeyConstraint(
            ["office_id", "decided_by"], ["users.office_id", "users.id"]
        ),
        CheckConstraint(
            "decided_by IS NULL OR decided_by <> author_id", name="maker_not_checker"
        ),
        Index("ix_approvals_announcement", "office_id", "announcement_id"),
        Index(  # what a signature refers to
            "ix_approvals_signed",
            *("office_id", "id", "content_hash", "author_id", "asked_by"),
            unique=True,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    announcement_id: Mapped[int]
    content_hash: Mapped[str] = mapped_column(String(64))
    author_id: Mapped[int]  # of the announcement: may never decide
    asked_by: Mapped[int]
    asked_at: Mapped[datetime]
    decided_by: Mapped[int | None]
    decided_at: Mapped[datetime | None]
    approved: Mapped[bool | None]
    reason: Mapped[str] = mapped_column(default="")
    repeat_reason: Mapped[str] = mapped_column(default="")  # of who asked
    steps: Mapped[int] = mapped_column(default=1, server_default="1")  # signatures
    content: Mapped[str] = mapped_column(default="", server_default="")
    """The canonical JSON that was asked for; empty where an older program asked."""
    voided_at: Mapped[datetime | None]
    countersign_by: Mapped[datetime | None]  # a signature after the fact is due
    countersigned_at: Mapped[datetime | None]
    countersign_missed_at: Mapped[datetime | None]  # reported as not there in time


def effective_text(announcement: Announcement, variant: Variant) -> str:
    """The text that goes to the variant's account."""
    return variant.text or announcement.body


class Announcements(Repository):
    """Announcements with their variants and approvals."""

    def get(self, announcement_id: int, *, lock: bool = False) -> Announcement:
        """Return one announcement of this scope; ``lock`` keeps others off it.

        Raises:
            NotFound: there is none.
        """
        return self._need(Announcement, announcement_id, lock=lock)

    def listed(
        self,
        states: Collection[AnnouncementState] = (),
        *,
        before: int | None = None,
        limit: int = 50,
    ) -> list[Announcement]:
        """Newest first, by id; ``before`` is the last id of the page above."""
        statement = select(Announcement).order_by(Announcement.id.desc()).limit(limit)
        if states:
            statement = statement.where(Announcement.state.in_(states))
        if before is not None:
            statement = statement.where(Announcement.id < before)
        return list(self._session.scalars(statement))

    def add(self, announcement: Announcement) -> int:
        """Store a new announcement and return its id."""
        self._session.add(announcement)
        self._session.flush()
        return announcement.id

    def variants(self, announcement_id: int) -> list[Variant]:
        """The announcement on each account, by account id."""
        return list(
            self._session.scalars(
                select(Variant)
                .where(Variant.announcement_id == announcement_id)
                .order_by(Variant.account_id)
            )
        )

    def replace_variants(
        self,
        announcement: Announcement,
        texts: Mapping[int, str],
        threads: Mapping[int, Sequence[str]],
    ) -> None:
        """Let the announcement go to the accounts of ``texts`` and to no others.

        ``threads`` has the parts where the text is too long for one post.
        """
        kept = {v.account_id: v for v in self.variants(announcement.id)}
        for account_id, variant in kept.items():
            if account_id not in texts:
                self._session.delete(variant)
        for account_id, text in texts.items():
            if account_id in kept:
                variant = kept[account_id]
            else:
                variant = Variant(
                    office_id=announcement.office_id,
                    announcement_id=announcement.id,
                    account_id=account_id,
                )
                self._session.add(variant)
            variant.text = text
            variant.parts = packed(threads.get(account_id, ()))
        self._session.flush()

    def content(self, announcement_id: int) -> Content:
        """What would go out now, whole; what an approval is bound to."""
        announcement = self.get(announcement_id)
        rows = self._session.execute(
            select(Variant, Account)
            .join(
                Account,
                and_(
                    Account.id == Variant.account_id,
                    Account.office_id == Variant.office_id,
                ),
            )
            .where(Variant.announcement_id == announcement_id)
            .order_by(Variant.account_id)
        ).all()
        media = self.media(announcement)
        return Content(
            title=announcement.title,
            category=announcement.category,
            parts=tuple(
                Part(
                    account.id,
                    account.network,
                    account.handle,
                    effective_text(announcement, variant),
                    unpacked(variant.parts),
                )
                for variant, account in rows
            ),
            media_sha256=media.sha256 if media else "",
            alt_text=announcement.alt_text if media else "",
            publish_at=announcement.publish_at,
            not_after=announcement.not_after,
            corrects=announcement.corrects,
            letter_number=announcement.letter_number,
            emergency=announcement.emergency,
        )

    def goes_to(self, announcement_id: int, account_id: int) -> bool:
        """Whether the announcement, as it stands now, is meant for that account."""
        found = self._session.scalar(  # select(exists()) would be no ORM statement
            select(Variant.id).where(
                Variant.announcement_id == announcement_id,
                Variant.account_id == account_id,
            )
        )
        return found is not None

    def approval_problem(self, announcement_id: int) -> Problem | None:
        """Why the announcement may not go out now; None when the approval stands."""
        announcement = self._session.get(Announcement, announcement_id)
        if announcement is None or announcement.state is not AnnouncementState.APPROVED:
            return Problem.APPROVAL_VOID
        approval = self.latest_approval(announcement_id)
        if approval is None or not approval.approved or approval.voided_at:
            return Problem.APPROVAL_VOID
        if approval.content_hash != self.content(announcement_id).hash:
            return Problem.APPROVAL_VOID
        if not whole(Signatures(self._session).of(approval.id), approval.steps):
            return Problem.APPROVAL_VOID
        return None

    def latest_approval(self, announcement_id: int) -> Approval | None:
        """The newest asking, decided or not."""
        return self._session.scalar(
            select(Approval)
            .where(Approval.announcement_id == announcement_id)
            .order_by(Approval.id.desc())
            .limit(1)
        )

    def asked_of_all(self) -> list[tuple[int, int]]:
        """What waits for a decision in this scope, as (office, announcement)."""
        rows = self._session.execute(
            select(Announcement.office_id, Announcement.id)
            .where(Announcement.state == AnnouncementState.ASKED)
            .order_by(Announcement.id)
        )
        return [(row[0], row[1]) for row in rows]

    def last_decided(self, announcement_id: int) -> Approval | None:
        """The newest asking that was approved or sent back, with what it was for."""
        return self._session.scalar(
            select(Approval)
            .where(
                Approval.announcement_id == announcement_id,
                Approval.approved.is_not(None),
                Approval.content != "",
            )
            .order_by(Approval.id.desc())
            .limit(1)
        )

    def approvals(self, announcement_id: int) -> list[Approval]:
        """Every asking and its answer, oldest first."""
        return list(
            self._session.scalars(
                select(Approval)
                .where(Approval.announcement_id == announcement_id)
                .order_by(Approval.id)
            )
        )

    def media(self, announcement: Announcement) -> Media | None:
        """The picture's row; its bytes are read only when ``content`` is touched."""
        if announcement.media_id is None:
            return None
        return self._session.get(Media, announcement.media_id)

    def media_named(self, sha256: str) -> Media | None:
        """The office's picture with this content."""
        return self._session.scalar(select(Media).where(Media.sha256 == sha256))

    def store_media(self, image: Image, now: datetime) -> int:
        """Keep a cleaned picture once by its content hash; return the row's id.

        One whose bytes were damaged meanwhile gets its own again.
        """
        found = self.media_named(image.sha256)
        if found is not None:
            if found.content != image.content:
                found.content = image.content
            return found.id
        row = Media(
            office_id=self._office_id,
            sha256=image.sha256,
            media_type=image.media_type,
            content=image.content,
            created_at=now,
        )
        self._session.add(row)
        self._session.flush()
        return row.id
