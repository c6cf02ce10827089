"""Offices, their people, and how people sign in."""

from collections.abc import Collection
from datetime import datetime, time, timedelta

from sqlalchemy import (
    ForeignKeyConstraint,
    String,
    UniqueConstraint,
    and_,
    delete,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, EnumText, OfficeOwned
from models.errors import Conflict
from models.quiet import QuietHours
from models.repository import Repository
from models.states import Role

FORGET = timedelta(days=1)  # wrong passwords, once nobody waits for them any more


class Office(Base):
    """One station; the tenant of everything private."""

    __tablename__ = "offices"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    timezone: Mapped[str] = mapped_column(String(40))
    salt: Mapped[str] = mapped_column(String(64))  # until it is sealed, at first use
    sealed_salt: Mapped[bytes | None]  # for authors' pseudonyms
    monthly_cap_idr: Mapped[int]
    public_contacts: Mapped[str] = mapped_column(
        default=""
    )  # a number or e-mail a line
    quiet_from: Mapped[time | None]  # on the office's wall; both, or neither
    quiet_to: Mapped[time | None]
    signatures: Mapped[int] = mapped_column(default=1, server_default="1")
    """So many an announcement needs at least, whatever its kind."""
    countersign_hours: Mapped[int] = mapped_column(default=24, server_default="24")
    """Within which an emergency is signed after the fact."""
    created_at: Mapped[datetime]

    @property
    def quiet(self) -> QuietHours | None:
        """When the office does not speak unless it must."""
        if self.quiet_from is None or self.quiet_to is None:
            return None
        return QuietHours(self.quiet_from, self.quiet_to)

    @quiet.setter
    def quiet(self, hours: QuietHours | None) -> None:
        self.quiet_from = hours.start if hours else None
        self.quiet_to = hours.end if hours else None


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
    """Wrong passwords of one login name, from one address or from all together."""

    __tablename__ = "sign_in_failures"

    key: Mapped[str] = mapped_column("login", String(60), primary_key=True)  # a hash
    failures: Mapped[int]
    blocked_until: Mapped[datetime]


class Offices(Repository):
    """Offices and the people in them."""

    def by_id(self, office_id: int) -> Office:
        """Return an office.

        Raises:
            NotFound: there is none.
        """
        return self._need(Office, office_id)

    def by_code(self, code: str) -> Office | None:
        """The office of a code; its name and zone are no secret."""
        return self._session.scalar(select(Office).where(Office.code == code))

    def own(self) -> Office:
        """The office of this unit's scope."""
        return self._need(Office, self._office_id)

    def all(self) -> list[Office]:
        """Every office, by id; offices themselves are no secret of an office."""
        return list(self._session.scalars(select(Office).order_by(Office.id)))

    def public_contacts(self) -> str:
        """What any office lists as public: one a line, as a person wrote it."""
        lines = select(Office.public_contacts).where(Office.public_contacts != "")
        return "\n".join(self._session.scalars(lines.order_by(Office.id)))

    def add(self, office: Office) -> int:
        """Store a new office and return its id."""
        self._session.add(office)
        self._session.flush()
        return office.id

    def user(self, user_id: int) -> User:
        """Return a person of this scope.

        Raises:
            NotFound: there is none.
        """
        return self._need(User, user_id)

    def user_by_login(self, login: str) -> User | None:
        """The person who signs in as ``login``, in this scope."""
        return self._session.scalar(select(User).where(User.login == login))

    def users(self) -> list[User]:
        """The people of this scope, by name."""
        return list(self._session.scalars(select(User).order_by(User.name, User.id)))

    def names(self, user_ids: Collection[int]) -> dict[int, str]:
        """Names of people by id."""
        rows = self._session.execute(
            select(User.id, User.name).where(User.id.in_(user_ids))
        )
        return {row[0]: row[1] for row in rows}

    def add_user(self, user: User) -> int:
        """Store a new person and return their id.

        Raises:
            Conflict: the login name is taken (in any office).
        """
        self._session.add(user)
        try:
            self._session.flush()
        except IntegrityError:
            raise Conflict(f"login {user.login!r} is taken") from None
        return user.id

    # signing in

    def sign_in(self, token_hash: str, now: datetime) -> tuple[SignIn, User] | None:
        """The living sign-in of a cookie, with its active person."""
        row = self._session.execute(
            select(SignIn, User)
            .join(
                User,
                and_(User.id == SignIn.user_id, User.office_id == SignIn.office_id),
            )
            .where(
                SignIn.token_hash == token_hash,
                SignIn.expires_at > now,
                User.active,
            )
        ).one_or_none()
        return (row[0], row[1]) if row else None

    def add_sign_in(self, row: SignIn | SignInLink) -> None:
        """Keep a new sign-in or one-time link."""
        self._session.add(row)

    def end_sign_ins(
        self, *, token_hash: str | None = None, user_id: int | None = None
    ) -> None:
        """End one sign-in, or all of one person."""
        statement = delete(SignIn)
        if token_hash is not None:
            statement = statement.where(SignIn.token_hash == token_hash)
        if user_id is not None:
            statement = statement.where(SignIn.user_id == user_id)
        self._session.execute(statement)

    def forget_expired(self, now: datetime) -> None:
        """Drop sign-ins and links whose time is over."""
        self._session.execute(delete(SignIn).where(SignIn.expires_at <= now))
        self._session.execute(delete(SignInLink).where(SignInLink.expires_at <= now))
        self._session.execute(
            delete(SignInFailure).where(SignInFailure.blocked_until <= now - FORGET)
        )

    def use_link(self, token_hash: str, now: datetime) -> User | None:
        """Use a one-time link; the second use, or a late one, finds nobody."""
        user_id = self._session.scalar(
            update(SignInLink)
            .where(
                SignInLink.token_hash == token_hash,
                SignInLink.used_at.is_(None),
                SignInLink.expires_at > now,
            )
            .values(used_at=now)
            .returning(SignInLink.user_id)
        )
        if user_id is None:
            return None
        user = self._session.get(User, user_id)
        return user if user and user.active else None

    def failure(self, key: str) -> SignInFailure | None:
        """Wrong passwords under one key so far."""
        return self._session.get(SignInFailure, key)

    def count_failure(self, key: str, blocked_until: datetime) -> None:
        """One more wrong password; no more tries before ``blocked_until``."""
        row = self._session.get(SignInFailure, key)
        if row is None:
            row = SignInFailure(key=key, failures=0, blocked_until=blocked_until)
            self._session.add(row)
        row.failures += 1
        row.blocked_until = blocked_until

    def forget_failures(self, keys: Collection[str]) -> None:
        """The right password came."""
        self._session.execute(delete(SignInFailure).where(SignInFailure.key.in_(keys)))
