"""What Telegram alone wants: captions, albums, rights, and a queue that forgets."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from collectors.telegram import TelegramCollector
from models.errors import Disconnected, NetworkError, Refused, TryLater, Uncertain
from models.problems import Problem
from models.speech import Image, open_gate
from networks.telegram import channel_of
from sandbox.faults import FaultKind
from sandbox.site import Site
from tests.contract.answering import Asked, Said, answering
from tests.contract.network_kit import STATION, Desk, connect, desk, outgoing
from tests.contract.test_publishers import picture
from tests.pictures import jpeg

CHANNEL_ID = -1_001_000_000_001
GROUP_ID = -1_002_000_000_001


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    with Site.start() as site:
        yield site


@pytest.fixture
def here(running: Site) -> Iterator[Desk]:
    running.reset()
    with desk("telegram", running) as opened:
        yield opened


# which way a picture goes


@pytest.mark.parametrize(
    ("words", "pictures", "letters"),
    [
        ("a" * 1_008, 1, 1_024),  # with "\n\n[Gambar: Peta]" below it
        ("a" * 1_009, 0, 1_009),  # no room for both: the text alone
        ("a" * 4_096, 0, 4_096),
        ("👋" * 504, 1, 1_024),  # two units each
        ("👋" * 504 + "a", 0, 1_009),
    ],
)
def test_a_picture_goes_with_a_short_text_and_a_long_text_goes_alone(
    here: Desk, words: str, pictures: int, letters: int
) -> None:
    here.publish_with(picture("Peta"), text=words)
    (post,) = here.site.posts(STATION)
    assert len(post.media_ids) == pictures
    assert len(post.text.encode("utf-16-le")) // 2 == letters
    assert post.text.startswith(words)


def test_nothing_is_cut_when_even_the_text_alone_is_too_long(here: Desk) -> None:
    with pytest.raises(Refused) as failed:
        here.publish_with(picture("Peta"), text="a" * 4_097)
    assert failed.value.problem is Problem.TEXT_TOO_LONG
    assert here.writes() == 0


def test_ten_pictures_are_one_album_with_its_words_on_the_first(here: Desk) -> None:
    many = [picture(f"Foto {number}") for number in range(10)]
    here.publish_with(*many, text="Kegiatan hari ini")
    (post,) = here.site.posts(STATION)
    assert len(post.media_ids) == 10
    assert post.text.startswith("Kegiatan hari ini\n\n[Gambar: Foto 0]\n")
    assert here.writes() == 1


def test_a_picture_that_is_not_at_hand_is_never_left_out_in_silence(here: Desk) -> None:
    with pytest.raises(Refused) as failed:
        here.publisher.publish(outgoing(media_ids=(picture().sha256,)), open_gate)
    assert failed.value.problem is Problem.MEDIA_REFUSED
    assert here.writes() == 0


def test_a_picture_of_a_shape_that_telegram_does_not_take_is_refused(
    here: Desk,
) -> None:
    wide = Image(jpeg(2_100, 100), "image/jpeg", "0" * 64, "Spanduk")
    with pytest.raises(Refused) as failed:
        here.publish_with(wide)
    assert failed.value.problem is Problem.MEDIA_REFUSED


def test_markup_stands_as_it_was_written(here: Desk) -> None:
    words = "<b>5 > 3</b> & *tebal* _miring_ [tautan](https://polri.go.id) \\."
    here.publisher.publish(outgoing(words), open_gate)
    assert here.texts() == [words]


def test_parts_of_a_thread_answer_the_channels_own_message(here: Desk) -> None:
    first = here.publisher.publish(outgoing("satu"), open_gate)
    here.publisher.publish(outgoing("dua", reply_to=first.remote_id), open_gate)
    assert str(here.site.posts(STATION)[-1].draft.reply_to) == first.remote_id


# what the office set up


@pytest.mark.parametrize(
    ("status", "may_post", "problem"),
    [
        ("member", True, Problem.MAY_NOT_POST),
        ("left", True, Problem.MAY_NOT_POST),
        ("administrator", False, Problem.MAY_NOT_POST),
        ("administrator", True, None),
        ("creator", False, None),
    ],
)
def test_a_bot_that_may_not_post_is_told_apart_when_it_is_connected(
    here: Desk, status: str, may_post: bool, problem: Problem | None
) -> None:
    here.site.world.rules.telegram_status = status
    here.site.world.rules.telegram_may_post = may_post
    if problem is None:
        assert here.client.whoami() == STATION
        return
    with pytest.raises(Disconnected) as failed:
        here.client.whoami()
    assert failed.value.problem is problem


@pytest.mark.parametrize(("status", "may_post"), [("kicked", True), ("member", False)])
def test_a_bot_that_lost_its_right_holds_the_account_and_posts_nothing(
    here: Desk, status: str, may_post: bool
) -> None:
    here.site.world.rules.telegram_status = status
    here.site.world.rules.telegram_may_post = may_post
    with pytest.raises(Disconnected) as failed:
        here.publisher.publish(outgoing(), open_gate)
    assert failed.value.problem is Problem.MAY_NOT_POST
    assert here.texts() == []


def test_a_channel_that_is_not_there_is_named_as_such(here: Desk) -> None:
    wrong = dict(here.secrets) | {"channel": "@kanal_lain"}
    with pytest.raises(Disconnected) as failed:
        connect("telegram", here.site.url, wrong).whoami()
    assert failed.value.problem is Problem.CHANNEL_UNKNOWN


def test_a_group_is_no_channel(here: Desk) -> None:
    wrong = dict(here.secrets) | {"channel": str(here.client.group)}
    with pytest.raises(Disconnected) as failed:
        connect("telegram", here.site.url, wrong).whoami()
    assert failed.value.problem is Problem.CHANNEL_UNKNOWN


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("polres_sukamaju", "@polres_sukamaju"),
        ("@polres_sukamaju", "@polres_sukamaju"),
        ("https://t.me/polres_sukamaju", "@polres_sukamaju"),
        ("t.me/s/polres_sukamaju/", "@polres_sukamaju"),
        ("-1001234567890", "-1001234567890"),
    ],
)
def test_a_channel_is_understood_however_it_was_typed(typed: str, named: str) -> None:
    assert channel_of(typed) == named


@pytest.mark.parametrize("token", ["abc", "12:a/../b", "12:a?b=c", "12", ":abc"])
def test_a_token_that_would_change_the_address_is_never_sent(
    here: Desk, token: str
) -> None:
    with pytest.raises(Disconnected) as failed:
        connect("telegram", here.site.url, dict(here.secrets) | {"bot_token": token})
    assert failed.value.problem is Problem.TOKEN_REFUSED
    assert here.site.requests() == []


# the token stands in every address


@pytest.mark.parametrize(
    "kind",
    [FaultKind.ANSWER, FaultKind.ANSWER_AFTER, FaultKind.CUT, FaultKind.RESET_BEFORE],
)
def test_the_token_reaches_no_log_and_no_error(
    here: Desk, kind: FaultKind, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = here.secrets["bot_token"]
    here.site.fault(kind, here.write_path, status=500)
    with pytest.raises(NetworkError) as failed:
        here.publish_with(picture())
    here.site.fault(kind, "/bot*/getUpdates", status=302, headers={"Location": "/x"})
    with pytest.raises(NetworkError) as read:
        list(here.collector.pages(None))
    shown = [caplog.text, repr(here.client), repr(vars(here.client)["_door"])]
    for error in (failed.value, read.value):
        shown += [repr(error), str(error), repr(error.__cause__)]
        shown.append(repr(error.__context__))
    shown += [entry.path for entry in here.site.requests()]
    assert not any(token in text for text in shown)


def test_the_seconds_to_wait_are_read_from_the_answer_itself(here: Desk) -> None:
    body = '{"ok":false,"error_code":429,"parameters":{"retry_after":35}}'
    here.site.fault(FaultKind.ANSWER, here.write_path, status=429, body=body)
    with pytest.raises(TryLater) as failed:
        here.publisher.publish(outgoing(), open_gate)
    assert failed.value.wait is not None
    assert failed.value.wait.total_seconds() == 35


@pytest.mark.parametrize(
    "body",
    [
        '{"ok": true}',
        '{"ok": false}',
        '{"ok": true, "result": {}}',
        '{"ok": true, "result": []}',
        '{"ok": true, "result": {"message_id": 0, "date": 1, "chat": {"id": 1}}}',
        '{"ok": true, "result": {"message_id": "x", "date": 1, "chat": {"id": 1}}}',
    ],
)
def test_an_answer_without_a_message_is_uncertain(here: Desk, body: str) -> None:
    here.site.fault(FaultKind.ANSWER, here.write_path, status=200, body=body)
    with pytest.raises(Uncertain):
        here.publisher.publish(outgoing(), open_gate)


# hearing


class Queue:
    """A bot's queue as the Bot API keeps it: an offset deletes what lies below it."""

    def __init__(self, *updates: dict[str, Any]) -> None:
        self.waiting = list(updates)

    def __call__(self, asked: Asked) -> Said:
        if asked.path.endswith("/getChat"):
            chat = {"id": CHANNEL_ID, "type": "channel", "linked_chat_id": GROUP_ID}
            return Said({"ok": True, "result": chat})
        offset = asked.first("offset")
        if offset is not None:
            self.waiting = [u for u in self.waiting if u["update_id"] >= int(offset)]
        return Said({"ok": True, "result": self.waiting[:100]})


