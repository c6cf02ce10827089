"""The guarded door for libraries that bring ``requests``: tweepy and Mastodon.py.

Every request of theirs goes through :class:`networks.wire.Wire`: the same address
guard, total deadline and size cap, one fresh connection, no redirect and no retry.
An answer that is an error becomes one of the four errors here, before the library
sees it, so that what the library makes of it does not matter.
"""

import io
import logging
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpcore2
import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers

from models.errors import (
    Disconnected,
    GateClosed,
    NetworkError,
    Refused,
    Unanswered,
    Uncertain,
)
from models.problems import Problem
from models.speech import Gate, open_gate
from networks.base import AccountSecret, HttpLimits
from networks.wire import Body, Call, Raw, Wire

log = logging.getLogger(__name__)

# What these write below WARNING holds tokens (requests_oauthlib) and whole answers.
_TALKATIVE = ("tweepy", "requests_oauthlib", "oauthlib", "httpcore2", "urllib3")
_MOST_HIDDEN = 20  # a session that is renewed all day does not grow the list
_UNTRACED = frozenset({"connection", "accept-encoding", "host", "user-agent"})


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as a network's own ``judge`` sees it."""

    status: int
    headers: Mapping[str, str]  # names in any case
    body: bytes = field(repr=False)
    path: str = field(repr=False)  # a network may want a secret in it
    writes: bool
    publishes: bool
    deletes: bool = False


Judge = Callable[[Reply], NetworkError | None]
"""Tells what an answer means for the caller; None when it is fine."""


@dataclass(slots=True)
class _Errand:
    """What the current thread is about to do, and what became of it."""

    publishes: bool
    gate: Gate
    failure: Exception | None = None  # of the way to the network, or of the gate
    asked: bool = False  # a request was built and is on its way
    answered: bool = False


def usable_secrets(account: AccountSecret, names: Sequence[str]) -> dict[str, str]:
    """Return the secrets of an account by name, without blanks around them.

    Raises:
        Disconnected: one is missing, or could not stand in a header.
    """
    found = {name: account.secrets.get(name, "").strip() for name in names}
    for name, value in found.items():
        if not value or not all("!" <= letter <= "~" for letter in value):
            raise Disconnected(Problem.TOKEN_REFUSED, f"{name} is missing or unusable")
    return found


