"""A video on every network that takes one: over real HTTP, in pieces, never doubled."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import httpcore2
import pytest

from models.errors import (
    Disconnected,
    GateClosed,
    Refused,
    TryLater,
    Uncertain,
)
from models.problems import Problem
from models.speech import Outgoing, Video, open_gate
from networks.base import HttpLimits
from networks.wire import Body, Call, Wire
from sandbox.faults import FaultKind
from sandbox.site import Site
from tests.contract.answering import answering
from tests.contract.network_kit import (
    MEDIA,
    MODULES,
    NETWORKS,
    STATION,
    Desk,
    connect,
    desk,
    fetched_film,
    limits_for,
    outgoing,
)
from tests.contract.test_published_contracts import Contract, contract, x_api
from tests.videos import movie, picture, real_film, sound, video_of

TAKING = [name for name in NETWORKS if MODULES[name].CAPABILITIES.video is not None]
IN_CALL = {"telegram", "facebook"}  # the one call brings it and shows it
UPLOADING = [name for name in TAKING if name not in IN_CALL]
WORKING = [name for name in UPLOADING if name != "bluesky"]  # before the post stands
WRITES = {"facebook": "/v24.0/*/videos"}
ALT = "Petugas mengatur antrean di loket"

__all__ = ["contract"]  # a fixture


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    with Site.start() as site:
        yield site


@pytest.fixture(params=TAKING)
def here(request: pytest.FixtureRequest, running: Site) -> Iterator[Desk]:
    """The station's account on every network that takes a video."""
    running.reset()
    with desk(request.param, running) as opened:
        yield opened


@pytest.fixture(params=UPLOADING)
def uploading(request: pytest.FixtureRequest, running: Site) -> Iterator[Desk]:
    """An account on every network that takes a video before its post."""
    running.reset()
    with desk(request.param, running) as opened:
        yield opened


def ready(here: Desk, video: Video, **more: Any) -> Outgoing:
    """A post as the ledger arms it."""
    film = replace(video, address=fetched_film(video))
    post = outgoing(video=film, **more)
    made = here.publisher.prepare(post, ())
    return replace(post, media_ids=made.media_ids, record_key=made.record_key)


def write_path(here: Desk) -> str:
    return WRITES.get(here.network, here.write_path)


def closed() -> None:
    raise GateClosed(Problem.ACCOUNT_STOPPED)


def test_a_video_stands_with_its_words_byte_for_byte(here: Desk) -> None:
    video = video_of(real_film(), ALT)
    receipt = here.publisher.publish(ready(here, video), open_gate)
    (post,) = here.site.posts(STATION)
    (media,) = here.site.world.store.media_of(post.media_ids)
    assert media.media_type == "video/mp4"
    assert media.content == b"".join(video.pieces())
    assert receipt.remote_id == here.remote_id(post)
    known = here.client.capabilities.video
    assert known is not None
    match known.alt.value:
        case "field":
            assert media.alt == ALT
        case "in_text":
            assert post.text.endswith(f"\n\n[Video: {ALT}]")
        case _:
            assert media.alt == ""
            assert ALT not in post.text


def test_a_large_video_goes_in_pieces(here: Desk) -> None:
    """Nine mebibytes: several segments on X, several writes of one form elsewhere."""
    large = movie(picture(seconds=20.0, frames=500, weight=19_000), sound())
    video = video_of(large)
    assert video.facts.size > 9 * 1024 * 1024
    here.publisher.publish(ready(here, video), open_gate)
    (post,) = here.site.posts(STATION)
    (media,) = here.site.world.store.media_of(post.media_ids)
    assert media.content == b"".join(video.pieces())


@pytest.mark.parametrize("here", WORKING, indirect=True)
def test_a_video_is_waited_for_until_it_is_processed(here: Desk) -> None:
    here.site.world.rules.video_polls = 2
    stayed: list[int] = []
    video = replace(video_of(real_film()), stay=lambda: stayed.append(1))
    post = ready(here, video)
    assert len(stayed) >= 2, "the turn is kept while it lasts"
    here.publisher.publish(post, open_gate)
    assert len(here.site.posts(STATION)) == 1


