"""What the guard blocks is not asked for without a reason, by any path."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from models.chain import AuditEvent
from models.errors import InvalidInput, NotAllowed
from models.override import GuardOverride
from models.person import Person
from models.scope import OfficeScope
from models.states import AnnouncementState, Role
from pipeline import announcing, approving, guarding
from pipeline.announcing import AnnouncementForm
from pipeline.pictures import ImageForm
from pipeline.unit import Store
from tests.conftest import NOW, add_office
from tests.integration.test_announcing import add_account
from tests.pictures import jpeg

WHY = "Keluarga meminta nomornya disiarkan."
PHONE = "Bila melihat Rafi, telepon keluarganya 081345678901."


@pytest.fixture
def form(store: Store, office: OfficeScope) -> AnnouncementForm:
    return AnnouncementForm(
        title="Orang hilang", body=PHONE, variants={add_account(store, office): ""}
    )


@pytest.fixture
def officer(people: dict[Role, Person]) -> Person:
    return people[Role.OFFICER]


def drafted(
    store: Store, office: OfficeScope, by: Person, form: AnnouncementForm
) -> int:
    with store.write(office) as work:
        return announcing.draft(work, by, form, NOW)


def ask(
    store: Store, office: OfficeScope, by: Person, number: int, reason: str = ""
) -> None:
    with store.write(office) as work:
        announcing.ask(work, by, number, NOW, reason)


def state(store: Store, office: OfficeScope, number: int) -> AnnouncementState:
    with store.read(office) as work:
        return work.announcements.get(number).state


def held(store: Store, office: OfficeScope, number: int) -> list[str]:
    with store.read(office) as work:
        found = guarding.standing(work, number, NOW)
    return [one.rule.code for one in found if one.held]


@pytest.mark.parametrize(
    ("reason", "message"), [("", "ditahan"), ("  \n ", "ditahan"), ("ok", "10 sampai")]
)
def test_what_is_blocked_is_not_asked_for_without_a_reason(
    store: Store,
    office: OfficeScope,
    officer: Person,
    form: AnnouncementForm,
    reason: str,
    message: str,
) -> None:
    number = drafted(store, office, officer, form)
    with pytest.raises(InvalidInput, match=message) as refused:
        ask(store, office, officer, number, reason)
    assert refused.value.field == guarding.FIELD
    assert state(store, office, number) is AnnouncementState.DRAFT
    with store.read(office) as work:
        assert work.session.scalars(select(GuardOverride)).all() == []


def test_with_a_reason_it_is_asked_for_and_who_and_why_are_kept(
    store: Store,
    office: OfficeScope,
    people: dict[Role, Person],
    officer: Person,
    form: AnnouncementForm,
) -> None:
    number = drafted(store, office, officer, form)
    ask(store, office, officer, number, f"  {WHY}\n")
    with store.read(office) as work:
        (one,) = guarding.standing(work, number, NOW)
        assert one.override is not None
        assert (one.override.reason, one.override.user_id) == (WHY, officer.user_id)
        assert not one.held
        (event,) = work.session.scalars(
            select(AuditEvent).where(AuditEvent.action == "announcement.guard_override")
        )
        assert (event.user_id, event.detail) == (officer.user_id, "phone")
        digest = work.announcements.content(number).hash
    with store.write(office) as work:
        approving.approve(work, people[Role.APPROVER], number, digest, NOW)
    assert state(store, office, number) is AnnouncementState.APPROVED


@pytest.mark.parametrize(
    "change",
    [
        {"body": PHONE + " "},
        {"body": PHONE.replace("Rafi", "Rafa")},
        {"body": PHONE + " Atau 081345678902."},
    ],
)
def test_one_changed_letter_voids_an_override(
    store: Store,
    office: OfficeScope,
    officer: Person,
    form: AnnouncementForm,
    change: dict[str, str],
) -> None:
    number = drafted(store, office, officer, form)
    ask(store, office, officer, number, WHY)
    with store.write(office) as work:
        announcing.edit(work, officer, number, 1, replace(form, **change), NOW)
    assert set(held(store, office, number)) == {"phone"}
    with pytest.raises(InvalidInput):
        ask(store, office, officer, number)


def test_another_time_keeps_the_override_of_the_same_text(
    store: Store, office: OfficeScope, officer: Person, form: AnnouncementForm
) -> None:
    number = drafted(store, office, officer, form)
    ask(store, office, officer, number, WHY)
    with store.write(office) as work:
        announcing.reschedule(work, officer, number, NOW, NOW)
    assert held(store, office, number) == []
    ask(store, office, officer, number)
    assert state(store, office, number) is AnnouncementState.ASKED


def test_a_variant_and_an_alt_text_are_looked_at_too(
    store: Store, office: OfficeScope, officer: Person, form: AnnouncementForm
) -> None:
    (account,) = form.variants
    form = replace(
        form,
        body="Jadwal SIM keliling.",
        variants={account: "Motor B 1234 XYZ ditemukan."},
        image=ImageForm(jpeg(), "KTP dengan NIK 3275011204870003"),
    )
    number = drafted(store, office, officer, form)
    assert set(held(store, office, number)) == {"plate", "nik"}


def test_a_title_is_looked_at_too_for_it_is_a_headline_elsewhere(
    store: Store, office: OfficeScope, officer: Person, form: AnnouncementForm
) -> None:
    form = replace(form, title=PHONE, body="Loket tutup.")
    number = drafted(store, office, officer, form)
    assert held(store, office, number) == ["phone"]
    with pytest.raises(InvalidInput, match="ditahan"):
        ask(store, office, officer, number)
    ask(store, office, officer, number, WHY)
    assert state(store, office, number) is AnnouncementState.ASKED


def test_a_warning_does_not_stand_in_the_way(
    store: Store, office: OfficeScope, officer: Person, form: AnnouncementForm
) -> None:
    form = replace(form, body="Polisi menangkap pelaku curanmor.")
    number = drafted(store, office, officer, form)
    ask(store, office, officer, number)
    with store.read(office) as work:
        (one,) = guarding.standing(work, number, NOW)
        assert (one.rule.code, one.held) == ("presumption", False)


def test_what_became_blocked_after_asking_is_not_approved(
    store: Store,
    office: OfficeScope,
    people: dict[Role, Person],
    officer: Person,
    form: AnnouncementForm,
) -> None:
    with store.write(office) as work:
        admin = people[Role.ADMIN]
        guarding.set_contacts(work, admin, "0813-4567-8901", NOW)
    number = drafted(store, office, officer, form)
    ask(store, office, officer, number)
    with store.write(office) as work:
        guarding.set_contacts(work, admin, "", NOW)
        digest = work.announcements.content(number).hash
    with pytest.raises(InvalidInput, match="alasan"), store.write(office) as work:
        approving.approve(work, people[Role.APPROVER], number, digest, NOW)
    assert state(store, office, number) is AnnouncementState.ASKED


def test_a_picture_without_words_needs_them_or_a_reason(
    store: Store, office: OfficeScope, officer: Person, form: AnnouncementForm
) -> None:
    form = replace(form, body="SIM keliling.", image=ImageForm(jpeg(), ""))
    number = drafted(store, office, officer, form)
    with pytest.raises(InvalidInput, match="pengganti") as refused:
        ask(store, office, officer, number)
    assert refused.value.field == "alt_text"
    ask(store, office, officer, number, "Gambar hanya garis hias tanpa isi.")
    with store.read(office) as work:
        (one,) = guarding.standing(work, number, NOW)
        assert one.override is not None
        assert one.override.rule == "alt_text"
    other = replace(form, image=ImageForm(jpeg(200, 100), ""))
    with store.write(office) as work:
        announcing.edit(work, officer, number, 1, other, NOW)
    assert held(store, office, number) == ["alt_text"]  # of another picture


def test_overrides_of_another_office_do_not_count(
    store: Store, office: OfficeScope, officer: Person, form: AnnouncementForm
) -> None:
    number = drafted(store, office, officer, form)
    ask(store, office, officer, number, WHY)
    other = add_office(store, "lain", "Polres Lain")
    with store.read(office) as work:
        seen = guarding.Seen.of(work.announcements.content(number))
        assert len(work.overrides.of_text(number, seen.hash)) == 1
    with store.read(other) as work:
        assert work.overrides.of_text(number, seen.hash) == []


def test_only_an_administrator_keeps_the_office_s_contacts(
    store: Store, office: OfficeScope, people: dict[Role, Person]
) -> None:
    with pytest.raises(NotAllowed), store.write(office) as work:
        guarding.set_contacts(work, people[Role.OFFICER], "110", NOW)
    admin = people[Role.ADMIN]
    with pytest.raises(InvalidInput), store.write(office) as work:
        guarding.set_contacts(work, admin, "021-555\nbukan nomor", NOW)
    with store.write(office) as work:
        guarding.set_contacts(work, admin, "110, 0812-1000-2000\n110\n", NOW)
        assert work.offices.own().public_contacts == "110\n0812-1000-2000"
