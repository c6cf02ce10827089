"""People: added to an office, signed in, and let go.

A cookie and a one-time link are random; the database holds only their hashes.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, ip_address

from config.words import N_
from models.errors import Conflict, InvalidInput, NotAllowed
from models.office import SignIn, SignInLink, User
from models.person import May, Person
from models.scope import OfficeScope, SystemScope
from models.states import Role
from pipeline.unit import Store, Work

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200  # letters; more only makes the hash slow
LONGEST_LOGIN = 60  # letters; models.office.User
LONGEST_NAME = 120
LONGEST_ADDRESS = 64


@dataclass(frozen=True, slots=True)
class Brake:
    """How guessing becomes slow: ``free`` wrong passwords, then a doubling wait."""

    free: int
    longest: timedelta

    def wait(self, failures: int) -> timedelta:
        """How long until the next try, after so many wrong passwords."""
        if failures < self.free:
            return timedelta(0)
        return min(timedelta(seconds=2 ** min(failures, 12)), self.longest)


PER_ADDRESS = Brake(free=5, longest=timedelta(minutes=15))
PER_LOGIN = Brake(free=100, longest=timedelta(minutes=1))
"""Against guessing from many addresses at once. A stranger at one address waits for
:data:`PER_ADDRESS` longer than this keeps the owner of the name out."""

SIGN_IN = SystemScope("signing in")  # before it is known whose rows they are
_SEEN_EVERY = timedelta(minutes=5)


def add_user(  # the first person of an office is added by nobody
    work: Work,
    office_id: int,
    login: str,
    name: str,
    role: Role,
    password: str | None,
    now: datetime,
    by: Person | None = None,
) -> int:
    """Add a person; without a password they sign in by a one-time link first.

    Raises:
        NotAllowed: ``by`` may not.
        InvalidInput: a name is missing or too long, the login name is taken (in any
            office), or the password does not fit.
    """
    if by is not None:
        by.must(May.ADMINISTER)
    if not login.strip() or not name.strip():
        raise InvalidInput(N_("Nama dan nama masuk harus diisi."), "login")
    if len(login.strip()) > LONGEST_LOGIN or len(name.strip()) > LONGEST_NAME:
        raise InvalidInput(
            N_("Nama masuk paling panjang 60 huruf, nama 120 huruf."), "login"
        )
    user = User(
        office_id=office_id,
        login=login.strip().lower(),
        name=name.strip(),
        role=role,
        password_hash=_hashed(password) if password else "",
        created_at=now,
    )
    try:
        user_id = work.offices.add_user(user)
    except Conflict:
        raise InvalidInput(N_("Nama masuk ini sudah dipakai."), "login") from None
    _note(work, "user.add", user_id, office_id, now, by, detail=role.value)
    return user_id


def set_password(
    work: Work, user_id: int, password: str, now: datetime, by: Person | None = None
) -> None:
    """Set a new password and end every sign-in of that person."""
    if by is not None and by.user_id != user_id:
        by.must(May.ADMINISTER)
    user = work.offices.user(user_id)
    user.password_hash = _hashed(password)
    work.offices.end_sign_ins(user_id=user_id)
    _note(work, "user.password", user_id, user.office_id, now, by)


def set_active(
    work: Work, user_id: int, active: bool, now: datetime, by: Person
) -> None:
    """Let a person in again, or shut them out at once."""
    by.must(May.ADMINISTER)
    if user_id == by.user_id:
        raise NotAllowed("nobody shuts themselves out")
    user = work.offices.user(user_id)
    user.active = active
    if not active:
        work.offices.end_sign_ins(user_id=user_id)
    action = "user.activate" if active else "user.deactivate"
    _note(work, action, user_id, user.office_id, now, by)


def set_language(work: Work, by: Person, language: str) -> None:
    """Choose the language of one's own screens: ``id`` or ``en``."""
    if language not in ("id", "en"):
        raise InvalidInput(N_("Bahasa ini belum ada."), "language")
    work.offices.user(by.user_id).language = language


def sign_in(
    store: Store,
    login: str,
    password: str,
    now: datetime,
    hours: int = 12,
    address: str = "",
) -> tuple[Person, str]:
    """Check a password; return the person and the cookie's value.

    Args:
        address: where the request comes from, as the server knows it; kept as a hash.

    Raises:
        NotAllowed: name or password is wrong, the person is shut out, or there were
            too many wrong passwords; the message does not tell which.
    """
    login = login.strip().lower()[:LONGEST_LOGIN]
    brakes = _brakes(login, address)
    with store.read(SIGN_IN) as work:
        found = [work.offices.failure(key) for key in brakes]
        blocked = any(one is not None and one.blocked_until > now for one in found)
        user = work.offices.user_by_login(login)
    right = not blocked and _fits(password, user)  # the slow part, outside
    with store.write(SIGN_IN) as work:
        if right and user is not None:
            work.offices.forget_failures(brakes)
            return _admit(work, user, now, hours)
        if not blocked:
            _count(work, brakes, now)
    raise NotAllowed("sign-in refused")