def said(number: int, update: int | None = None, **more: Any) -> dict[str, Any]:
    message = {
        "message_id": number,
        "date": 1_790_000_000,
        "chat": {"id": GROUP_ID, "type": "supergroup"},
        "from": {"id": 7, "first_name": "Siti", "username": "siti"},
        "text": f"suara {number}",
    } | more
    return {"update_id": 500 + number if update is None else update, "message": message}


def numbers(page: Any) -> list[int]:
    return [int(item.remote_id.partition(":")[2]) for item in page.items]


def test_a_page_is_confirmed_only_after_it_was_stored() -> None:
    queue = Queue(*(said(n) for n in range(1, 251)))
    with answering(queue) as server:
        collector = TelegramCollector(connect("telegram", server.url))
        pages = collector.pages(None)
        first = next(pages)
        assert len(queue.waiting) == 250, "nothing is gone before it is stored"
        second = next(pages)
        assert len(queue.waiting) == 150
        again = list(collector.pages(second.next_cursor))
    heard = numbers(first) + numbers(second)
    heard += [number for page in again for number in numbers(page)]
    assert heard == list(range(1, 251))
    assert queue.waiting == []


def test_numbers_that_begin_lower_after_a_silent_week_are_heard() -> None:
    queue = Queue(said(1, update=900_000))
    with answering(queue) as server:
        collector = TelegramCollector(connect("telegram", server.url))
        (page,) = collector.pages(None)
        queue.waiting = [said(2, update=4_000), said(3, update=4_001)]
        (later,) = collector.pages(page.next_cursor)
    assert numbers(later) == [2, 3]


