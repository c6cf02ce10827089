"""What the public did with a post, read back as each network tells it."""

from collections.abc import Iterator

import pytest

from models.errors import Disconnected, TryLater
from models.problems import Problem
from models.speech import Number, Numbers, open_gate
from pipeline import wiring
from sandbox.faults import FaultKind
from sandbox.site import Site
from sandbox.store import Post
from tests.contract.network_kit import NETWORKS, STATION, Desk, desk

READERS = [name for name in NETWORKS if name != "telegram"]
READ = {
    "x": "/2/tweets",
    "mastodon": "/api/v1/statuses/*",
    "bluesky": "/xrpc/app.bsky.feed.getPosts",
    "facebook": "/v24.0/*_*",
    "instagram": "/v23.0/*",
    "threads": "/v1.0/*/insights",
}


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    with Site.start() as site:
        yield site


@pytest.fixture(params=READERS)
def office(request: pytest.FixtureRequest, running: Site) -> Iterator[Desk]:
    running.reset()
    with desk(request.param, running) as opened:
        yield opened


def published(office: Desk, *texts: str) -> list[Post]:
    for text in texts:
        office.publish_with(text=text)
    return office.site.posts(STATION)


def told(office: Desk, *posts: Post) -> dict[str, Numbers | None]:
    ids = [office.remote_id(post) for post in posts]
    found: dict[str, Numbers | None] = dict(office.client.numbers(ids))
    return found


def test_only_telegram_and_the_doors_of_the_station_tell_no_numbers() -> None:
    known = {one.name: one.numbers for one in wiring.all_capabilities()}
    assert {name for name, counts in known.items() if counts} == set(READERS)


def test_the_numbers_are_those_of_the_network_and_no_others(office: Desk) -> None:
    (post,) = published(office, "SIM keliling Kamis.")
    office.site.count(post.id, likes=12, reposts=3, quotes=2, views=480)
    office.write("Jam berapa?", below=office.remote_id(post))
    found = told(office, post)[office.remote_id(post)]
    assert found is not None
    counts = office.client.capabilities.numbers
    assert counts is not None
    all_of_them = Numbers(views=480, likes=12, reposts=3, quotes=2, replies=1)
    for number in Number:
        expected = getattr(all_of_them, number) if number in counts.tells else None
        assert getattr(found, number) == expected, number


def test_a_post_that_is_gone_is_told_apart_from_one_that_stands(office: Desk) -> None:
    gone, stands = published(office, "Yang pertama.", "Yang kedua.")
    office.site.delete(gone.id)
    if office.network == "bluesky":
        office.site.world.bluesky.posts.pop((gone.author_id, office.number(gone)), None)
    most = office.client.capabilities.numbers.a_call
    groups = [(gone, stands)] if most > 1 else [(gone,), (stands,)]
    found: dict[str, Numbers | None] = {}
    for group in groups:
        found |= told(office, *group)
    assert found[office.remote_id(gone)] is None
    assert found[office.remote_id(stands)] is not None


def test_a_server_that_fails_says_nothing_about_the_post(office: Desk) -> None:
    (post,) = published(office, "SIM keliling Kamis.")
    office.site.fault(FaultKind.ANSWER, READ[office.network], status=500, times=2)
    with pytest.raises(TryLater):
        told(office, post)


def test_a_revoked_token_is_no_sign_that_a_post_is_gone(office: Desk) -> None:
    (post,) = published(office, "SIM keliling Kamis.")
    office.site.revoke(office.network, STATION)
    with pytest.raises(Disconnected):
        told(office, post)


def test_as_many_posts_go_into_a_call_as_the_network_takes(office: Desk) -> None:
    texts = [f"Nomor {number}." for number in range(3)]
    posts = published(office, *texts)
    before = len(office.site.requests("GET"))
    found = told(office, *posts)
    assert len(found) == len(texts)
    most = office.client.capabilities.numbers.a_call
    assert len(office.site.requests("GET")) - before == (1 if most > 1 else len(texts))


def test_threads_needs_a_permission_of_its_own(running: Site) -> None:
    running.reset()
    with desk("threads", running) as office:
        (post,) = published(office, "SIM keliling Kamis.")
        running.world.rules.threads_insights = False
        with pytest.raises(Disconnected) as raised:
            told(office, post)
        assert raised.value.problem is Problem.SCOPE_MISSING


def test_an_answer_of_the_page_is_counted_as_a_comment(running: Site) -> None:
    running.reset()
    with desk("facebook", running) as office:
        office.publish_with(text="SIM keliling Kamis.")
        first = office.remote_id(running.posts(STATION)[0])
        answer = office.publisher.publish(
            office.ready(text="Ralat: Jumat.", reply_to=first), open_gate
        )
        running.count(answer.remote_id.rpartition("_")[2], likes=4)
        found = office.client.numbers([answer.remote_id])
        assert found == {answer.remote_id: Numbers(likes=4, replies=0)}


def test_a_field_that_is_refused_while_the_post_stands_does_not_make_it_gone(
    running: Site,
) -> None:
    running.reset()
    with desk("instagram", running) as office:
        (post,) = published(office, "SIM keliling Kamis.")
        body = '{"error": {"message": "(#100) nonexistent field", "code": 100}}'
        path = f"/v23.0/{post.id}"
        running.fault(FaultKind.ANSWER, path, status=400, body=body)
        with pytest.raises(Exception) as raised:
            told(office, post)
        assert "nonexistent" in str(raised.value)