def test_preparing_shows_nothing_and_may_be_repeated(uploading: Desk) -> None:
    video = video_of(real_film())
    for _ in range(2):
        post = ready(uploading, video)
        assert uploading.texts() == []
    uploading.publisher.publish(post, open_gate)
    assert len(uploading.texts()) == 1


def test_a_video_whose_answer_is_lost_may_be_sent_again(uploading: Desk) -> None:
    uploading.site.cut_the_line_after_accepting(MEDIA[uploading.network])
    video = video_of(real_film())
    with pytest.raises(TryLater):
        ready(uploading, video)
    assert ready(uploading, video).media_ids
    assert uploading.texts() == []


def test_a_lost_answer_is_uncertain_and_the_one_post_stands(here: Desk) -> None:
    post = ready(here, video_of(real_film()))
    here.site.cut_the_line_after_accepting(write_path(here))
    with pytest.raises(Uncertain):
        here.publisher.publish(post, open_gate)
    assert len(here.texts()) == 1
    if here.client.capabilities.settles_by:
        found = here.publisher.look_up(post)
        assert found is not None


def test_a_closed_gate_sends_nothing(here: Desk) -> None:
    post = ready(here, video_of(real_film()))
    with pytest.raises(GateClosed):
        here.publisher.publish(post, closed)
    assert here.texts() == []


def test_a_turn_that_is_lost_while_a_video_is_read_leaves_nothing(here: Desk) -> None:
    def lost() -> Iterator[bytes]:
        yield real_film()[:1_000]
        raise TryLater(Problem.LEASE_LOST)

    whole = video_of(real_film())
    post = ready(here, whole) if here.network not in UPLOADING else None
    broken = replace(whole, pieces=lost)
    with pytest.raises(TryLater) as failed:
        if post is None:
            if here.client.capabilities.fetches_pictures:
                raise TryLater(Problem.LEASE_LOST)  # the network reads it, not we
            ready(here, broken)
        else:
            here.publisher.publish(replace(post, video=broken), open_gate)
    assert failed.value.problem is Problem.LEASE_LOST
    assert here.texts() == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"size": 2**33}, Problem.VIDEO_TOO_LARGE),
        ({"milliseconds": 40_000_000}, Problem.VIDEO_LENGTH),
        ({"video": "mpeg4"}, Problem.VIDEO_CODEC),
        ({"frame_rate": 240.0}, Problem.VIDEO_SHAPE),
    ],
)
def test_what_a_network_does_not_take_is_refused_before_a_byte_is_sent(
    here: Desk, change: dict[str, Any], problem: Problem
) -> None:
    video = video_of(real_film())
    other = replace(video, facts=replace(video.facts, **change))
    here.client.whoami()
    before = len(here.site.requests())
    with pytest.raises(Refused) as failed:
        here.publisher.prepare(outgoing(video=other), ())
    assert failed.value.problem is problem
    assert len(here.site.requests()) == before


def test_a_file_that_the_network_cannot_use_is_refused(here: Desk) -> None:
    good = video_of(real_film())
    rubbish = b"\0\0\0\x08ftyp" + bytes(good.facts.size - 8)
    bad = replace(good, sha256="0" * 64, pieces=lambda: iter([rubbish]))
    with pytest.raises(Refused) as failed:
        here.publisher.publish(ready(here, bad), open_gate)
    assert failed.value.problem is Problem.MEDIA_REFUSED
    assert here.texts() == []


def test_a_revoked_token_disconnects(here: Desk) -> None:
    here.site.revoke(here.network, STATION)
    with pytest.raises(Disconnected):
        here.publisher.publish(ready(here, video_of(real_film())), open_gate)