class GuardedAdapter(BaseAdapter):
    """Carries the requests of one account; mount it for every address.

    Args:
        limits: times and sizes.
        judge: the network's reading of an answer.
        hidden: secrets that must not stand in any message.
        rebase: ``(from, to)`` addresses; what is meant for the first goes to the
            second (a sandbox, an emulator, a proxy of the office).
    """

    def __init__(
        self,
        limits: HttpLimits,
        judge: Judge,
        hidden: Iterable[str] = (),
        rebase: tuple[str, str] | None = None,
    ) -> None:
        super().__init__()
        self._hidden = tuple(secret.encode() for secret in hidden if secret)
        self._limits = limits
        self._wire = Wire(limits)
        self._judge = judge
        self._rebase = rebase
        self._local = threading.local()
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)

    def hide(self, *secrets: str) -> None:
        """Let these, which came later, stand in no message either."""
        fresh = {secret.encode() for secret in secrets if secret} - set(self._hidden)
        self._hidden = (*self._hidden[-_MOST_HIDDEN:], *fresh)

    def session(self) -> requests.Session:
        """Return a session that knows no other way out than this one."""
        return self.take_over(requests.Session())

    def take_over(self, session: requests.Session) -> requests.Session:
        """Make ``session`` use this way only; the environment is not asked."""
        session.trust_env = False  # no proxy, no .netrc that would replace the token
        session.adapters.clear()
        session.mount("https://", self)
        session.mount("http://", self)
        return session

    @contextmanager
    def errand(
        self, *, publishes: bool = False, gate: Gate = open_gate
    ) -> Iterator[None]:
        """Run calls of a library in this thread, every failure being one of ours.

        Args:
            publishes: whether a lost answer may leave something in public.
            gate: the last look, called immediately before a write's first byte.

        Raises:
            GateClosed, TryLater, Disconnected, Refused, Uncertain: as named. Refused
                too when no request can be built of what is to be sent.
            Whatever the gate itself raises: a fault of ours is not the network's.
        """
        errand = _Errand(publishes, gate)
        self._local.errand = errand
        try:
            yield
        except (GateClosed, NetworkError):
            raise
        except Exception as error:  # noqa: BLE001 - a library may raise anything
            raise _translated(error, errand) from None
        finally:
            self._local.errand = None

    def send(
        self, request: requests.PreparedRequest, *_args: object, **_options: object
    ) -> requests.Response:
        """Carry one prepared request; called by ``requests.Session``."""
        errand = getattr(self._local, "errand", None) or _Errand(False, open_gate)
        errand.asked = False
        call = self._call(request, errand)
        errand.asked = True
        try:
            raw = self._wire.exchange(call)
            self._check(raw, call)
        except Refused as error:
            errand.failure = _of_the_account(error)
            raise errand.failure from None
        except Exception as error:  # the library must not put its own in its place
            errand.failure = error
            raise
        errand.answered = call.gate is not None
        return _response(request, raw)

    def close(self) -> None:
        """Nothing is kept open."""

    def _call(self, request: requests.PreparedRequest, errand: _Errand) -> Call:
        writes = request.method not in {"GET", "HEAD"}
        return Call(
            method=str(request.method),
            url=self._address(str(request.url)),
            headers=self._headers(request),
            body=_body(request),
            gate=errand.gate if writes else None,
            publishes=errand.publishes and writes,
        )

    def _check(self, raw: Raw, call: Call) -> None:
        reply = Reply(
            status=raw.status,
            headers=CaseInsensitiveDict(raw.headers),
            body=self._without_secrets(raw.body),
            path=call.url.target.decode("ascii").partition("?")[0],
            writes=call.gate is not None,
            publishes=call.publishes,
            deletes=call.method == "DELETE",
        )
        error = _redirected(reply) or self._judge(reply)
        if error is not None:
            raise error

    def _without_secrets(self, body: bytes) -> bytes:
        """A server may repeat what it was sent; its words end in our log."""
        for secret in self._hidden:
            body = body.replace(secret, b"***")
        return body

    def _address(self, url: str) -> httpcore2.URL:
        if self._rebase and url.startswith(self._rebase[0]):
            url = self._rebase[1].rstrip("/") + url.removeprefix(self._rebase[0])
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return httpcore2.URL(
            scheme=parts.scheme,
            host=parts.hostname or "",
            port=parts.port,
            target=target,
        )

    def _headers(
        self, request: requests.PreparedRequest
    ) -> tuple[tuple[bytes, bytes], ...]:
        url = self._address(str(request.url))
        host = url.host if url.port is None else url.host + b":%d" % url.port
        own = (
            (b"host", host),
            (b"user-agent", self._limits.user_agent.encode()),
            (b"accept-encoding", b"gzip, deflate"),
            (b"connection", b"close"),
        )
        given = ((_bytes(k), _bytes(v)) for k, v in request.headers.items())
        kept = (pair for pair in given if pair[0].lower().decode() not in _UNTRACED)
        return (*own, *kept)


def _redirected(reply: Reply) -> NetworkError | None:
    """An API that sends us elsewhere is not followed: the address is wrong."""
    if 300 <= reply.status < 400:
        return Disconnected(Problem.ADDRESS_INVALID, f"redirect {reply.status}")
    return None


def _of_the_account(error: Refused) -> NetworkError:
    """A refused address or answer is no fault of the content."""
    if error.problem in {Problem.ADDRESS_REFUSED, Problem.ADDRESS_INVALID}:
        return Disconnected(error.problem, error.detail)
    if error.problem in {Problem.TOO_LARGE, Problem.FEED_UNREADABLE}:
        return Unanswered(error.problem, error.detail)
    return error


def _translated(error: Exception, errand: _Errand) -> Exception:
    """Find the real failure behind what a library made of it.

    The library's own words are not repeated: they may hold a header or an answer.
    """
    if errand.failure is not None:
        return errand.failure
    name = type(error).__name__
    if errand.publishes and errand.answered:
        return Uncertain(Problem.ANSWER_LOST, f"unreadable answer ({name})")
    if errand.asked:
        return Unanswered(Problem.SERVER_FAILED, f"unreadable answer ({name})")
    log.error("no request could be built: %s at %s", name, _place(error))
    return Refused(Problem.CONTENT_REFUSED, f"no request can be built of it ({name})")


def _place(error: Exception) -> str:
    """File and line where it was raised: all that can be said without a value."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "?"


def _response(request: requests.PreparedRequest, raw: Raw) -> requests.Response:
    response = requests.Response()
    response.status_code = raw.status
    response.reason = raw.reason
    response.headers = CaseInsensitiveDict(raw.headers)
    response.encoding = get_encoding_from_headers(response.headers)
    response.raw = io.BytesIO(raw.body)
    response.url = str(request.url)
    response.request = request
    return response


def _body(request: requests.PreparedRequest) -> bytes | Body:
    body: Any = request.body
    if body is None:
        return b""
    if isinstance(body, Body):
        return body
    return body.encode() if isinstance(body, str) else bytes(body)


def _bytes(text: str | bytes) -> bytes:
    return text.encode("latin-1") if isinstance(text, str) else text
