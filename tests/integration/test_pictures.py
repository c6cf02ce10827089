"""A picture is kept once as it was approved, and fitted for each account from that."""

import io
from dataclasses import replace

import pytest
from PIL import Image as Pillow

from models.errors import InvalidInput
from models.person import Person
from models.scope import OfficeScope
from models.states import Role
from pipeline import announcing, pictures
from pipeline.announcing import AnnouncementForm
from pipeline.pictures import ImageForm
from pipeline.unit import Store
from tests.conftest import NOW
from tests.integration.test_announcing import add_account, asked
from tests.pictures import encoded, jpeg, located, photo


@pytest.fixture
def form(store: Store, office: OfficeScope) -> AnnouncementForm:
    return AnnouncementForm(
        title="SIM keliling",
        body="SIM keliling di Pasar Mekarasih, 08.00–12.00 WIB.",
        variants={add_account(store, office): ""},
    )


@pytest.fixture
def officer(people: dict[Role, Person]) -> Person:
    return people[Role.OFFICER]


def test_a_picture_is_kept_whole_and_each_account_gets_what_it_takes(
    store: Store, office: OfficeScope, officer: Person, form: AnnouncementForm
) -> None:
    second = add_account(store, office, "x")
    content = encoded(photo(4_000, 3_000), "JPEG", quality=97, exif=located())
    form = replace(
        form,
        variants={**form.variants, second: ""},
        image=ImageForm(content, alt="Peta lokasi"),
    )
    number, digest = asked(store, office, officer, form)
    with store.read(office) as work:
        image = pictures.of_announcement(work, work.announcements.get(number))
        accounts = [work.accounts.get(one) for one in form.variants]
        bound = work.announcements.content(number)
    assert image is not None
    assert (bound.hash, bound.media_sha256) == (digest, image.sha256)
    assert b"saksi" not in image.content
    there, on_x = (pictures.for_account(image, account) for account in accounts)
    assert there is image
    assert len(on_x.content) <= 5 * 1024 * 1024 < len(image.content)
    assert Pillow.open(io.BytesIO(on_x.content)).size == (4_000, 3_000)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (jpeg()[:600], "utuh"),
        (encoded(Pillow.new("1", (9_000, 9_000)), "PNG"), "50 juta piksel"),
        (encoded(photo(9, 9), "GIF"), "JPEG atau PNG"),
    ],
    ids=["cut", "bomb", "gif"],
)
def test_a_bad_picture_is_refused_with_a_clear_word(
    store: Store,
    office: OfficeScope,
    officer: Person,
    form: AnnouncementForm,
    content: bytes,
    message: str,
) -> None:
    wrong = replace(form, image=ImageForm(content, alt="poster"))
    with pytest.raises(InvalidInput, match=message), store.write(office) as work:
        announcing.draft(work, officer, wrong, NOW)


def test_a_description_longer_than_an_account_takes_is_not_asked_for(
    store: Store, office: OfficeScope, officer: Person, form: AnnouncementForm
) -> None:
    with store.write(office) as work:
        number = announcing.draft(
            work, officer, replace(form, image=ImageForm(jpeg(), "Peta")), NOW
        )
        longer = replace(form, alt_text="a" * 1_501)
        announcing.edit(work, officer, number, 1, longer, NOW)
    with pytest.raises(InvalidInput, match="panjang"), store.write(office) as work:
        announcing.ask(work, officer, number, NOW)


def test_what_a_network_fetches_from_us_is_kept_as_that_network_takes_it(
    store: Store, office: OfficeScope, officer: Person, form: AnnouncementForm
) -> None:
    account = add_account(store, office, "instagram")
    content = encoded(photo(400, 300), "PNG")
    form = replace(form, variants={account: ""}, image=ImageForm(content, "Peta"))
    with store.write(office) as work:
        number = announcing.draft(work, officer, form, NOW)
        image = pictures.of_announcement(work, work.announcements.get(number))
        assert image is not None
        assert image.media_type == "image/jpeg"
        assert pictures.for_account(image, work.accounts.get(account)) is image