def make_link(
    store: Store, office: OfficeScope, user_id: int, now: datetime, minutes: int = 15
) -> str:
    """Make a one-time sign-in link's secret part, valid for ``minutes``."""
    token = secrets.token_urlsafe(32)
    with store.write(office) as work:
        work.offices.add_sign_in(
            SignInLink(
                token_hash=_digest(token),
                office_id=office.office_id,
                user_id=user_id,
                expires_at=now + timedelta(minutes=minutes),
            )
        )
    return token


def use_link(
    store: Store, token: str, now: datetime, hours: int = 12
) -> tuple[Person, str] | None:
    """Sign in by a one-time link; None when it is used, late or wrong."""
    with store.write(SIGN_IN) as work:
        user = work.offices.use_link(_digest(token), now)
        return _admit(work, user, now, hours) if user else None


def person_of(store: Store, token: str, now: datetime) -> Person | None:
    """The person whose cookie this is, if the sign-in still lives."""
    with store.read(SIGN_IN) as work:
        found = work.offices.sign_in(_digest(token), now)
        if found is None:
            return None
        row, user = found
        stale = now - row.seen_at > _SEEN_EVERY
    if stale:
        with store.write(SIGN_IN) as work:
            again = work.offices.sign_in(_digest(token), now)
            if again is not None:
                again[0].seen_at = now
    return _person(user)


def sign_out(store: Store, token: str) -> None:
    """End the sign-in of a cookie."""
    with store.write(SIGN_IN) as work:
        work.offices.end_sign_ins(token_hash=_digest(token))


def _admit(work: Work, user: User, now: datetime, hours: int) -> tuple[Person, str]:
    token = secrets.token_urlsafe(32)
    work.offices.forget_expired(now)
    work.offices.add_sign_in(
        SignIn(
            token_hash=_digest(token),
            office_id=user.office_id,
            user_id=user.id,
            created_at=now,
            seen_at=now,
            expires_at=now + timedelta(hours=hours),
        )
    )
    person = _person(user)
    _note(work, "user.sign_in", user.id, user.office_id, now, person)
    return person, token


def _person(user: User) -> Person:
    return Person(user.id, user.office_id, user.name, user.role, user.language)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _hashed(password: str) -> str:
    from pwdlib import PasswordHash

    if len(password) < SHORTEST_PASSWORD:
        raise InvalidInput(N_("Kata sandi paling sedikit 10 huruf."), "password")
    if len(password) > LONGEST_PASSWORD:
        raise InvalidInput(N_("Kata sandi paling panjang 200 huruf."), "password")
    return PasswordHash.recommended().hash(password)


def _fits(password: str, user: User | None) -> bool:
    """Compare in about the same time whether the name exists or not."""
    from pwdlib import PasswordHash

    hasher = PasswordHash.recommended()
    if user is None or not user.active or not user.password_hash:
        hasher.hash(password[:LONGEST_PASSWORD])
        return False
    return hasher.verify(password[:LONGEST_PASSWORD], user.password_hash)


def _brakes(login: str, address: str) -> dict[str, Brake]:
    """Under which keys a wrong password counts, and how each slows the next."""
    return {
        _key("from", login, network_of(address)): PER_ADDRESS,
        _key("to", login): PER_LOGIN,
    }


def _count(work: Work, brakes: Mapping[str, Brake], now: datetime) -> None:
    for key, brake in brakes.items():
        before = work.offices.failure(key)
        failures = before.failures if before else 0
        work.offices.count_failure(key, now + brake.wait(failures + 1))


def network_of(address: str) -> str:
    """What one household or line has: an IPv4 address, or an IPv6 network of 64."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address[:LONGEST_ADDRESS]
    if isinstance(found, IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or int(found) >> 64)


def _key(*parts: str) -> str:
    return _digest("\0".join(parts))[:LONGEST_LOGIN]


def _note(
    work: Work,
    action: str,
    user_id: int,
    office_id: int,
    now: datetime,
    by: Person | None,
    detail: str = "",
) -> None:
    work.audit.record(
        action,
        "users",
        user_id,
        at=now,
        user_id=by.user_id if by else None,
        office_id=office_id,
        detail=detail,
    )
