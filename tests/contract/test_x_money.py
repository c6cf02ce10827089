"""What X may bill is booked before each call, and only what it bills stays booked."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from models.errors import NetworkError, TryLater, Unanswered
from models.problems import Problem
from models.speech import open_gate
from networks import x
from sandbox.faults import FaultKind
from sandbox.site import Site
from tests.contract.answering import Asked, Said, answering
from tests.contract.network_kit import STATION, connect, limits_for, outgoing

ERRORS = (401, 403, 404, 429, 500, 503)
ME = "/2/users/me"


@dataclass
class Books:
    """A purse that only counts."""

    booked: dict[str, int] = field(default_factory=dict)
    most: int = 0  # ever booked at once

    def spend(self, action: str, count: int = 1) -> None:
        self.booked[action] = self.booked.get(action, 0) + count
        self.most = max(self.most, self.booked[action])


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    with Site.start() as site:
        yield site


@pytest.fixture
def books() -> Books:
    return Books()


@pytest.fixture
def client(running: Site, books: Books) -> Iterator[Any]:
    running.reset()
    x._ids.clear()
    tokens = running.add_account("x", STATION)
    opened = connect("x", running.url, tokens.secrets, purse=books)
    yield opened
    opened.close()
    x._ids.clear()


READS: dict[str, tuple[str, str, Callable[[Any], object]]] = {
    "who": ("x.owned_read", ME, lambda one: one.whoami()),
    "own": (
        "x.owned_read",
        "/2/users/*/tweets",
        lambda one: one.own_posts(datetime.now(UTC)),
    ),
    "mentions": (
        "x.read",
        "/2/users/*/mentions",
        lambda one: one.mentions(since_id=None),
    ),
}


@pytest.fixture(params=READS)
def read(request: pytest.FixtureRequest, client: Any, books: Books) -> tuple[Any, ...]:
    """A read: its action, its path, and the call; the account's id is known."""
    if request.param != "who":
        client.whoami()
        books.booked.clear()
    return READS[request.param]


def test_who_we_are_is_one_read_of_our_own(client: Any, books: Books) -> None:
    client.whoami()
    assert books.booked == {"x.owned_read": 1}


@pytest.mark.parametrize("status", ERRORS)
def test_an_error_in_answer_to_a_read_costs_nothing(
    running: Site, client: Any, books: Books, read: tuple[Any, ...], status: int
) -> None:
    action, path, call = read
    body = '{"title": "Nope", "detail": "no"}'
    running.fault(FaultKind.ANSWER, path, status=status, body=body)
    with pytest.raises(NetworkError):
        call(client)
    assert books.booked == {action: 0}
    assert books.most > 0, "it was booked before the call"


def test_a_read_that_never_left_costs_nothing(books: Books) -> None:
    with Site.start() as site:
        tokens = site.add_account("x", STATION)
        client = connect("x", site.url, tokens.secrets, purse=books)
        site.stop()
        with pytest.raises(TryLater) as failed:
            client.whoami()
    assert not isinstance(failed.value, Unanswered)
    assert books.booked == {"x.owned_read": 0}


@pytest.mark.parametrize("how", ["cut", "truncate"])
def test_a_read_whose_answer_is_lost_stays_booked(
    running: Site, client: Any, books: Books, read: tuple[Any, ...], how: str
) -> None:
    action, path, call = read
    running.fault(how, path)
    with pytest.raises(Unanswered):
        call(client)
    assert books.booked[action] > 0


def test_an_unreadable_answer_to_a_read_stays_booked(
    running: Site, client: Any, books: Books
) -> None:
    running.fault(FaultKind.ANSWER, ME, status=200, body="<html>")
    with pytest.raises(Unanswered):
        client.whoami()
    assert books.booked == {"x.owned_read": 1}


def test_an_answer_that_is_too_long_stays_booked(books: Books) -> None:
    def answer(_asked: Asked) -> Said:
        return Said({"data": {"id": "1", "username": STATION, "name": "a" * 5_000}})

    with answering(answer) as server:
        from dataclasses import replace

        limits = replace(limits_for(server.url), max_bytes=1_000)
        client = connect("x", server.url, limits=limits, purse=books)
        with pytest.raises(Unanswered) as failed:
            client.whoami()
    assert failed.value.problem is Problem.TOO_LARGE
    assert books.booked == {"x.owned_read": 1}


def test_a_write_that_is_refused_costs_nothing_and_one_that_is_lost_stays_booked(
    running: Site, client: Any, books: Books
) -> None:
    running.fault(FaultKind.ANSWER, "/2/tweets", status=403, body='{"detail": "no"}')
    with pytest.raises(NetworkError):
        client.create_post(outgoing("satu"), open_gate)
    assert books.booked == {"x.post": 0}
    running.cut_the_line_after_accepting("/2/tweets")
    with pytest.raises(NetworkError):
        client.create_post(outgoing("dua"), open_gate)
    assert books.booked == {"x.post": 1}
