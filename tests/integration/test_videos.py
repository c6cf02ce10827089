"""A video is kept once, in pieces, and goes out whole through the ledger."""

import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from models.account import Account
from models.delivery import Delivery
from models.errors import GateClosed, InvalidInput, NotAllowed, NotFound, TryLater
from models.person import Person
from models.problems import Problem
from models.scope import OfficeScope
from models.speech import Video
from models.states import DeliveryState, Role
from models.video import MediaPiece, facts_of
from networks.mp4 import PIECE
from pipeline import announcing, approving, evidence, pictures, videos, wiring
from pipeline.announcing import AnnouncementForm
from pipeline.ledger import Pace, images_of
from pipeline.publishing import Publishing
from pipeline.unit import Store
from publishers.base import Publisher
from sandbox.faults import FaultKind
from sandbox.site import Site
from tests.conftest import NOW, add_office
from tests.contract.network_kit import PUBLISHERS, STATION, desk
from tests.integration.ledger_kit import Desk, House, Wall
from tests.integration.test_announcing import add_account, asked
from tests.videos import located, movie, picture, real_film, sound, video_of

MOST = 40 * PIECE
ALT = "Antrean di loket SIM"


@pytest.fixture
def officer(people: dict[Role, Person]) -> Person:
    return people[Role.OFFICER]


@pytest.fixture
def house(store: Store, office: OfficeScope, people: dict[Role, Person]) -> House:
    return House(store, office, people)


@pytest.fixture
def site() -> Iterator[Site]:
    with Site.start() as running:
        yield running


def keep(store: Store, officer: Person, content: bytes, most: int = MOST) -> int:
    return videos.keep(store, officer, io.BytesIO(content), most, NOW)


def opened(store: Store, office: OfficeScope, number: int) -> Video:
    with store.read(office) as work:
        media = work.videos.get(number)
    return videos.opened(store, media, ALT)


def large() -> bytes:
    """Eleven mebibytes: more pieces than one unit keeps."""
    return movie(picture(seconds=20.0, frames=600, weight=19_000), sound())


# kept


def test_a_video_is_kept_once_in_pieces_under_the_hash_of_what_goes_out(
    store: Store, office: OfficeScope, officer: Person
) -> None:
    content = large()
    number = keep(store, officer, content)
    assert keep(store, officer, content) == number
    video = opened(store, office, number)
    pieces = list(video.pieces())
    assert hashlib.sha256(b"".join(pieces)).hexdigest() == video.sha256
    assert [len(one) for one in pieces[:-1]] == [PIECE] * 10
    assert sum(map(len, pieces)) == video.facts.size == len(content)
    assert b"".join(pieces) == b"".join(video_of(content).pieces())


def test_where_it_was_taken_is_in_no_byte_that_is_kept(
    store: Store, office: OfficeScope, officer: Person
) -> None:
    number = keep(store, officer, movie(told=located()))
    assert b"saksi" not in b"".join(opened(store, office, number).pieces())


def test_an_upload_that_broke_off_is_gone_on_with(
    store: Store, office: OfficeScope, officer: Person
) -> None:
    content = large()
    made = list(video_of(content).pieces())
    sha256 = hashlib.sha256(b"".join(made)).hexdigest()
    with store.write(office) as work:
        for number, piece in enumerate(made[:3]):
            work.videos.keep_piece(sha256, number, piece)
    number = keep(store, officer, content)
    assert list(opened(store, office, number).pieces()) == made


