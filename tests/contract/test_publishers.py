"""What every publisher keeps to: one suite, each network, over real HTTP."""

import hashlib
import io
import time
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image as Pillow

from models.errors import (
    Disconnected,
    GateClosed,
    NetworkError,
    Refused,
    TryLater,
    Uncertain,
)
from models.problems import Problem
from models.speech import Image, open_gate
from networks.capabilities import Capabilities, LookUp, ReadBack, Replay
from networks.images import fitted
from sandbox.faults import FaultKind
from sandbox.rates import Allowance
from sandbox.site import Site
from tests.contract.network_kit import (
    MEDIA,
    MODULES,
    NETWORKS,
    STATION,
    Desk,
    closed_as,
    connect,
    desk,
    limits_for,
    outgoing,
)
from tests.pictures import encoded, jpeg, photo

LINK = "Jadwal: https://polri.go.id/jadwal?a=1&b=2 & #SIM, sampai besok."


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    with Site.start() as site:
        yield site


@pytest.fixture(params=NETWORKS)
def here(request: pytest.FixtureRequest, running: Site) -> Iterator[Desk]:
    """The station's account on every network."""
    running.reset()
    with desk(request.param, running) as opened:
        yield opened


def networks_that(fit: Callable[[Capabilities], bool]) -> list[str]:
    return [name for name in NETWORKS if fit(MODULES[name].CAPABILITIES)]


UPLOADING = networks_that(lambda known: not known.pictures_in_call)
LOOKING = networks_that(
    lambda known: any(isinstance(way, LookUp | ReadBack) for way in known.settles_by)
)


THREADING = networks_that(lambda known: known.threads)


@pytest.fixture(params=UPLOADING)
def uploading(request: pytest.FixtureRequest, running: Site) -> Iterator[Desk]:
    """An account on every network that takes a picture before its post."""
    running.reset()
    with desk(request.param, running) as opened:
        yield opened


@pytest.fixture(params=LOOKING)
def looking(request: pytest.FixtureRequest, running: Site) -> Iterator[Desk]:
    """An account on every network that can be asked whether a post stands."""
    running.reset()
    with desk(request.param, running) as opened:
        yield opened


def picture(alt: str = "Peta lokasi SIM keliling") -> Image:
    content = jpeg()
    return Image(content, "image/jpeg", hashlib.sha256(content).hexdigest(), alt)


def closed() -> None:
    raise GateClosed(Problem.ACCOUNT_STOPPED)


# what is sent stands


def test_the_account_says_who_it_is(here: Desk) -> None:
    assert here.client.whoami() == STATION


def test_a_post_stands_word_for_word_and_its_receipt_leads_to_it(here: Desk) -> None:
    receipt = here.publisher.publish(here.ready(text=LINK), open_gate)
    (post,) = here.site.posts(STATION)
    assert post.text == LINK
    assert receipt.remote_id == here.remote_id(post)
    assert receipt.url.startswith(here.site.url)
    assert receipt.url.endswith(here.number(post))


def test_a_picture_stands_with_its_alt_text(here: Desk) -> None:
    here.publish_with(picture("Peta"), picture("Loket"))
    (post,) = here.site.posts(STATION)
    media = here.site.world.store.media_of(post.media_ids)
    if here.client.capabilities.media.alt_in_text:
        assert post.text.endswith("\n\n[Gambar: Peta]\n[Gambar: Loket]")
    else:
        assert [each.alt for each in media] == ["Peta", "Loket"]
    assert [each.content for each in media] == [jpeg(), jpeg()]


@pytest.fixture(scope="module")
def large() -> Image:
    """A PNG of more bytes than any network takes."""
    content = encoded(photo(4_000, 3_000), "PNG", compress_level=1)
    return Image(content, "image/png", hashlib.sha256(content).hexdigest(), "Peta")


