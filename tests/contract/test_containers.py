"""What Instagram and Threads want: containers, pictures they fetch, their own limits."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from models.errors import Refused, TryLater, Uncertain
from models.problems import Problem
from models.speech import Image, open_gate
from networks.capabilities import CountBy, ReadBack, TextLimit
from networks.counting import length
from sandbox.faults import FaultKind
from sandbox.site import Site
from tests.contract.network_kit import STATION, Desk, desk, outgoing
from tests.contract.test_publishers import picture

BOTH = ("instagram", "threads")


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    with Site.start() as site:
        yield site


@pytest.fixture(params=BOTH)
def here(request: pytest.FixtureRequest, running: Site) -> Iterator[Desk]:
    running.reset()
    with desk(request.param, running) as opened:
        yield opened


@pytest.fixture
def insta(running: Site) -> Iterator[Desk]:
    running.reset()
    with desk("instagram", running) as opened:
        yield opened


@pytest.fixture
def threads(running: Site) -> Iterator[Desk]:
    running.reset()
    with desk("threads", running) as opened:
        yield opened


def test_a_container_is_seen_by_nobody_and_lives_a_day(here: Desk) -> None:
    sent = here.ready()
    assert here.texts() == []
    way = here.client.capabilities.settles_by[0]
    assert isinstance(way, ReadBack)
    assert way.within is not None
    assert way.within < timedelta(hours=24)
    assert here.publisher.look_up(sent) is None


def test_a_container_that_is_still_good_is_kept(here: Desk) -> None:
    first = here.ready()
    made = len(here.site.requests("POST"))
    again = here.publisher.prepare(first, first.images)
    assert again.record_key == first.record_key
    assert len(here.site.requests("POST")) == made


def test_a_container_that_expired_is_made_anew(here: Desk) -> None:
    first = here.ready()
    here.site.forward(timedelta(hours=25))
    try:
        again = here.publisher.prepare(first, first.images)
    finally:
        here.site.forward(-timedelta(hours=25))
    assert again.record_key not in (None, first.record_key)


def test_bar_2_twenty_publishes_of_one_container_make_one_post(here: Desk) -> None:
    sent = here.ready()
    here.site.cut_the_line_after_accepting(here.write_path)
    for _ in range(20):
        with pytest.raises(Uncertain):
            here.publisher.publish(sent, open_gate)
    assert here.texts() == [sent.text]
    found = here.publisher.look_up(sent)
    assert found is not None
    assert found.remote_id == here.remote_id(here.site.posts(STATION)[0])


def test_a_block_that_was_answered_although_the_post_stands_is_uncertain(
    here: Desk,
) -> None:
    sent = here.ready()
    body = '{"error": {"message": "Action is blocked", "code": 368}}'
    here.site.fault(FaultKind.ANSWER_AFTER, here.write_path, status=400, body=body)
    with pytest.raises(Uncertain):
        here.publisher.publish(sent, open_gate)
    assert here.publisher.look_up(sent) is not None


def test_a_picture_that_is_fetched_slowly_is_waited_for(here: Desk) -> None:
    here.site.world.rules.container_polls = 1
    here.publish_with(picture())
    assert len(here.texts()) == 1


def test_without_a_public_address_nothing_is_sent(here: Desk) -> None:
    with pytest.raises(Refused) as failed:
        here.publisher.prepare(outgoing(), [picture()])
    assert failed.value.problem is Problem.NO_PUBLIC_ADDRESS
    assert here.site.requests("POST") == []


def test_an_address_that_nobody_answers_is_refused(here: Desk) -> None:
    lost = replace(picture(), address="http://127.0.0.1:9/tidak-ada.jpeg")
    with pytest.raises(Refused) as failed:
        here.publisher.prepare(outgoing(), [lost])
    assert failed.value.problem is Problem.MEDIA_REFUSED


def test_a_used_up_day_is_asked_for_before_anything_is_made(
    here: Desk,
) -> None:
    setattr(here.site.world.rules, f"{here.network}_daily", 0)
    with pytest.raises(TryLater) as failed:
        here.ready()
    assert failed.value.problem is Problem.RATE_LIMITED
    assert here.site.requests("POST") == []


def test_the_token_stands_in_no_address(here: Desk) -> None:
    here.publish_with(picture())
    list(here.collector.pages(None))
    (token,) = here.secrets.values()
    for entry in here.site.requests():
        assert token not in f"{entry.path}?{entry.query}"


def test_instagram_takes_no_text_alone(insta: Desk) -> None:
    with pytest.raises(Refused) as failed:
        insta.publisher.prepare(outgoing(), [])
    assert failed.value.problem is Problem.PICTURE_MISSING


@pytest.mark.parametrize("words", ["#a " * 31, "@a " * 21])
def test_instagram_takes_so_many_tags_and_mentions(insta: Desk, words: str) -> None:
    with pytest.raises(Refused) as failed:
        insta.ready(text=words)
    assert failed.value.problem is Problem.CONTENT_REFUSED


def test_instagram_takes_a_jpeg_only(insta: Desk) -> None:
    png = Image(b"\x89PNG\r\n\x1a\n" + bytes(40), "image/png", "0" * 64, "")
    with pytest.raises(Refused) as failed:
        insta.ready(png)
    assert failed.value.problem is Problem.MEDIA_REFUSED


def test_an_answer_to_a_comment_on_instagram_names_the_comment(insta: Desk) -> None:
    asked = insta.write("jam berapa?")
    insta.write("iya, jam berapa?", below=insta.heard_id(asked))
    heard = [one for page in insta.collector.pages(None) for one in page.items]
    answers = {one.text: one.in_reply_to for one in heard}
    assert answers["iya, jam berapa?"] == insta.heard_id(asked)
    cursor = list(insta.collector.pages(None))[-1].next_cursor
    assert list(insta.collector.pages(cursor)) == []


THREADS = TextLimit(longest=500, count_by=CountBy.EMOJI_BYTES, url_cost=0)


@pytest.mark.parametrize(
    ("words", "counted"),
    [
        ("a" * 500, 500),
        ("é" * 500, 500),
        ("漢" * 500, 500),
        ("👋" * 125, 500),
        ("👨‍👩‍👧‍👦", 25),
        ("🇮🇩", 8),
        ("©", 2),
    ],
)
def test_threads_counts_an_emoji_by_its_bytes(words: str, counted: int) -> None:
    assert length(words, THREADS) == counted


def test_threads_refuses_one_emoji_too_many_before_it_is_sent(threads: Desk) -> None:
    threads.publish_with(text="👋" * 125)
    with pytest.raises(Refused) as failed:
        threads.ready(text="👋" * 125 + "a")
    assert failed.value.problem is Problem.TEXT_TOO_LONG


def test_threads_takes_five_links(threads: Desk) -> None:
    links = [f"https://sukamaju.example/{n}" for n in range(6)]
    threads.publish_with(text=" ".join(links[:5]))
    with pytest.raises(Refused) as failed:
        threads.ready(text=" ".join(links))
    assert failed.value.problem is Problem.CONTENT_REFUSED
