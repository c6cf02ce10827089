"""Bluesky alone: its session, its record keys, its facets, its notifications."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import regex

from collectors.bluesky import BlueskyCollector
from models.errors import Disconnected, Refused, TryLater, Uncertain
from models.problems import Problem
from models.speech import Image, open_gate
from networks.base import AccountSecret, FreePurse, SessionInMemory
from networks.bluesky import CAPABILITIES
from networks.bluesky import connect as open_client
from networks.bluesky_records import tid
from networks.bluesky_session import Session
from networks.bluesky_text import facets
from networks.counting import length
from publishers.bluesky import BlueskyPublisher
from sandbox.faults import FaultKind
from sandbox.rates import Allowance
from sandbox.site import Site
from tests.contract.answering import Asked, Said, answering
from tests.contract.network_kit import (
    STATION,
    Desk,
    connect,
    desk,
    limits_for,
    outgoing,
)
from tests.pictures import jpeg, noisy_jpeg

PUT = "/xrpc/com.atproto.repo.putRecord"
LOG_IN = "/xrpc/com.atproto.server.createSession"
REFRESH = "/xrpc/com.atproto.server.refreshSession"
NOTICES = "/xrpc/app.bsky.notification.listNotifications"


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    with Site.start() as site:
        yield site


@pytest.fixture
def here(running: Site) -> Iterator[Desk]:
    running.reset()
    with desk("bluesky", running) as opened:
        yield opened


# the record key


def test_a_key_is_thirteen_letters_that_sort_by_time() -> None:
    at = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
    keys = [tid(at + timedelta(microseconds=n)) for n in range(100)]
    assert keys == sorted(keys)
    assert len(set(keys)) == 100
    letters = regex.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")
    assert all(letters.fullmatch(key) for key in keys)
    assert tid(at, "satu") == tid(at, "satu") != tid(at, "dua")


def test_bar_2_twenty_repeats_after_a_lost_answer_make_one_post(here: Desk) -> None:
    prepared = here.publisher.prepare(outgoing(), [])
    sent = outgoing(record_key=prepared.record_key)
    here.site.cut_the_line_after_accepting(PUT)
    with pytest.raises(Uncertain):
        here.publisher.publish(sent, open_gate)
    assert here.publisher.look_up(sent) is not None
    receipts = {here.publisher.publish(sent, open_gate) for _ in range(20)}
    assert len(receipts) == len(here.texts()) == 1
    assert here.writes() == 21


def test_what_did_not_arrive_is_absent_and_goes_again_under_its_key(here: Desk) -> None:
    key = here.publisher.prepare(outgoing(), []).record_key
    sent = outgoing(record_key=key)
    here.site.fault(FaultKind.RESET_BEFORE, PUT)
    with pytest.raises(Uncertain):
        here.publisher.publish(sent, open_gate)
    assert here.publisher.look_up(sent) is None
    later = replace(sent, armed_at=datetime.now(UTC) + timedelta(minutes=1))
    receipt = here.publisher.publish(later, open_gate)
    assert receipt.remote_id.endswith(f"/{key}")
    found = here.publisher.look_up(later)
    assert found is not None
    assert (found.remote_id, found.url) == (receipt.remote_id, receipt.url)
    assert len(here.texts()) == 1


def test_a_key_that_was_kept_is_kept_when_it_is_prepared_again(here: Desk) -> None:
    first = here.publisher.prepare(outgoing(), [])
    again = here.publisher.prepare(outgoing(record_key=first.record_key), [])
    other = here.publisher.prepare(outgoing(), [])
    assert again.record_key == first.record_key != other.record_key


def test_a_post_is_taken_down_once_and_then_it_is_absent(here: Desk) -> None:
    key = here.publisher.prepare(outgoing(), []).record_key
    receipt = here.publisher.publish(outgoing(record_key=key), open_gate)
    for _ in range(2):
        here.client.delete(receipt.remote_id)
    assert here.texts() == []
    assert here.publisher.look_up(outgoing(record_key=key)) is None


# the session


def log_ins(here: Desk) -> int:
    return len(here.site.requests("POST", LOG_IN))


def secret_of(here: Desk, kept: SessionInMemory) -> AccountSecret:
    url, secrets = here.site.url, here.secrets
    return AccountSecret(1, "bluesky", STATION, url, secrets, session=kept)


def test_one_log_in_serves_every_client_that_keeps_the_session(here: Desk) -> None:
    kept = SessionInMemory()
    for _ in range(5):
        client = open_client(secret_of(here, kept), limits_for(here.site.url), None)
        BlueskyPublisher(client).publish(outgoing("satu"), open_gate)
    assert log_ins(here) == 1
    assert here.secrets["app_password"] not in kept.read()


def test_a_session_that_is_over_is_refreshed_and_not_begun_anew(here: Desk) -> None:
    here.client.whoami()
    here.site.forward(timedelta(hours=3))
    try:
        here.publisher.publish(outgoing(), open_gate)
    finally:
        here.site.forward(-timedelta(hours=3))
    assert (log_ins(here), len(here.site.requests("POST", REFRESH))) == (1, 1)
    assert len(here.texts()) == 1


def test_an_app_password_begins_a_session_when_none_can_be_refreshed(
    here: Desk,
) -> None:
    kept = SessionInMemory()
    kept.keep(str(Session("did:plc:x", "x", here.site.url, "e30.lama.x", "e30.tua.x")))
    client = open_client(secret_of(here, kept), limits_for(here.site.url), None)
    assert client.whoami() == STATION
    assert log_ins(here) == 1


def test_what_was_kept_and_is_no_session_is_passed_over(here: Desk) -> None:
    kept = SessionInMemory()
    kept.keep("[1]")
    client = open_client(secret_of(here, kept), limits_for(here.site.url), None)
    assert client.whoami() == STATION


def test_too_many_log_ins_rest_the_account(here: Desk) -> None:
    here.site.world.rules.bluesky_logins = Allowance(1, timedelta(minutes=5))
    here.client.whoami()
    other = connect("bluesky", here.site.url, here.secrets)
    with pytest.raises(TryLater) as failed:
        other.whoami()
    assert failed.value.wait is not None
    assert failed.value.wait > timedelta(minutes=4)


def test_a_wrong_app_password_disconnects(here: Desk) -> None:
    wrong = dict(here.secrets) | {"app_password": "salah-salah-salah"}
    with pytest.raises(Disconnected) as failed:
        connect("bluesky", here.site.url, wrong).whoami()
    assert failed.value.problem is Problem.TOKEN_REFUSED
    assert "salah" not in str(failed.value)


def test_a_session_s_tokens_stand_in_no_failure(here: Desk) -> None:
    kept = SessionInMemory()
    client = open_client(secret_of(here, kept), limits_for(here.site.url), None)
    client.whoami()
    tokens = [json.loads(kept.read())[name] for name in ("access", "refresh")]
    echoed = json.dumps({"error": "X", "message": " ".join(tokens)})
    here.site.fault(FaultKind.ANSWER, PUT, status=400, body=echoed)
    with pytest.raises(Refused) as failed:
        BlueskyPublisher(client).publish(outgoing(), open_gate)
    shown = str(failed.value) + repr(vars(client))
    assert not any(token in shown for token in tokens)


# the record


def record(here: Desk) -> dict[str, Any]:
    (post,) = here.site.posts(STATION)
    return here.site.world.bluesky.values[post.id]


def test_a_record_carries_language_time_and_links_by_bytes(here: Desk) -> None:
    here.site.write("bluesky", "siti", "halo")
    text = "Á 👮🏽‍♀️ cek www.polri.go.id. #SIMKeliling (https://a.example/b?c=1)"
    at = datetime(2026, 11, 24, 3, 4, 5, 678_901, tzinfo=UTC)
    here.publisher.publish(outgoing(text, armed_at=at), open_gate)
    made = record(here)
    assert made["langs"] == ["id"]
    assert made["createdAt"] == "2026-11-24T03:04:05.678Z"
    whole = text.encode()
    shown = [
        (
            whole[one["index"]["byteStart"] : one["index"]["byteEnd"]].decode(),
            {k: v for k, v in one["features"][0].items() if k != "$type"},
        )
        for one in made["facets"]
    ]
    assert shown == [
        ("www.polri.go.id", {"uri": "https://www.polri.go.id"}),
        ("#SIMKeliling", {"tag": "SIMKeliling"}),
        ("https://a.example/b?c=1", {"uri": "https://a.example/b?c=1"}),
    ]
    assert "embed" not in made
    assert "reply" not in made


def test_only_whom_the_network_knows_is_linked() -> None:
    known = {"siti.example": "did:plc:siti"}
    text = "@siti.example dan @budi.example, surel a@siti.example, @siti saja"
    (only,) = facets(text, known.get)
    assert only["index"] == {"byteStart": 0, "byteEnd": len("@siti.example")}
    assert only["features"][0]["did"] == "did:plc:siti"


@pytest.mark.parametrize(
    "text", ["#", "#1", "#!!", "a#b", "1.5 jam", "pukul 08.00.", ""]
)
def test_what_only_looks_like_a_link_or_a_tag_is_none(text: str) -> None:
    assert facets(text, lambda _: None) == []


def test_an_answer_in_a_thread_names_the_first_post_and_the_one_above(
    here: Desk,
) -> None:
    first = here.publisher.publish(outgoing("satu"), open_gate)
    second = here.publisher.publish(
        outgoing("dua", reply_to=first.remote_id), open_gate
    )
    here.publisher.publish(outgoing("tiga", reply_to=second.remote_id), open_gate)
    post = here.site.posts(STATION)[-1]
    reply = here.site.world.bluesky.values[post.id]["reply"]
    assert reply["root"]["uri"] == first.remote_id
    assert reply["parent"]["uri"] == second.remote_id


@pytest.mark.parametrize(
    "gone", ["bukan alamat", "at://did:plc:x/app.bsky.feed.post/1"]
)
def test_an_answer_to_what_is_gone_is_refused(here: Desk, gone: str) -> None:
    with pytest.raises(Refused):
        here.publisher.publish(outgoing(reply_to=gone), open_gate)
    assert here.writes() == 0


def test_a_picture_too_large_is_encoded_anew_until_it_fits(here: Desk) -> None:
    large = noisy_jpeg(1_600, 1_200)
    assert len(large) > CAPABILITIES.media.image_bytes
    image = Image(large, "image/jpeg", "a" * 64, "Peta")
    made = here.publisher.prepare(outgoing(), [image])
    here.publisher.publish(outgoing(media_ids=made.media_ids), open_gate)
    image_of = record(here)["embed"]["images"][0]
    assert image_of["image"]["size"] <= CAPABILITIES.media.image_bytes
    assert image_of["aspectRatio"] == {"width": 1_600, "height": 1_200}
    assert image_of["alt"] == "Peta"


def test_a_picture_that_the_network_lost_is_uploaded_anew(here: Desk) -> None:
    made = here.publisher.prepare(outgoing(), [Image(jpeg(), "image/jpeg", "", "")])
    here.site.world.bluesky.blobs.clear()
    with pytest.raises(TryLater) as failed:
        here.publisher.publish(outgoing(media_ids=made.media_ids), open_gate)
    assert failed.value.problem is Problem.MEDIA_REFUSED


def test_the_same_picture_of_two_accounts_stays_with_each(here: Desk) -> None:
    picture = [Image(jpeg(), "image/jpeg", "b" * 64, "Peta")]
    first = here.publisher.prepare(outgoing(), picture)
    tokens = here.site.add_account("bluesky", "polsek", "Polsek Sukamaju")
    theirs = AccountSecret(2, "bluesky", "polsek", here.site.url, tokens.secrets)
    limits = limits_for(here.site.url)
    with closing(open_client(theirs, limits, FreePurse())) as other:
        BlueskyPublisher(other).prepare(outgoing(), picture)
    here.publisher.publish(outgoing(media_ids=first.media_ids), open_gate)
    assert record(here)["embed"]["images"][0]["alt"] == "Peta"


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("a" * 300, 300),
        ("👨‍👩‍👧‍👦" * 120, 300),  # 25 bytes each: 3,000
        ("👨‍👩‍👧‍👦" * 121, 303),
        ("é" * 300, 300),
        ("https://polri.go.id/" + "a" * 281, 301),
    ],
)
def test_letters_and_bytes_are_both_counted(text: str, counted: int) -> None:
    assert length(text, CAPABILITIES.text) == counted


# hearing


def notice(number: int, minutes: float, **more: Any) -> dict[str, Any]:
    at = datetime(2026, 11, 24, 3, 0, tzinfo=UTC) + timedelta(minutes=minutes)
    value = {"$type": "app.bsky.feed.post", "text": f"suara {number}"}
    author = {"did": "did:plc:siti", "handle": "siti.example", "displayName": "Siti"}
    return {
        "uri": f"at://did:plc:siti/app.bsky.feed.post/{number}",
        "cid": f"bafy{number}",
        "author": author,
        "reason": "mention",
        "record": value | {"createdAt": at.isoformat(), "langs": ["id"]},
        "indexedAt": at.isoformat(),
    } | more


class Notices:
    """What an account is told, newest first by time, in pages of its own size."""

    def __init__(self, *told: dict[str, Any], size: int = 3) -> None:
        self.told = list(told)
        self.size = size
        self.walks = 0

    def __call__(self, asked: Asked) -> Said:
        if asked.path != NOTICES:
            tokens = {"accessJwt": "e30.masuk.x", "refreshJwt": "e30.segar.x"}
            return Said({"did": "did:plc:p", "handle": STATION} | tokens)
        self.walks += asked.first("cursor") is None
        ordered = sorted(self.told, key=lambda one: one["indexedAt"], reverse=True)
        start = int(asked.first("cursor") or 0)
        page = ordered[start : start + self.size]
        body: dict[str, Any] = {"notifications": page}
        if start + self.size < len(ordered):
            body["cursor"] = str(start + self.size)
        return Said(body)


def hear(url: str, cursor: str | None) -> tuple[list[str], str | None]:
    heard: list[str] = []
    for page in BlueskyCollector(connect("bluesky", url)).pages(cursor):
        heard += [item.text for item in page.items]
        cursor = page.next_cursor
    return heard, cursor


def test_what_appears_late_among_what_is_known_is_heard_once() -> None:
    notices = Notices(*(notice(n, minutes=n) for n in range(100, 110)))
    with answering(notices) as server:
        first, cursor = hear(server.url, None)
        assert len(first) == 10
        assert hear(server.url, cursor) == ([], cursor)
        notices.told.append(notice(7, minutes=60))  # 49 minutes below the newest
        late, cursor = hear(server.url, cursor)
        assert late == ["suara 7"]
        assert hear(server.url, cursor) == ([], cursor)


def test_a_walk_ends_an_hour_below_what_is_known() -> None:
    notices = Notices(*(notice(n, minutes=n * 10) for n in range(60)), size=5)
    with answering(notices) as server:
        first, cursor = hear(server.url, None)
        assert len(first) == 60
        before = len(server.asked)
        assert hear(server.url, cursor) == ([], cursor)
        pages = [one for one in server.asked[before:] if one.path == NOTICES]
        assert len(pages) == 2
    assert cursor is not None
    assert len(json.loads(cursor)["marks"]) == 7


def test_only_posts_that_speak_to_the_account_are_heard() -> None:
    like = {"$type": "app.bsky.feed.like", "subject": {}}
    notices = Notices(
        notice(1, 1, reason="like", record=like),
        notice(2, 2, reason="follow", record={"$type": "app.bsky.graph.follow"}),
        notice(3, 3, reason="quote"),
        notice(4, 4, reason="reply"),
        notice(5, 5, reason="repost"),
    )
    with answering(notices) as server:
        assert hear(server.url, None)[0] == ["suara 4", "suara 3"]