def test_a_picture_above_the_limit_arrives_as_a_wide_jpeg_that_fits(
    here: Desk, large: Image
) -> None:
    limit = here.publisher.capabilities.media
    assert len(large.content) > limit.image_bytes
    # Such a network fetches the file that is kept, so that file fits it already.
    fetches = here.publisher.capabilities.fetches_pictures
    here.publish_with(fitted(large, limit) if fetches else large)
    (post,) = here.site.posts(STATION)
    (media,) = here.site.world.store.media_of(post.media_ids)
    arrived = Pillow.open(io.BytesIO(media.content))
    assert arrived.format == "JPEG"
    assert 3_500 < arrived.width <= 4_000
    assert len(media.content) <= limit.image_bytes
    assert media.content == fitted(large, limit).content  # as a preview shows it


def test_an_instance_s_own_limit_of_pixels_is_kept(running: Site) -> None:
    running.reset()
    running.world.rules.image_pixels = 60_000
    with desk("mastodon", running) as here:
        here.publish_with(picture())
        (post,) = running.posts(STATION)
    (media,) = running.world.store.media_of(post.media_ids)
    width, height = Pillow.open(io.BytesIO(media.content)).size
    assert 50_000 < width * height <= 60_000


def test_a_picture_that_is_still_in_progress_is_waited_for(here: Desk) -> None:
    here.site.world.rules.media_polls = 1
    here.site.world.rules.x_media_polls = 1
    here.publish_with(picture())
    assert len(here.site.posts(STATION)[0].media_ids) == 1


@pytest.mark.parametrize("network", networks_that(lambda known: known.replies))
def test_an_answer_hangs_below_what_it_answers(network: str, running: Site) -> None:
    running.reset()
    with desk(network, running) as here:
        _answer_hangs_below(here)


def _answer_hangs_below(here: Desk) -> None:
    asked = here.write(f"@{STATION} kapan?")
    answer = here.ready(text="@siti besok", reply_to=here.heard_id(asked))
    here.publisher.publish(answer, open_gate)
    assert here.site.posts(STATION)[-1].draft.reply_to == asked.id


@pytest.mark.parametrize("here", THREADING, indirect=True)
def test_each_part_of_a_thread_answers_the_one_before(here: Desk) -> None:
    ids: list[str] = []
    for text in ("Satu.", "Dua.", "Tiga."):
        part = here.ready(text=text, reply_to=ids[-1] if ids else None)
        ids.append(here.publisher.publish(part, open_gate).remote_id)
    assert here.texts() == ["Satu.", "Dua.", "Tiga."]
    posts = here.site.posts(STATION)
    above = [post.draft.reply_to for post in posts]
    assert above == [None, posts[0].id, posts[1].id]


@pytest.mark.parametrize(
    "here", [name for name in THREADING if name in LOOKING], indirect=True
)
def test_a_part_whose_answer_was_lost_is_found_by_what_it_answers(here: Desk) -> None:
    first = here.publisher.publish(here.ready(text="Awas."), open_gate)
    second = here.ready(text="Awas.", key="kunci-dua", reply_to=first.remote_id)
    assert here.publisher.look_up(second) is None
    made = here.publisher.publish(second, open_gate)
    found = here.publisher.look_up(second)
    assert found is not None
    assert found.remote_id == made.remote_id


# what the network refuses


def test_a_text_that_is_too_long_is_refused(here: Desk) -> None:
    longest = here.client.capabilities.text.longest
    with pytest.raises(Refused) as failed:
        here.publisher.publish(here.ready(text="a" * (longest + 1)), open_gate)
    assert failed.value.problem is Problem.TEXT_TOO_LONG
    assert here.writes() == 0, "it is counted before it is sent"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, "Tweet text is too long."),
        (422, "Validation failed: Text character limit of 500 exceeded"),
    ],
)
def test_a_network_that_counts_otherwise_is_understood(
    here: Desk, status: int, said: str
) -> None:
    body = f'{{"error": "{said}", "detail": "{said}"}}'
    here.site.fault(FaultKind.ANSWER, here.write_path, status=status, body=body)
    with pytest.raises(Refused) as failed:
        here.publisher.publish(here.ready(), open_gate)
    expected = {
        ("x", 422): Problem.CONTENT_REFUSED,  # words of the other network
    }.get((here.network, status), Problem.TEXT_TOO_LONG)
    assert failed.value.problem is expected