def test_two_who_upload_the_same_at_once_keep_it_once(
    store: Store, office: OfficeScope, officer: Person
) -> None:
    content, numbers = large(), list[int]()
    threads = [
        threading.Thread(target=lambda: numbers.append(keep(store, officer, content)))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(numbers) == 3
    assert len(set(numbers)) == 1
    made = b"".join(opened(store, office, numbers[0]).pieces())
    assert made == b"".join(video_of(content).pieces())


@pytest.mark.parametrize(
    ("content", "most", "message"),
    [
        (b"bukan video", MOST, "bukan video MP4 yang utuh"),
        (real_film()[:-9], MOST, "bukan video MP4 yang utuh"),
        (movie(brand=b"qt  "), MOST, "bukan MOV"),
        (movie(sound()), MOST, "hanya berisi suara"),
        (real_film(), 1_000, "terlalu besar untuk disimpan"),
    ],
    ids=["rubbish", "cut", "quicktime", "sound", "large"],
)
def test_a_bad_video_is_refused_with_a_clear_word_and_nothing_is_kept(
    store: Store,
    office: OfficeScope,
    officer: Person,
    content: bytes,
    most: int,
    message: str,
) -> None:
    with pytest.raises(InvalidInput, match=message):
        keep(store, officer, content, most)
    with store.read(office) as work, pytest.raises(NotFound):
        work.videos.get(1)


def test_who_may_not_write_keeps_nothing(
    store: Store, people: dict[Role, Person]
) -> None:
    manager = people[Role.ADMIN]
    with pytest.raises(NotAllowed):
        keep(store, manager, real_film())


def test_the_video_of_another_office_does_not_exist(
    store: Store, office: OfficeScope, officer: Person
) -> None:
    number = keep(store, officer, real_film())
    other = add_office(store, "lain", "Polres Lain")
    with store.read(other) as work, pytest.raises(NotFound):
        work.videos.get(number)


# written and approved


@pytest.fixture
def form(store: Store, office: OfficeScope, officer: Person) -> AnnouncementForm:
    return AnnouncementForm(
        title="SIM keliling",
        body="SIM keliling di Pasar Mekarasih, 08.00–12.00 WIB.",
        variants={add_account(store, office, "mastodon"): ""},
        video=keep(store, officer, real_film()),
        alt_text=ALT,
    )


def test_the_approval_is_bound_to_the_bytes_of_the_video(
    store: Store, office: OfficeScope, officer: Person, form: AnnouncementForm
) -> None:
    number, digest = asked(store, office, officer, form)
    with store.read(office) as work:
        content = work.announcements.content(number)
        announcement = work.announcements.get(number)
        facts = facts_of(work.announcements.media(announcement))
        assert images_of(work, number) == ()
        assert pictures.of_announcement(work, announcement) is None
    assert content.hash == digest
    assert content.media_sha256 == video_of(real_film()).sha256
    assert content.alt_text == ALT
    assert facts is not None
    other = replace(form, video=keep(store, officer, movie()))
    with store.write(office) as work:
        announcing.edit(work, officer, number, 1, other, NOW)
        assert work.announcements.content(number).hash != digest


def test_a_video_needs_words_for_those_who_cannot_see_it(
    store: Store, office: OfficeScope, officer: Person, form: AnnouncementForm
) -> None:
    with pytest.raises(InvalidInput):
        asked(store, office, officer, replace(form, alt_text=""))


def test_a_video_for_a_network_without_one_is_said_before_the_asking(
    store: Store, office: OfficeScope, officer: Person, form: AnnouncementForm
) -> None:
    account = add_account(store, office, "wordpress")
    both = replace(form, variants={**form.variants, account: ""})
    with store.write(office) as work:
        number = announcing.draft(work, officer, both, NOW)
        found = {one.account_id: one for one in announcing.findings(work, number)}
    assert found[account].problem is Problem.VIDEO_UNSUPPORTED
    assert [one.problem for one in found.values()].count(None) == 1
    with (
        pytest.raises(InvalidInput, match="Video belum bisa"),
        store.write(office) as work,
    ):
        announcing.ask(work, officer, number, NOW)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (movie(picture(seconds=141.0, frames=4_000)), Problem.VIDEO_LENGTH),
        (movie(picture(seconds=0.4, frames=10)), Problem.VIDEO_LENGTH),
        (movie(picture(b"hvc1")), Problem.VIDEO_CODEC),
        (movie(picture(width=3_840, height=2_160)), Problem.VIDEO_SHAPE),
    ],
    ids=["long", "short", "codec", "wide"],
)
def test_what_is_over_a_limit_is_kept_as_a_draft_and_not_asked_for(
    store: Store,
    office: OfficeScope,
    officer: Person,
    form: AnnouncementForm,
    content: bytes,
    problem: Problem,
) -> None:
    number = keep(store, officer, content)
    on_x = {add_account(store, office, "x"): ""}
    other = replace(form, variants=on_x, video=number)
    with store.write(office) as work:
        draft = announcing.draft(work, officer, other, NOW)
        (found,) = announcing.findings(work, draft)
    assert found.problem is problem
    assert found.video_limit is not None
    assert found.description_left_out
    with pytest.raises(InvalidInput), store.write(office) as work:
        announcing.ask(work, officer, draft, NOW)