def test_every_request_with_a_video_to_x_follows_the_published_contract(
    contract: dict[str, Any],
) -> None:
    large = movie(picture(seconds=9.0, frames=250, weight=19_000))
    with answering(x_api) as server:
        client = connect("x", server.url)
        client.upload_video(video_of(large))
        client.close()
        asked = list(server.asked)
    rules = Contract(contract)
    broken = {f"{one.method} {one.path}": rules.faults(one) for one in asked}
    assert {where: faults for where, faults in broken.items() if faults} == {}
    assert [one.path.rpartition("/")[2] for one in asked] == [
        "initialize",
        "append",
        "append",
        "finalize",
        "upload",
    ]
    assert b'"tweet_video"' in asked[0].body


# the wire: what is sent in pieces


class Ear:
    """A server that reads as much as it wants, then says something or hangs up."""

    def __init__(self, reads: int, says: bytes = b"") -> None:
        self._reads, self._says = reads, says
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = self._door.getsockname()[1]
        self.heard = b""
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        line, _ = self._door.accept()
        with line:
            while len(self.heard) < self._reads:
                some = line.recv(65_536)
                if not some:
                    break
                self.heard += some
            line.sendall(self._says)

    def end(self) -> bytes:
        self._thread.join(5)
        self._door.close()
        return self.heard


def sent(ear: Ear, body: Body, gate: Callable[[], None] = open_gate) -> int:
    limits: HttpLimits = limits_for(f"http://127.0.0.1:{ear.port}")
    url = httpcore2.URL(scheme=b"http", host=b"127.0.0.1", port=ear.port, target=b"/")
    headers = ((b"host", b"x"), (b"content-length", b"%d" % len(body)))
    call = Call("POST", url, headers, body, gate, publishes=True)
    return Wire(limits).exchange(call).status


def of(*pieces: bytes) -> Body:
    return Body(sum(map(len, pieces)), lambda: iter(pieces))


ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


def test_the_last_look_is_before_the_last_piece() -> None:
    ear = Ear(10**6, ANSWER)
    seen: list[bytes] = []

    def look() -> None:
        time.sleep(0.2)  # until what left has arrived
        seen.append(ear.heard)
        raise GateClosed(Problem.ALL_STOPPED)

    with pytest.raises(GateClosed):
        sent(ear, of(b"satu", b"dua", b"akhir"), look)
    assert ear.end().endswith(b"satudua")
    assert seen[0].endswith(b"satudua")


def test_a_line_that_breaks_before_the_last_piece_did_nothing() -> None:
    ear = Ear(1)
    pieces = [b"x" * 1_000_000] * 30
    with pytest.raises(TryLater):
        sent(ear, of(*pieces, b"akhir"))
    assert b"akhir" not in ear.end()


def test_a_line_that_breaks_after_the_last_piece_is_uncertain() -> None:
    ear = Ear(60)
    with pytest.raises(Uncertain):
        sent(ear, of(b"satu", b"dua", b"akhir"))
    assert ear.end().endswith(b"akhir")


def test_a_refusal_in_the_middle_is_heard() -> None:
    ear = Ear(10, b"HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n")
    body = of(*[b"x" * 1_000_000] * 30)
    with suppress(TryLater):  # the line was reset before it was read: nothing happened
        assert sent(ear, body) == 413
    ear.end()


def test_a_body_that_is_not_as_long_as_it_said_never_ends() -> None:
    ear = Ear(10**6, ANSWER)
    short = Body(20, lambda: iter([b"satu", b"dua"]))
    with pytest.raises(TryLater) as failed:
        sent(ear, short)
    assert failed.value.problem is Problem.OUR_FAULT
    assert not ear.end().endswith(b"dua")


def test_telegram_is_given_no_whole_request_before_the_last_look(running: Site) -> None:
    running.reset()
    with desk("telegram", running) as here:
        post = ready(here, video_of(real_film()))
        with pytest.raises(GateClosed):
            here.publisher.publish(post, closed)
        while not here.writes():  # its head has arrived
            time.sleep(0.01)
        fault = FaultKind.ANSWER
        running.fault(fault, here.write_path, status=429, headers={"Retry-After": "7"})
        with pytest.raises(TryLater):
            here.publisher.publish(post, open_gate)
        assert here.texts() == []
        here.publisher.publish(post, open_gate)
        assert len(here.texts()) == 1
