"""What a Facebook Page alone wants: codes, unpublished photos, comments walked down."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collectors.facebook import FacebookCollector
from models.errors import Disconnected, Refused, TryLater, Uncertain
from models.problems import Problem
from models.speech import Page, open_gate
from sandbox.faults import FaultKind
from sandbox.site import Site
from tests.contract.answering import Asked, Said, answering
from tests.contract.network_kit import STATION, Desk, connect, desk, outgoing
from tests.contract.test_publishers import picture

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    with Site.start() as site:
        yield site


@pytest.fixture
def here(running: Site) -> Iterator[Desk]:
    running.reset()
    with desk("facebook", running) as opened:
        yield opened


def fails(here: Desk, code: int, status: int = 400, **headers: str) -> None:
    body = f'{{"error": {{"message": "tidak", "code": {code}}}}}'
    here.site.fault(
        FaultKind.ANSWER, here.write_path, status=status, body=body, headers=headers
    )


@pytest.mark.parametrize(
    ("code", "kind", "problem"),
    [
        (190, Disconnected, Problem.TOKEN_REFUSED),
        (10, Disconnected, Problem.SCOPE_MISSING),
        (200, Disconnected, Problem.SCOPE_MISSING),
        (4, TryLater, Problem.RATE_LIMITED),
        (80_001, TryLater, Problem.RATE_LIMITED),
        (1, Uncertain, Problem.SERVER_FAILED),
        (2, Uncertain, Problem.SERVER_FAILED),
        (368, Uncertain, Problem.SERVER_FAILED),  # "blocked", and perhaps it stands
        (506, Refused, Problem.DUPLICATE_TEXT),
        (100, Refused, Problem.CONTENT_REFUSED),
    ],
)
@pytest.mark.parametrize("status", [400, 403])
def test_a_code_says_what_follows_whatever_the_status_is(
    here: Desk, code: int, status: int, kind: type[Exception], problem: Problem
) -> None:
    fails(here, code, status)
    with pytest.raises(kind) as failed:
        here.publisher.publish(outgoing(), open_gate)
    assert type(failed.value) is kind
    assert getattr(failed.value, "problem") is problem  # noqa: B009 - of any kind
    assert here.texts() == []


@pytest.mark.parametrize(
    ("code", "subcode", "problem"),
    [
        (190, 459, Problem.ACCOUNT_CLOSED),
        (190, 464, Problem.ACCOUNT_CLOSED),
        (190, 460, Problem.TOKEN_REFUSED),  # the password was changed
        (190, 463, Problem.TOKEN_REFUSED),
    ],
)
def test_an_account_that_is_shut_is_told_from_a_token_that_ended(
    here: Desk, code: int, subcode: int, problem: Problem
) -> None:
    body = json.dumps({"error": {"code": code, "error_subcode": subcode}})
    here.site.fault(FaultKind.ANSWER, here.write_path, status=400, body=body)
    with pytest.raises(Disconnected) as failed:
        here.publisher.publish(here.ready(), open_gate)
    assert failed.value.problem is problem


def test_a_comment_that_is_gone_is_not_taken_for_an_account_that_is_gone(
    here: Desk,
) -> None:
    with pytest.raises(Refused):
        here.publisher.publish(outgoing("Pukul 08.00", reply_to="1_999"), open_gate)


def test_the_longest_time_of_the_usage_is_waited(here: Desk) -> None:
    usage = '{"1": [{"estimated_time_to_regain_access": 3}], "2": [{"type": "x"}]}'
    fails(here, 32, **{"X-Business-Use-Case-Usage": usage})
    with pytest.raises(TryLater) as failed:
        here.publisher.publish(outgoing(), open_gate)
    assert failed.value.wait == timedelta(minutes=3)


def test_pictures_are_seen_by_nobody_before_their_post(here: Desk) -> None:
    two = [picture(), picture()]
    media_ids = here.publisher.prepare(outgoing(), two).media_ids
    assert here.texts() == []
    here.publisher.prepare(outgoing(), [picture()])  # may be repeated
    here.publisher.publish(outgoing(media_ids=media_ids), open_gate)
    (post,) = here.site.posts(STATION)
    assert len(post.media_ids) == 2


def test_a_link_in_a_text_is_not_taken_for_a_picture(here: Desk) -> None:
    sent = outgoing("Lihat https://polri.go.id/sim")
    receipt = here.publisher.publish(sent, open_gate)
    found = here.publisher.look_up(sent)
    assert found is not None
    assert found.remote_id == receipt.remote_id


def test_a_persons_token_is_told_apart_when_it_is_connected(here: Desk) -> None:
    here.site.world.rules.facebook_person = True
    with pytest.raises(Disconnected) as failed:
        here.client.whoami()
    assert failed.value.problem is Problem.MAY_NOT_POST


def test_the_token_stands_in_no_address(here: Desk) -> None:
    here.publish_with(picture())
    here.publisher.look_up(outgoing())
    list(here.collector.pages(None))
    token = here.secrets["page_token"]
    assert len(here.site.requests()) > 4
    for entry in here.site.requests():
        assert token not in f"{entry.path}?{entry.query}"


# comments


def remark(number: int, second: int | None = None, **more: Any) -> dict[str, Any]:
    at = BEGIN + timedelta(seconds=number if second is None else second)
    return {
        "id": f"9_{number}",
        "message": f"suara {number}",
        "from": {"id": "7", "name": "Siti"},
        "created_time": at.strftime("%Y-%m-%dT%H:%M:%S+0000"),
    } | more


class Below:
    """Comments below one post, newest first, behind cursors that do not last."""

    def __init__(self, *remarks: dict[str, Any]) -> None:
        self.remarks = list(remarks)

    def __call__(self, asked: Asked) -> Said:
        if asked.path.endswith("/me"):
            return Said({"id": "1", "username": STATION, "category": "x"})
        page = self._page(asked.first("after"))
        if asked.path.endswith("/published_posts"):
            return Said({"data": [{"id": "1_9", "comments": page}]})
        return Said(page)

    def _page(self, after: str | None) -> dict[str, Any]:
        newest = sorted(self.remarks, key=lambda r: r["created_time"], reverse=True)
        start = int(after or 0)
        page: dict[str, Any] = {"data": newest[start : start + 25]}
        if start + 25 < len(newest):
            page["paging"] = {"cursors": {"after": str(start + 25)}, "next": "x"}
        return page


def numbers(pages: list[Page]) -> list[int]:
    return [int(i.remote_id.partition("_")[2]) for page in pages for i in page.items]


def test_comments_of_one_second_are_heard_once_and_all() -> None:
    below = Below(*(remark(n, second=5) for n in range(60)))
    with answering(below) as server:
        collector = FacebookCollector(connect("facebook", server.url))
        pages = list(collector.pages(None))
        assert sorted(numbers(pages)) == list(range(60))
        below.remarks.append(remark(99, second=5))
        assert numbers(list(collector.pages(pages[-1].next_cursor))) == [99]


def test_a_walk_that_breaks_off_goes_on_below_and_then_hears_the_newer() -> None:
    below = Below(*(remark(n) for n in range(90)))
    with answering(below) as server:
        collector = FacebookCollector(connect("facebook", server.url))
        first = next(collector.pages(None))
        below.remarks += [remark(n) for n in range(100, 140)]
        second = list(collector.pages(first.next_cursor))
        third = list(collector.pages(second[-1].next_cursor))
    assert sorted(numbers([first, *second])) == list(range(90))
    assert sorted(numbers(third)) == list(range(100, 140))


def test_own_comments_and_those_without_words_are_not_kept() -> None:
    below = Below(
        remark(1, **{"from": {"id": "1", "name": "Polres"}}),
        remark(2, message=""),
        remark(3),
    )
    with answering(below) as server:
        collector = FacebookCollector(connect("facebook", server.url))
        pages = list(collector.pages(None))
        assert numbers(pages) == [3]
        assert list(collector.pages(pages[-1].next_cursor)) == []


def test_an_answer_to_a_comment_names_that_comment(here: Desk) -> None:
    asked = here.write("jam berapa?")
    here.write("iya, jam berapa?", below=here.heard_id(asked))
    pages = list(here.collector.pages(None))
    answers = {item.text: item.in_reply_to for page in pages for item in page.items}
    assert answers["iya, jam berapa?"] == here.heard_id(asked)


def test_an_answer_to_a_comment_whose_answer_was_lost_is_found(here: Desk) -> None:
    asked = here.write("jam berapa?")
    sent = outgoing("Pukul 08.00", reply_to=here.heard_id(asked))
    here.site.cut_the_line_after_accepting("/v24.0/*/comments")
    with pytest.raises(Uncertain):
        here.publisher.publish(sent, open_gate)
    found = here.publisher.look_up(sent)
    assert found is not None
    assert found.remote_id == here.heard_id(here.site.posts(STATION)[-1])