def test_limits_that_became_stricter_since_the_asking_hold_the_approval(
    store: Store,
    office: OfficeScope,
    officer: Person,
    people: dict[Role, Person],
    form: AnnouncementForm,
) -> None:
    number, digest = asked(store, office, officer, form)
    (account,) = form.variants
    known = wiring.capabilities("mastodon")
    assert known.video is not None
    less = replace(known, video=replace(known.video, most_bytes=1_000))
    with store.write(office) as work:
        work.accounts.keep_limits(account, wiring.limits_of(less), NOW)
    with pytest.raises(InvalidInput), store.write(office) as work:
        approving.approve(work, people[Role.APPROVER], number, digest, NOW)


def test_a_picture_takes_the_place_of_a_video_and_the_other_way_round(
    store: Store, office: OfficeScope, officer: Person, form: AnnouncementForm
) -> None:
    with store.write(office) as work:
        number = announcing.draft(work, officer, form, NOW)
        without = replace(form, video=None, keep_image=False)
        announcing.edit(work, officer, number, 1, without, NOW)
        assert work.announcements.get(number).media_id is None
        announcing.edit(work, officer, number, 2, form, NOW)
        kept = replace(form, video=None, alt_text="Lain")
        announcing.edit(work, officer, number, 3, kept, NOW)
        assert work.announcements.get(number).media_id == form.video
        assert work.announcements.get(number).alt_text == "Lain"


def test_the_evidence_names_the_video_by_its_hash_and_does_not_carry_it(
    store: Store,
    office: OfficeScope,
    officer: Person,
    people: dict[Role, Person],
    form: AnnouncementForm,
) -> None:
    number, _ = asked(store, office, officer, form)
    with store.read(office) as work:
        made = evidence.bundle(work, people[Role.ADMIN], number, NOW)
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        names = archive.namelist()
        told = json.loads(archive.read("media/media.json"))
    assert not any(name.endswith(".mp4") for name in names)
    assert told["sha256"] == video_of(real_film()).sha256
    assert told["bytes"] == len(real_film())
    assert told["video"] == "h264"


# sent


def announce(
    house: House, account: int, content: bytes, due_at: datetime = NOW
) -> tuple[int, int]:
    """An approved announcement with a video; its number and its delivery's."""
    number = keep(house.store, house.people[Role.OFFICER], content)
    (delivery,) = house.announce("SIM keliling", account, due_at=due_at, video=number)
    return house.row(delivery).announcement_id, delivery


def publishing(
    store: Store, publisher: Publisher, pace: Pace | None = None, **more: Any
) -> Publishing:
    def connect(_: Account) -> Publisher:
        return publisher

    def ways(name: str) -> Any:
        return wiring.capabilities(name).settles_by

    return Publishing(store, connect, ways, pace, **more)


@pytest.mark.parametrize(
    "network", ["x", "mastodon", "telegram", "facebook", "bluesky"]
)
def test_a_video_goes_out_once_and_whole(
    house: House, site: Site, network: str
) -> None:
    with desk(network, site) as here:
        job = publishing(house.store, PUBLISHERS[network](here.client))
        _, delivery = announce(house, house.account(network=network), large())
        job.send_next(NOW)
        assert house.state(delivery) is DeliveryState.PUBLISHED
        assert not job.send_next(NOW + timedelta(minutes=1))
        (post,) = site.posts(STATION)
        (media,) = site.world.store.media_of(post.media_ids)
        assert media.content == b"".join(video_of(large()).pieces())


