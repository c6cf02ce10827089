"""Offices, their people, and how people sign in."""

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, EnumText, OfficeOwned
from models.repository import Repository
from models.states import Role


class Office(Base):
    """One station; the tenant of everything private."""

    __tablename__ = "offices"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    timezone: Mapped[str] = mapped_column(String(40))
    salt: Mapped[str] = mapped_column(String(64))  # for authors' pseudonyms
    monthly_cap_idr: Mapped[int]
    created_at: Mapped[datetime]


class User(OfficeOwned, Base):
    """A person of the office."""

    __tablename__ = "users"
    __table_args__ = (UniqueConstraint("office_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[Role] = mapped_column(EnumText(Role))
    password_hash: Mapped[str] = mapped_column(String(200), default="")
    language: Mapped[str] = mapped_column(String(5), default="id")
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class SignIn(OfficeOwned, Base):
    """A signed-in browser; only a hash of its cookie is kept."""

    __tablename__ = "sign_ins"
    __table_args__ = (
        ForeignKeyConstraint(
            ["office_id", "user_id"],
            ["users.office_id", "users.id"],
            ondelete="CASCADE",
        ),
    )

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class SignInLink(OfficeOwned, Base):
    """A one-time link that signs a person in; only a hash of it is kept."""

    __tablename__ = "sign_in_links"
    __table_args__ = (
        ForeignKeyConstraint(
            ["office_id", "user_id"],
            ["users.office_id", "users.id"],
            ondelete="CASCADE",
        ),
    )

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignInFailure(Base):
    """Wrong passwords of one login name, so that guessing becomes slow."""

    __tablename__ = "sign_in_failures"

    login: Mapped[str] = mapped_column(String(60), primary_key=True)
    failures: Mapped[int]
    blocked_until: Mapped[datetime]


class AuditEvent(Base):
    """Who did what, when; rows are only ever added."""

    __tablename__ = "audit_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int | None] = mapped_column(ForeignKey("offices.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(index=True)
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(40))  # table name
    subject_id: Mapped[int | None]
    detail: Mapped[str] = mapped_column(default="")  # never a secret


class Offices(Repository):
    """Offices and the people in them."""