def test_a_text_of_exactly_the_longest_length_stands(here: Desk) -> None:
    longest = "a" * here.client.capabilities.text.longest
    here.publisher.publish(here.ready(text=longest), open_gate)
    assert here.texts() == [longest]


def test_x_refuses_a_duplicate_and_says_that_it_is_one(running: Site) -> None:
    running.reset()
    with desk("x", running) as here:
        here.publisher.publish(here.ready(text="satu"), open_gate)
        with pytest.raises(Refused) as failed:
            here.publisher.publish(here.ready(text="satu"), open_gate)
        assert failed.value.problem is Problem.DUPLICATE_TEXT
        assert here.texts() == ["satu"]


def test_a_file_that_is_no_picture_is_refused(here: Desk) -> None:
    broken = Image(b"bukan gambar", "image/jpeg", "0" * 64, "")
    with pytest.raises(Refused) as failed:
        here.publish_with(broken)
    assert here.texts() == []
    assert failed.value.problem is Problem.MEDIA_REFUSED


def test_an_unknown_picture_is_refused(here: Desk) -> None:
    with pytest.raises(Refused):
        here.publisher.publish(outgoing(media_ids=("123456789",)), open_gate)
    assert here.texts() == []


# what may go again


def test_bar_4_a_rate_is_waited_out_as_long_as_the_network_asks(here: Desk) -> None:
    here.site.fault(
        FaultKind.ANSWER, here.write_path, status=429, headers={"Retry-After": "77"}
    )
    with pytest.raises(TryLater) as failed:
        here.publisher.publish(here.ready(), open_gate)
    assert failed.value.problem is Problem.RATE_LIMITED
    assert failed.value.wait == timedelta(seconds=77)
    assert here.texts() == []


def test_a_used_up_limit_is_waited_out_until_its_reset(here: Desk) -> None:
    rules, few = here.site.world.rules, Allowance(1, timedelta(minutes=5))
    rules.x_writes = rules.mastodon_calls = rules.telegram_writes = few
    rules.facebook_writes = rules.bluesky_writes = few
    rules.instagram_writes = rules.threads_writes = few
    here.site.world.rates.clear()
    here.publisher.publish(here.ready(text="satu"), open_gate)
    with pytest.raises(TryLater) as failed:
        here.publisher.publish(here.ready(text="dua"), open_gate)
    assert failed.value.wait is not None
    assert timedelta(minutes=4) < failed.value.wait <= timedelta(minutes=5, seconds=1)
    assert here.texts() == ["satu"]


def test_a_service_that_names_a_time_did_nothing(here: Desk) -> None:
    here.site.fault(
        FaultKind.ANSWER, here.write_path, status=503, headers={"Retry-After": "30"}
    )
    with pytest.raises(TryLater) as failed:
        here.publisher.publish(here.ready(), open_gate)
    assert failed.value.wait == timedelta(seconds=30)


@pytest.mark.parametrize("network", NETWORKS)
def test_a_connection_that_is_refused_sent_nothing(network: str) -> None:
    with Site.start() as site, desk(network, site) as here:
        site.stop()
        with pytest.raises(TryLater) as failed:
            here.publisher.publish(here.ready(), open_gate)
        assert failed.value.problem is Problem.UNREACHABLE


def test_a_picture_whose_answer_is_lost_may_be_sent_again(uploading: Desk) -> None:
    uploading.site.cut_the_line_after_accepting(MEDIA[uploading.network])
    with pytest.raises(TryLater):
        uploading.ready(picture())
    assert uploading.ready(picture()).media_ids


# what needs a person