def test_a_second_try_brings_the_video_again(house: House, site: Site) -> None:
    with desk("telegram", site) as here:
        job = publishing(house.store, PUBLISHERS["telegram"](here.client))
        _, delivery = announce(house, house.account(network="telegram"), real_film())
        site.fault(
            FaultKind.ANSWER, here.write_path, status=429, headers={"Retry-After": "9"}
        )
        job.send_next(NOW)
        assert house.state(delivery) is DeliveryState.SCHEDULED
        job.send_next(NOW + timedelta(minutes=1))
        assert house.state(delivery) is DeliveryState.PUBLISHED
        assert len(site.posts(STATION)) == 1


def test_an_uploaded_video_is_used_again_after_a_refused_write(
    house: House, site: Site
) -> None:
    with desk("mastodon", site) as here:
        job = publishing(house.store, PUBLISHERS["mastodon"](here.client))
        _, delivery = announce(house, house.account(network="mastodon"), real_film())
        site.fault(
            FaultKind.ANSWER, here.write_path, status=429, headers={"Retry-After": "9"}
        )
        job.send_next(NOW)
        job.send_next(NOW + timedelta(minutes=1))
        assert house.state(delivery) is DeliveryState.PUBLISHED
        assert len(site.requests("POST", "/api/v2/media")) == 1


def test_a_network_that_takes_no_video_is_never_given_the_text_alone(
    store: Store, office: OfficeScope, people: dict[Role, Person], wall: Desk
) -> None:
    account = wall.account(network="wordpress")
    _, delivery = announce(wall, account, real_film())
    wall.job().send_next(NOW)
    row = wall.row(delivery)
    assert (row.state, row.problem) == (
        DeliveryState.REJECTED,
        Problem.VIDEO_UNSUPPORTED,
    )
    assert wall.wall.texts() == []


@pytest.fixture
def wall(
    store: Store,
    office: OfficeScope,
    people: dict[Role, Person],
    tmp_path: Any,
) -> Desk:
    return Desk(store, office, people, Wall(tmp_path / "wall.jsonl"))


@pytest.mark.parametrize("network", ["telegram", "mastodon", "facebook"])
def test_bar_6_one_changed_byte_of_a_video_holds_the_delivery(
    house: House, site: Site, network: str
) -> None:
    with desk(network, site) as here:
        job = publishing(house.store, PUBLISHERS[network](here.client))
        _, delivery = announce(house, house.account(network=network), large())
        with house.store.write(house.office) as work:
            piece = work.session.scalars(select(MediaPiece).offset(3).limit(1)).one()
            piece.content = piece.content[:-1] + bytes([piece.content[-1] ^ 1])
        job.send_next(NOW)
        row = house.row(delivery)
        assert (row.state, row.problem) == (DeliveryState.HELD, Problem.MEDIA_MISSING)
        assert site.posts(STATION) == []


def test_a_video_that_is_fetched_from_us_is_read_through_before(wall: Desk) -> None:
    account = wall.account(network="instagram")
    _, delivery = announce(wall, account, real_film())
    with wall.store.write(wall.office) as work:
        piece = work.session.scalars(select(MediaPiece).limit(1)).one()
        piece.content = piece.content[:-1]
    wall.job().send_next(NOW)
    row = wall.row(delivery)
    assert (row.state, row.problem) == (DeliveryState.HELD, Problem.MEDIA_MISSING)
    assert wall.wall.texts() == []


# the turn, while something large is on its way


class Slow:
    """A publisher that does something between the pieces of a video."""

    def __init__(self, inner: Any, between: Callable[[int], None]) -> None:
        self._inner, self._between = inner, between

    def prepare(self, post: Any, images: Any) -> Any:
        for number, _ in enumerate(post.video.pieces()):
            self._between(number)
        return self._inner.prepare(post, images)

    def publish(self, outgoing: Any, gate: Any) -> Any:
        return self._inner.publish(outgoing, gate)


