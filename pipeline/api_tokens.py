"""Tokens for an office's own programs: made once shown, counted, taken back."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.words import N_
from models.api_token import WINDOW, ApiToken, count
from models.errors import InvalidInput, KentonganError
from models.person import May, Person
from models.scope import SystemScope
from models.states import Role
from pipeline.unit import Store, Work

PREFIX = "ktg_"  # so that scanners of leaked keys know it
LONGEST_NAME = 80
LONGEST_LIFE = timedelta(days=366)
MOST_CALLS = 120  # of one token in a minute
API = SystemScope("api")  # before it is known whose rows they are


class Unknown(KentonganError):
    """No token, or one that opens nothing."""


class TooOften(KentonganError):
    """More calls than a token may make; ``wait`` says until when."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"more than {MOST_CALLS} calls a minute")
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Program:
    """Who calls: a program in the name of who made its token."""

    token_id: int
    name: str
    acts: bool
    person: Person  # with the token's own role


def make(
    work: Work,
    by: Person,
    name: str,
    role: Role,
    now: datetime,
    *,
    acts: bool,
    lives: timedelta | None = None,
) -> str:
    """Make a token; what is returned is shown once and kept nowhere.

    Args:
        role: what the program may, as a person of that role.
        acts: whether it may change anything at all.
        lives: until it ends by itself; None: until it is taken back.

    Raises:
        NotAllowed: only an administrator may.
        InvalidInput: the name is missing or too long, or its life too long.
    """
    by.must(May.ADMINISTER)
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise InvalidInput(
            N_("Nama program harus diisi, paling panjang 80 huruf."), "name"
        )
    if lives is not None and not timedelta() < lives <= LONGEST_LIFE:
        raise InvalidInput(N_("Masa berlaku 1 sampai 366 hari."), "days")
    token = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(
        office_id=by.office_id,
        name=name,
        role=role,
        acts=acts,
        sha256=_hash(token),
        made_by=by.user_id,
        made_at=now,
        ends_at=None if lives is None else now + lives,
        counted_from=now,
    )
    number = work.api_tokens.add(row)
    may = f"{name}: {role.value}{', acts' if acts else ''}"
    work.audit.act(by, "office.api_token", ApiToken, number, now, may)
    return token


def end(work: Work, by: Person, token_id: int, now: datetime) -> None:
    """Take a token back; it opens nothing from now on.

    Raises:
        NotAllowed, NotFound: as named.
    """
    by.must(May.ADMINISTER)
    row = work.api_tokens.get(token_id)
    if row.ended_at is None:
        row.ended_at = now
        work.audit.act(by, "office.api_token_end", ApiToken, row.id, now, row.name)


def enter(store: Store, token: str, now: datetime) -> Program:
    """Find who calls, and count the call.

    Raises:
        Unknown: the token opens nothing: made up, over, taken back, or made by a person
            who is shut out.
        TooOften: it called too often in this minute.
    """
    if not token.startswith(PREFIX):
        raise Unknown("no token")
    with store.write(API) as work:
        row = work.api_tokens.by_hash(_hash(token))
        if row is None or not row.lives(now):
            raise Unknown("no token")
        maker = work.offices.user(row.made_by)
        if not maker.active:
            raise Unknown("its maker is shut out")
        calls = count(row, now)
        since = now - row.counted_from
        person = Person(maker.id, row.office_id, row.name, row.role, maker.language)
        program = Program(row.id, row.name, row.acts, person)
    if calls > MOST_CALLS:
        raise TooOften(WINDOW - since)
    return program


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