def test_a_revoked_token_disconnects(here: Desk) -> None:
    here.site.revoke(here.network, STATION)
    for act in (
        lambda: here.publisher.publish(here.ready(), open_gate),
        lambda: here.publish_with(picture()),
        here.client.whoami,
    ):
        with pytest.raises(Disconnected) as failed:
            act()
        assert failed.value.problem is Problem.TOKEN_REFUSED


def test_an_account_that_is_closed_on_its_network_disconnects(here: Desk) -> None:
    ready, problem = here.ready(), closed_as(here.network)
    here.site.close_account(here.network, STATION)
    acts: list[Callable[[], object]] = [
        lambda: here.publisher.publish(ready, open_gate),
        lambda: here.publish_with(picture()),
        connect(here.network, here.site.url, here.secrets).whoami,
    ]
    if here.network in LOOKING:
        acts.append(lambda: here.publisher.look_up(ready))
    for act in acts:
        with pytest.raises(Disconnected) as failed:
            act()
        assert failed.value.problem is problem
    assert here.texts() == []


def test_an_address_that_redirects_disconnects(here: Desk) -> None:
    here.site.fault(
        FaultKind.ANSWER,
        here.write_path,
        status=301,
        headers={"Location": "https://lain.example/"},
    )
    with pytest.raises(Disconnected) as failed:
        here.publisher.publish(here.ready(), open_gate)
    assert failed.value.problem is Problem.ADDRESS_INVALID
    assert here.writes() == 1


@pytest.mark.parametrize("network", NETWORKS)
def test_an_inner_address_is_not_reached_unless_it_is_allowed(
    network: str, running: Site
) -> None:
    running.reset()
    public_only = limits_for("http://192.0.2.1:80")
    with pytest.raises(Disconnected) as failed:
        connect(network, running.url, limits=public_only).whoami()
    assert failed.value.problem is Problem.ADDRESS_REFUSED
    assert running.requests() == []


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("secret", ["", "dua baris\r\nX-Lain: 1", "kata sandi", "é"])
def test_a_secret_that_cannot_be_one_disconnects(
    network: str, secret: str, running: Site
) -> None:
    with pytest.raises(Disconnected) as failed:
        secrets = {"access_token": secret, "consumer_key": "a", "bot_token": secret}
        secrets |= dict.fromkeys(
            ("page_token", "instagram_token", "threads_token"), secret
        )
        connect(network, running.url, secrets)
    assert failed.value.problem is Problem.TOKEN_REFUSED


# what may or may not stand


LOST = {
    "closed": (FaultKind.CUT, {}),
    "reset": (FaultKind.CUT, {"reset": True}),
    "broken off": (FaultKind.TRUNCATE, {}),
    "failed 500": (FaultKind.ANSWER_AFTER, {"status": 500}),
    "failed 503": (FaultKind.ANSWER_AFTER, {"status": 503}),
    "failed 502 with a page": (
        FaultKind.ANSWER_AFTER,
        {"status": 502, "body": "<html>Bad gateway</html>"},
    ),
    "no JSON": (FaultKind.ANSWER_AFTER, {"status": 200, "body": "<html>"}),
}


@pytest.mark.parametrize("how", LOST)
def test_a_lost_answer_is_uncertain_and_the_one_post_stands(
    here: Desk, how: str
) -> None:
    kind, options = LOST[how]
    here.site.fault(kind, here.write_path, method="POST", **options)
    with pytest.raises(Uncertain):
        here.publisher.publish(here.ready(text=LINK), open_gate)
    assert here.texts() == [LINK]
    assert here.writes() == 1


