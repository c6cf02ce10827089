"""What every network module offers: ``NAME``, ``CAPABILITIES`` and ``connect()``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from models.speech import Numbers
from networks.capabilities import Capabilities


class SessionStore(Protocol):
    """Keeps, sealed, what a network gives for a while in exchange for the secrets."""

    def read(self) -> str:
        """What was kept last; empty when there is nothing."""
        ...

    def keep(self, session: str) -> None:
        """Keep it in place of what was kept."""
        ...


class SessionInMemory:
    """For as long as the client lives, and no longer."""

    def __init__(self) -> None:
        self._session = ""

    def read(self) -> str:
        """What was kept last."""
        return self._session

    def keep(self, session: str) -> None:
        """Keep it."""
        self._session = session


@dataclass(frozen=True, slots=True)
class AccountSecret:
    """One account with its decrypted secrets; ``repr`` never shows them."""

    account_id: int
    network: str
    handle: str
    base_url: str = ""  # the instance; empty for the network's own host
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    session: SessionStore = field(default_factory=SessionInMemory, repr=False)


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """Times and sizes of every call; see ``config.settings`` for the defaults."""

    connect: timedelta = timedelta(seconds=10)
    read: timedelta = timedelta(seconds=20)
    total: timedelta = timedelta(seconds=40)
    max_bytes: int = 15 * 1024 * 1024
    inner_hosts: frozenset[str] = frozenset()  # "host:port" allowed though not public
    user_agent: str = "Kentongan/0.1"


class Purse(Protocol):
    """Guards the money: asked before every paid call."""

    def spend(self, action: str, count: int = 1) -> None:
        """Book ``count`` times the price of ``action`` (a row of ``prices.toml``).

        Reads are paid by what they bring, so the most is booked before the call and
        the rest given back after it, with a negative ``count``.

        Raises:
            TryLater: the office's cap for this month would be passed
                (``Problem.BUDGET_SPENT``); nothing was booked.
        """
        ...


class FreePurse:
    """For networks and tests that cost nothing."""

    def spend(self, action: str, count: int = 1) -> None:
        """Book nothing."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Secrets that a network gave in exchange for those that it knows; no repr."""

    secrets: Mapping[str, str] = field(repr=False)
    lives: timedelta | None = None  # from now on; None: untold


@dataclass(frozen=True, slots=True)
class TokenState:
    """What a network tells of a token: its end, if it has one, and what it permits."""

    ends_at: datetime | None = None
    lacks: tuple[str, ...] = ()  # of ``Capabilities.scopes``


class RenewsToken(Protocol):
    """A client whose network gives a fresh token (``TokenLife.renews``)."""

    def renew(self) -> Grant:
        """Ask for another token; the old one stays good until its own end.

        Raises:
            Disconnected, Refused, TryLater: as named; nothing changed.
        """
        ...


class TellsToken(Protocol):
    """A client whose network tells when its token ends, and no more."""

    def token_state(self) -> TokenState:
        """How the token stands.

        Raises:
            Disconnected, Refused, TryLater: as named.
        """
        ...


@runtime_checkable
class TellsQuota(Protocol):
    """A client whose network tells how many posts it still takes."""

    def posts_left(self) -> int:
        """How many more posts the account may make now; only reads.

        Raises:
            Disconnected, Refused, TryLater: as named.
        """
        ...


class TellsNumbers(Protocol):
    """A client whose network tells what the public did with a post."""

    def numbers(self, remote_ids: Sequence[str]) -> Mapping[str, Numbers | None]:
        """The numbers of posts now; None: the post is not there. Only reads.

        What is left out was not told: nothing is known of it.

        Args:
            remote_ids: at most ``Counts.a_call``.

        Raises:
            Disconnected, Refused, TryLater: as named.
        """
        ...


class Client(Protocol):
    """One account's client, serving both directions within one rate budget."""

    @property
    def capabilities(self) -> Capabilities:
        """What the network can do, with the instance's own limits."""
        ...

    def whoami(self) -> str:
        """The account's own handle; proves that the credentials work.

        Raises:
            Disconnected: the token is refused.
            TryLater: the network does not answer now.
        """
        ...

    def close(self) -> None:
        """Release connections."""
        ...
