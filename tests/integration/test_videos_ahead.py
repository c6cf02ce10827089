"""An hour before, a video is looked at as a picture is: its limits, and all its bytes."""

from collections.abc import Iterator

import pytest
from sqlalchemy import delete

from models.person import Person
from models.problems import Problem
from models.scope import OfficeScope
from models.states import Role
from models.video import MediaPiece
from pipeline.unit import Store
from sandbox.site import Site
from tests.integration.test_looking_ahead import DUE, Desk
from tests.integration.test_videos import announce
from tests.videos import movie, picture, real_film


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    with Site.start() as site:
        yield site


@pytest.fixture
def bureau(
    store: Store, office: OfficeScope, people: dict[Role, Person], running: Site
) -> Iterator[Desk]:
    running.reset()
    made = Desk(store, office, people, running)
    yield made
    made.clients.close()


def test_a_video_that_fits_is_no_trouble(bureau: Desk) -> None:
    _, number = announce(bureau, bureau.connect("mastodon"), real_film(), due_at=DUE)
    bureau.look()
    assert bureau.found(number) == []


def test_a_video_over_a_limit_that_became_stricter_is_found(bureau: Desk) -> None:
    bureau.site.world.rules.video_bytes = 1_000
    account = bureau.connect("mastodon")
    _, number = announce(bureau, account, real_film(), due_at=DUE)
    bureau.look()
    assert bureau.found(number) == [Problem.VIDEO_TOO_LARGE]


def test_a_video_of_which_pieces_are_missing_is_found(bureau: Desk) -> None:
    content = movie(picture(frames=300, weight=19_000, seconds=9.0))
    _, number = announce(bureau, bureau.connect("mastodon"), content, due_at=DUE)
    with bureau.store.write(bureau.office) as work:
        work.session.execute(delete(MediaPiece).where(MediaPiece.number == 3))
    bureau.look()
    assert bureau.found(number) == [Problem.MEDIA_MISSING]