def test_only_what_is_said_in_the_channels_own_group_is_kept() -> None:
    own = {"id": CHANNEL_ID, "type": "channel", "title": "Polres"}
    queue = Queue(
        said(1, chat={"id": 7, "type": "private"}),
        said(2, chat={"id": -100_999, "type": "supergroup"}),
        said(3, sender_chat=own),
        said(4, sender_chat=own, is_automatic_forward=True),
        said(5, text=None, new_chat_members=[{"id": 9}]),
        said(6, text=None, caption="lihat foto ini"),
        {"update_id": 507, "edited_message": {}},
        said(8, **{"from": {"id": 77, "first_name": "Budi", "last_name": "S"}}),
    )
    with answering(queue) as server:
        collector = TelegramCollector(connect("telegram", server.url))
        (page,) = collector.pages(None)
    assert numbers(page) == [6, 8]
    assert [item.text for item in page.items] == ["lihat foto ini", "suara 8"]
    assert (page.items[1].author, page.items[1].author_name) == ("77", "Budi S")


def test_a_channel_without_a_group_hears_nothing_and_ends(here: Desk) -> None:
    here.site.world.rules.telegram_group = False
    here.site.write("telegram", "siti", "halo")
    assert [item for page in here.collector.pages(None) for item in page.items] == []


def test_a_queue_that_another_program_reads_says_so(here: Desk) -> None:
    here.site.world.rules.telegram_webhook = True
    with pytest.raises(TryLater) as failed:
        list(here.collector.pages(None))
    assert failed.value.problem is Problem.READ_ELSEWHERE