@pytest.mark.parametrize("how", LOST)
def test_a_lost_answer_is_uncertain_and_a_look_finds_the_one_post(
    looking: Desk, how: str
) -> None:
    kind, options = LOST[how]
    sent = looking.ready(text=LINK)
    looking.site.fault(kind, looking.write_path, method="POST", **options)
    with pytest.raises(Uncertain):
        looking.publisher.publish(sent, open_gate)
    found = looking.publisher.look_up(sent)
    (post,) = looking.site.posts(STATION)
    assert found is not None
    assert found.remote_id == looking.remote_id(post)
    assert found.url.endswith(looking.number(post))
    assert found.posted_at is not None
    assert found.posted_at.tzinfo is not None
    assert looking.writes() == 1


@pytest.mark.parametrize(
    "body",
    ["<html>Masuk</html>", "", "[]", "null", '{"id": null}', '{"data": {"id": ""}}'],
)
def test_an_answer_that_proves_nothing_is_uncertain(here: Desk, body: str) -> None:
    here.site.fault(
        FaultKind.ANSWER, here.write_path, method="POST", status=200, body=body
    )
    with pytest.raises(Uncertain) as failed:
        here.publisher.publish(here.ready(), open_gate)
    assert failed.value.problem is Problem.ANSWER_LOST


def test_a_line_that_is_reset_at_once_leaves_no_post(here: Desk) -> None:
    sent = here.ready()
    here.site.fault(FaultKind.REFUSE)
    with pytest.raises((TryLater, Uncertain)):
        here.publisher.publish(sent, open_gate)
    assert here.texts() == []
    if here.network in LOOKING:
        assert here.publisher.look_up(sent) is None


@pytest.mark.parametrize("kind", [FaultKind.HANG, FaultKind.HANG_BEFORE])
def test_a_silent_network_ends_by_the_deadline_as_uncertain(
    here: Desk, kind: FaultKind
) -> None:
    limits = limits_for(here.site.url, total=0.5)
    sent = here.ready()
    hasty = connect(here.network, here.site.url, here.secrets, limits)
    here.site.fault(kind, here.write_path, method="POST")
    begun = time.monotonic()
    with pytest.raises(Uncertain):
        type(here.publisher)(hasty).publish(sent, open_gate)
    assert time.monotonic() - begun < 2
    assert here.texts() == ([] if kind is FaultKind.HANG_BEFORE else [sent.text])
    if here.network in LOOKING:
        found = here.publisher.look_up(sent)
        assert (found is None) == (kind is FaultKind.HANG_BEFORE)


def test_an_answer_that_drips_cannot_push_the_deadline_back(here: Desk) -> None:
    limits = limits_for(here.site.url, total=0.5)
    hasty = connect(here.network, here.site.url, here.secrets, limits)
    sent = here.ready()
    here.site.fault(FaultKind.DRIP, here.write_path, method="POST", pause_ms=100)
    begun = time.monotonic()
    with pytest.raises(Uncertain):
        type(here.publisher)(hasty).publish(sent, open_gate)
    assert time.monotonic() - begun < 2


# looking


def test_a_look_does_not_take_another_post_for_ours(looking: Desk) -> None:
    looking.publisher.publish(looking.ready(text="SIM keliling besok"), open_gate)
    other = looking.ready(text="SIM keliling lusa")
    assert looking.publisher.look_up(other) is None
    with_picture = outgoing("SIM keliling besok", media_ids=("1", "2"))
    assert looking.publisher.look_up(with_picture) is None
    answer = outgoing("SIM keliling besok", reply_to="1")
    assert looking.publisher.look_up(answer) is None


def test_a_look_does_not_take_an_older_post_for_ours(looking: Desk) -> None:
    looking.publisher.publish(looking.ready(), open_gate)
    later = datetime.now(UTC) + timedelta(minutes=10)
    looking.site.forward(timedelta(minutes=20))
    try:
        assert looking.publisher.look_up(outgoing(armed_at=later)) is None
    finally:
        looking.site.forward(-timedelta(minutes=20))