def test_the_lease_is_kept_while_a_video_is_read(
    wall: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eleven pieces, each half a minute: longer than any lease."""
    account = wall.account(network="mastodon")
    _, delivery = announce(wall, account, large())
    clock = [1_000.0]
    monkeypatch.setattr("pipeline.ledger.awake_or_not", lambda: clock[0])
    until = []

    def between(_: int) -> None:
        clock[0] += 40
        until.append(wall.account_row(account).lease_until)

    job = publishing(wall.store, Slow(wall.on(account), between))
    job.send_next(NOW)
    assert clock[0] > 1_000 + 400
    assert until[-1] > NOW + timedelta(seconds=400)
    assert wall.state(delivery) is DeliveryState.PUBLISHED
    assert wall.wall.texts() == ["SIM keliling"]


def test_who_lost_the_turn_while_a_video_was_read_sends_nothing(
    wall: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = wall.account(network="mastodon")
    _, delivery = announce(wall, account, large())
    clock = [1_000.0]
    monkeypatch.setattr("pipeline.ledger.awake_or_not", lambda: clock[0])

    def between(number: int) -> None:
        clock[0] += 40
        if number == 2:
            wall.change(Account, account, lease_token="lain")
            wall.change(Delivery, delivery, lease_token="lain")

    job = publishing(wall.store, Slow(wall.on(account), between))
    job.send_next(NOW)
    assert wall.wall.texts() == []
    assert wall.state(delivery) is DeliveryState.CLAIMED  # another one's


def test_a_machine_that_slept_in_an_upload_goes_on_without_it(
    wall: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = wall.account(network="mastodon")
    _, delivery = announce(wall, account, large())
    clock = [1_000.0]
    monkeypatch.setattr("pipeline.ledger.awake_or_not", lambda: clock[0])

    def between(number: int) -> None:
        clock[0] += 4_000 if number == 2 else 0

    job = publishing(wall.store, Slow(wall.on(account), between))
    job.send_next(NOW)
    assert wall.wall.texts() == []
    later = NOW + timedelta(hours=2)
    wall.job().sweep(later)
    job = publishing(wall.store, wall.on(account))
    job.send_next(later)
    assert wall.state(delivery) is DeliveryState.PUBLISHED
    assert wall.wall.texts() == ["SIM keliling"]


def test_a_stop_while_telegram_is_sent_a_video_stops_it(
    house: House, site: Site
) -> None:
    with desk("telegram", site) as here:
        account = house.account(network="telegram")
        _, delivery = announce(house, account, large())

        class Stopping:
            def prepare(self, post: Any, images: Any) -> Any:
                return PUBLISHERS["telegram"](here.client).prepare(post, images)

            def publish(self, outgoing: Any, gate: Any) -> Any:
                def stopped() -> Iterator[bytes]:
                    for number, piece in enumerate(outgoing.video.pieces()):
                        if number == 5:
                            house.stop(account)
                        yield piece

                film = replace(outgoing.video, pieces=stopped)
                post = replace(outgoing, video=film)
                return PUBLISHERS["telegram"](here.client).publish(post, gate)

        job = publishing(house.store, Stopping())  # type: ignore[arg-type]
        job.send_next(NOW)
        row = house.row(delivery)
        assert (row.state, row.problem) == (
            DeliveryState.HELD,
            Problem.ACCOUNT_STOPPED,
        )
        assert site.posts(STATION) == []


def test_a_piece_that_is_missing_is_no_whole_video(
    store: Store, office: OfficeScope, officer: Person
) -> None:
    number = keep(store, officer, large())
    with store.read(office) as work:
        media = work.videos.get(number)
    with store.write(office) as work:
        work.session.execute(delete(MediaPiece).where(MediaPiece.number == 4))
    with pytest.raises(TryLater):
        list(videos.part(store, media, 0, 9 * PIECE))
    given = []
    with pytest.raises(GateClosed):
        given += videos.opened(store, media, ALT).pieces()
    assert sum(map(len, given)) < len(large())  # the last piece is never given
