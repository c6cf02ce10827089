"""Announcements are written by one, approved by another, and bound to their bytes."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from models.account import Account
from models.announcement import Approval
from models.errors import Conflict, InvalidInput, NotAllowed, OwnWork
from models.person import Person
from models.problems import Problem
from models.scope import OfficeScope
from models.states import (
    AccountHealth,
    AccountMode,
    AnnouncementState,
    DeliveryState,
    Role,
)
from pipeline import announcing, approving
from pipeline.announcing import AnnouncementForm
from pipeline.measuring import measure, thread_of
from pipeline.pictures import ImageForm
from pipeline.unit import Store
from tests.conftest import NOW, add_office, add_person
from tests.pictures import jpeg

LATER = NOW + timedelta(hours=1)


def add_account(store: Store, office: OfficeScope, network: str = "mastodon") -> int:
    with store.write(office) as work:
        return work.accounts.add(
            Account(
                office_id=office.office_id,
                network=network,
                handle=f"polres_{network}",
                base_url="http://127.0.0.1:1",
                sealed_secrets=b"",
                mode=AccountMode.LIVE,
                health=AccountHealth.CONNECTED,
                created_at=NOW,
                lease_until=NOW,
                next_allowed_at=NOW,
                hear_next_at=NOW,
                hear_lease_until=NOW,
            )
        )


@pytest.fixture
def account(store: Store, office: OfficeScope) -> int:
    return add_account(store, office)


@pytest.fixture
def form(account: int) -> AnnouncementForm:
    return AnnouncementForm(
        title="SIM keliling",
        body="SIM keliling di Pasar Mekarasih, 08.00–12.00 WIB.",
        variants={account: ""},
        publish_at=LATER,
        not_after=LATER + timedelta(hours=4),
    )


@pytest.fixture
def officer(people: dict[Role, Person]) -> Person:
    return people[Role.OFFICER]


@pytest.fixture
def head(people: dict[Role, Person]) -> Person:
    return people[Role.APPROVER]


def asked(
    store: Store, office: OfficeScope, by: Person, form: AnnouncementForm
) -> tuple[int, str]:
    with store.write(office) as work:
        number = announcing.draft(work, by, form, NOW)
        announcing.ask(work, by, number, NOW)
        return number, work.announcements.content(number).hash


def approved(
    store: Store, office: OfficeScope, by: Person, head: Person, form: AnnouncementForm
) -> int:
    number, digest = asked(store, office, by, form)
    with store.write(office) as work:
        approving.approve(work, head, number, digest, NOW)
    return number


def states(store: Store, office: OfficeScope, number: int) -> list[DeliveryState]:
    with store.read(office) as work:
        return [row.state for row in work.schedule.of(number)]


def test_an_approved_announcement_is_scheduled_once_an_account(
    store: Store,
    office: OfficeScope,
    officer: Person,
    head: Person,
    form: AnnouncementForm,
) -> None:
    second = add_account(store, office, "x")
    form = replace(form, variants={**form.variants, second: "SIM keliling di pasar."})
    number = approved(store, office, officer, head, form)
    with store.read(office) as work:
        rows = work.schedule.of(number)
        assert [row.due_at for row in rows] == [LATER, LATER]
        assert len({row.key for row in rows}) == 2
        assert work.announcements.approval_problem(number) is None


def test_the_author_may_not_approve_their_own_text(
    store: Store, office: OfficeScope, form: AnnouncementForm, head: Person
) -> None:
    number, digest = asked(store, office, head, form)
    with pytest.raises(NotAllowed), store.write(office) as work:
        approving.approve(work, head, number, digest, NOW)
    assert states(store, office, number) == []


def test_the_database_itself_refuses_a_maker_who_checks(
    store: Store, office: OfficeScope, officer: Person, form: AnnouncementForm
) -> None:
    number, digest = asked(store, office, officer, form)
    with pytest.raises(IntegrityError), store.write(office) as work:
        work.session.add(
            Approval(
                office_id=office.office_id,
                announcement_id=number,
                content_hash=digest,
                author_id=officer.user_id,
                asked_by=officer.user_id,
                asked_at=NOW,
                decided_by=officer.user_id,
                approved=True,
            )
        )


def test_whoever_edited_last_counts_as_the_author(
    store: Store,
    office: OfficeScope,
    officer: Person,
    head: Person,
    form: AnnouncementForm,
) -> None:
    with store.write(office) as work:
        number = announcing.draft(work, officer, form, NOW)
        announcing.edit(work, head, number, 1, replace(form, body="Diubah."), NOW)
        announcing.ask(work, officer, number, NOW)
        digest = work.announcements.content(number).hash
    with pytest.raises(NotAllowed), store.write(office) as work:
        approving.approve(work, head, number, digest, NOW)


def test_whoever_saves_without_a_change_does_not_become_the_author(
    store: Store, office: OfficeScope, head: Person, form: AnnouncementForm
) -> None:
    other = add_person(store, office, Role.APPROVER, "kedua")
    with store.write(office) as work:
        number = announcing.draft(work, head, form, NOW)
        announcing.edit(work, other, number, 1, form, NOW)
        announcing.ask(work, other, number, NOW)
        digest = work.announcements.content(number).hash
    with pytest.raises(OwnWork), store.write(office) as work:
        approving.approve(work, head, number, digest, NOW)


@pytest.mark.parametrize("role", [Role.OFFICER, Role.ADMIN])
def test_only_an_approver_approves(
    store: Store,
    office: OfficeScope,
    people: dict[Role, Person],
    form: AnnouncementForm,
    role: Role,
) -> None:
    number, digest = asked(store, office, people[Role.OFFICER], form)
    with pytest.raises(NotAllowed), store.write(office) as work:
        approving.approve(work, people[role], number, digest, NOW)


@pytest.mark.parametrize("number", ["B/1\nBcc: x@y.example", "9" * 81, "B\u2028"])
def test_a_letter_number_is_one_short_line(
    store: Store,
    office: OfficeScope,
    officer: Person,
    form: AnnouncementForm,
    number: str,
) -> None:
    with pytest.raises(InvalidInput, match="Nomor surat"), store.write(office) as work:
        announcing.draft(work, officer, replace(form, letter_number=number), NOW)


CHANGES = {
    "body": {"body": "SIM keliling di Pasar Mekarasih, 08.00–12.00 WIB!"},
    "letter_number": {"letter_number": "B/12/XI/2026"},
    "title": {"title": "SIM keliling Selasa"},
    "publish_at": {"publish_at": LATER + timedelta(minutes=1)},
    "not_after": {"not_after": LATER + timedelta(hours=5)},
    "category": {"category": "lalu_lintas"},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_any_change_voids_the_approval_and_holds_what_was_due(
    store: Store,
    office: OfficeScope,
    officer: Person,
    head: Person,
    form: AnnouncementForm,
    change: dict[str, object],
) -> None:
    number = approved(store, office, officer, head, form)
    with store.write(office) as work:
        announcing.edit(work, officer, number, 1, replace(form, **change), NOW)
    with store.read(office) as work:
        assert work.announcements.get(number).state is AnnouncementState.VOID
        assert work.announcements.approval_problem(number) is Problem.APPROVAL_VOID
    assert states(store, office, number) == [DeliveryState.HELD]


def test_bar_6_one_byte_changed_behind_our_back_voids_the_approval(
    store: Store,
    office: OfficeScope,
    officer: Person,
    head: Person,
    form: AnnouncementForm,
    account: int,
) -> None:
    number = approved(store, office, officer, head, form)
    with store.write(office) as work:
        (variant,) = work.announcements.variants(number)
        variant.text = "SIM keliling di Pasar Mekarasih, 08.00–13.00 WIB."
    with store.read(office) as work:
        assert work.announcements.approval_problem(number) is Problem.APPROVAL_VOID


def test_approved_again_it_is_the_same_delivery_at_the_new_time(
    store: Store,
    office: OfficeScope,
    officer: Person,
    head: Person,
    form: AnnouncementForm,
) -> None:
    number = approved(store, office, officer, head, form)
    moved = replace(form, publish_at=LATER + timedelta(minutes=30))
    with store.write(office) as work:
        announcing.edit(work, officer, number, 1, moved, NOW)
        announcing.ask(work, officer, number, NOW)
        digest = work.announcements.content(number).hash
        approving.approve(work, head, number, digest, NOW)
    with store.read(office) as work:
        (row,) = work.schedule.of(number)
        assert row.state is DeliveryState.SCHEDULED
        assert row.due_at == moved.publish_at


def test_what_was_looked_at_must_be_what_is_approved(
    store: Store,
    office: OfficeScope,
    officer: Person,
    head: Person,
    form: AnnouncementForm,
) -> None:
    number, digest = asked(store, office, officer, form)
    with store.write(office) as work:
        announcing.edit(work, officer, number, 1, replace(form, body="Lain."), NOW)
        announcing.ask(work, officer, number, NOW)
    with pytest.raises(Conflict), store.write(office) as work:
        approving.approve(work, head, number, digest, NOW)


def test_two_editors_do_not_overwrite_each_other(
    store: Store, office: OfficeScope, officer: Person, form: AnnouncementForm
) -> None:
    with store.write(office) as work:
        number = announcing.draft(work, officer, form, NOW)
        announcing.edit(work, officer, number, 1, replace(form, body="Satu."), NOW)
    with pytest.raises(Conflict), store.write(office) as work:
        announcing.edit(work, officer, number, 1, replace(form, body="Dua."), NOW)
    with store.read(office) as work:
        assert work.announcements.get(number).body == "Satu."


def test_a_cancelled_announcement_leaves_nothing_due(
    store: Store,
    office: OfficeScope,
    officer: Person,
    head: Person,
    form: AnnouncementForm,
) -> None:
    number = approved(store, office, officer, head, form)
    with store.write(office) as work:
        announcing.cancel(work, officer, number, "jadwal berubah", NOW)
    assert states(store, office, number) == [DeliveryState.CANCELLED]


def test_sending_back_needs_a_word(
    store: Store,
    office: OfficeScope,
    officer: Person,
    head: Person,
    form: AnnouncementForm,
) -> None:
    number, _ = asked(store, office, officer, form)
    with pytest.raises(InvalidInput), store.write(office) as work:
        approving.send_back(work, head, number, "  ", NOW)
    with store.write(office) as work:
        approving.send_back(work, head, number, "Jamnya keliru.", NOW)
    with store.read(office) as work:
        assert work.announcements.get(number).state is AnnouncementState.SENT_BACK


@pytest.mark.parametrize(
    ("body", "message"),
    [("", "kosong"), ("a" * 501, "melebihi batas"), ("a" * 100_000, "20.000")],
)
def test_a_text_that_cannot_go_out_is_not_asked_for(
    store: Store,
    office: OfficeScope,
    officer: Person,
    form: AnnouncementForm,
    body: str,
    message: str,
) -> None:
    with pytest.raises(InvalidInput, match=message), store.write(office) as work:
        number = announcing.draft(work, officer, replace(form, body=body), NOW)
        announcing.ask(work, officer, number, NOW)


def test_a_window_that_ends_before_it_begins_is_refused(
    store: Store, office: OfficeScope, officer: Person, form: AnnouncementForm
) -> None:
    with pytest.raises(InvalidInput, match="sesudah"), store.write(office) as work:
        announcing.draft(work, officer, replace(form, not_after=LATER), NOW)


def test_a_picture_needs_words_for_those_who_cannot_see_it(
    store: Store, office: OfficeScope, officer: Person, form: AnnouncementForm
) -> None:
    picture = replace(form, image=ImageForm(jpeg(), alt=""))
    with pytest.raises(InvalidInput), store.write(office) as work:
        number = announcing.draft(work, officer, picture, NOW)
        announcing.ask(work, officer, number, NOW)


def test_a_file_that_is_no_picture_is_refused_and_nothing_is_stored(
    store: Store, office: OfficeScope, officer: Person, form: AnnouncementForm
) -> None:
    wrong = replace(form, image=ImageForm(b"%PDF-1.7 bukan gambar", alt="poster"))
    with pytest.raises(InvalidInput), store.write(office) as work:
        announcing.draft(work, officer, wrong, NOW)
    with store.read(office) as work:
        assert work.announcements.listed() == []


def test_another_offices_announcement_cannot_be_touched(
    store: Store, office: OfficeScope, officer: Person, form: AnnouncementForm
) -> None:
    number, _ = asked(store, office, officer, form)
    other = add_office(store, "lain", "Polres Lain")
    stranger = add_person(store, other, Role.OFFICER, "asing")
    from models.errors import NotFound

    with pytest.raises(NotFound), store.write(other) as work:
        announcing.cancel(work, stranger, number, "usil", NOW)


# threads

LONG = "Layanan SIM keliling buka pukul 08.00 di Pasar Mekarasih. " * 20


def parts_of(store: Store, office: OfficeScope, announcement_id: int) -> list[str]:
    with store.read(office) as work:
        (part,) = work.announcements.content(announcement_id).parts
        return list(part.thread)


def test_a_text_too_long_becomes_a_thread_where_it_is_wanted(
    store: Store, office: OfficeScope, people: dict[Role, Person], account: int
) -> None:
    form = AnnouncementForm("Judul", LONG, {account: ""}, threads=(account,))
    with store.write(office) as work:
        one = announcing.draft(work, people[Role.OFFICER], form, NOW)
        announcing.ask(work, people[Role.OFFICER], one, NOW)
    parts = parts_of(store, office, one)
    assert len(parts) == 3
    assert " ".join(parts) == LONG.strip()
    with store.write(office) as work:
        content = work.announcements.content(one)
        (delivery,) = approving.approve(
            work, people[Role.APPROVER], one, content.hash, NOW
        )
        assert work.deliveries.get(delivery).parts == 3


def test_a_text_too_long_that_is_no_thread_is_not_asked_for(
    store: Store, office: OfficeScope, people: dict[Role, Person], account: int
) -> None:
    form = AnnouncementForm("Judul", LONG, {account: ""})
    with store.write(office) as work:
        one = announcing.draft(work, people[Role.OFFICER], form, NOW)
    with pytest.raises(InvalidInput), store.write(office) as work:
        announcing.ask(work, people[Role.OFFICER], one, NOW)


def test_a_text_that_fits_stays_one_post_though_a_thread_was_allowed(
    store: Store, office: OfficeScope, people: dict[Role, Person], account: int
) -> None:
    form = AnnouncementForm("Judul", "Pendek.", {account: ""}, threads=(account,))
    with store.write(office) as work:
        one = announcing.draft(work, people[Role.OFFICER], form, NOW)
    assert parts_of(store, office, one) == []


def test_another_text_is_split_anew_and_needs_another_approval(
    store: Store, office: OfficeScope, people: dict[Role, Person], account: int
) -> None:
    form = AnnouncementForm("Judul", LONG, {account: ""}, threads=(account,))
    officer = people[Role.OFFICER]
    with store.write(office) as work:
        one = announcing.draft(work, officer, form, NOW)
        announcing.ask(work, officer, one, NOW)
    other = replace(form, body=LONG.replace("08.00", "09.00"))
    with store.write(office) as work:
        announcing.edit(work, officer, one, 1, other, NOW)
        assert work.announcements.get(one).state is AnnouncementState.DRAFT
    assert all("08.00" not in part for part in parts_of(store, office, one))


def test_a_thread_of_too_many_parts_stays_a_text_too_long(
    store: Store, office: OfficeScope, account: int
) -> None:
    with store.read(office) as work:
        row = work.accounts.get(account)
    assert thread_of(row, LONG * 3) != ()
    found = measure(row, LONG * 16, thread=True)
    assert (found.thread, found.problem) == ((), Problem.TEXT_TOO_LONG)