def test_a_look_finds_a_post_with_pictures_below_many_others(looking: Desk) -> None:
    reply_to = None
    if looking.client.capabilities.replies:
        reply_to = looking.heard_id(looking.write(f"@{STATION} di mana?"))
    sent = looking.ready(
        picture(), text="@siti di sini\n\nlihat www.polri.go.id", reply_to=reply_to
    )
    receipt = looking.publisher.publish(sent, open_gate)
    for number in range(15):
        looking.publisher.publish(looking.ready(text=f"kabar {number}"), open_gate)
    found = looking.publisher.look_up(sent)
    assert found is not None
    assert found.remote_id == receipt.remote_id


def test_a_look_that_gets_no_answer_says_so(looking: Desk) -> None:
    looking.client.whoami()
    looking.site.fault(FaultKind.ANSWER, method="GET", status=500, times=9)
    with pytest.raises(TryLater):
        looking.publisher.look_up(outgoing())
    looking.site.world.faults.clear()
    looking.site.revoke(looking.network, STATION)
    with pytest.raises(Disconnected):
        looking.publisher.look_up(outgoing())


def test_a_look_only_reads(looking: Desk) -> None:
    looking.client.whoami()  # some begin a session first
    before = len(looking.site.requests())
    looking.publisher.look_up(outgoing())
    asked = looking.site.requests()[before:]
    assert {entry.method for entry in asked} == {"GET"}


# repeating under the same key


def test_bar_2_twenty_repeats_under_one_key_make_one_post(running: Site) -> None:
    running.reset()
    with desk("mastodon", running) as here:
        assert isinstance(here.client.capabilities.settles_by[0], Replay)
        running.cut_the_line_after_accepting(here.write_path)
        sent = outgoing()
        with pytest.raises(Uncertain):
            here.publisher.publish(sent, open_gate)
        receipts = {here.publisher.replay(sent, open_gate) for _ in range(20)}
        assert len(receipts) == 1
        assert len(here.texts()) == 1
        assert here.writes() == 21


@pytest.mark.parametrize(
    "network",
    networks_that(
        lambda known: not any(isinstance(way, Replay) for way in known.settles_by)
    ),
)
def test_a_network_without_a_key_never_repeats_by_itself(
    network: str, running: Site
) -> None:
    running.reset()
    with desk(network, running) as here, pytest.raises(AssertionError):
        here.publisher.replay(outgoing(), open_gate)
    assert running.requests() == []


# the last look


def test_a_closed_gate_sends_nothing(here: Desk) -> None:
    with pytest.raises(GateClosed) as failed:
        here.publisher.publish(here.ready(), closed)
    assert failed.value.problem is Problem.ACCOUNT_STOPPED
    assert here.writes() == 0
    assert here.texts() == []


def test_the_gate_is_asked_once_for_each_write(here: Desk) -> None:
    asked: list[int] = []
    here.publisher.publish(here.ready(), lambda: asked.append(here.writes()))
    assert asked == [0]


# secrets


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 429, 500])
def test_a_server_that_repeats_the_secrets_does_not_bring_them_into_a_message(
    here: Desk, status: int
) -> None:
    echoed = " ".join(here.secrets.values())
    here.site.fault(
        FaultKind.ANSWER,
        here.write_path,
        status=status,
        body=f'{{"error": "{echoed}", "detail": "{echoed}"}}',
    )
    with pytest.raises(NetworkError) as failed:
        here.publisher.publish(here.ready(), open_gate)
    _hold_no_secret(here, failed.value)


@pytest.mark.parametrize("how", LOST)
def test_no_failure_holds_a_secret(here: Desk, how: str) -> None:
    kind, options = LOST[how]
    here.site.fault(kind, here.write_path, method="POST", **options)
    with pytest.raises(NetworkError) as failed:
        here.publisher.publish(here.ready(), open_gate)
    _hold_no_secret(here, failed.value)
    assert not any(secret in repr(here.client) for secret in here.secrets.values())


def _hold_no_secret(here: Desk, error: NetworkError) -> None:
    shown = [str(error), repr(error), error.detail, *traceback.format_exception(error)]
    for text in shown:
        assert not any(secret in text for secret in here.secrets.values())
