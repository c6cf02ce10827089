"""Up to three signatures, each of another person, and an end to waiting for them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from models.announcement import Announcement
from models.category import categories
from models.chain import AuditEvent
from models.dashboard import Dashboard
from models.errors import (
    Conflict,
    InvalidInput,
    NotAllowed,
    OwnWork,
    SignedAlready,
)
from models.office import Office
from models.person import Person
from models.problems import Problem
from models.scope import OfficeScope
from models.signature import Signature, whole
from models.states import AnnouncementState, DeliveryState, Role
from pipeline import announcing, approving, holding
from pipeline.announcing import AnnouncementForm
from pipeline.engine import BY_NAME
from pipeline.queue import TaskName
from pipeline.unit import Store
from tests.conftest import NOW, add_person
from tests.integration.ledger_kit import TEST, Desk, Wall

HOUR = timedelta(hours=1)


@dataclass
class Signing:
    """An office that wants more than one signature, and those who give them."""

    desk: Desk
    officer: Person
    first: Person
    second: Person
    third: Person
    account: int

    def wants(self, steps: int) -> None:
        with self.desk.store.write(self.desk.office) as work:
            admin = self.desk.people[Role.ADMIN]
            approving.set_signatures(work, admin, steps, NOW)

    def form(self, **values: Any) -> AnnouncementForm:
        form = AnnouncementForm(
            title="Penutupan jalan",
            body="Jalan Merdeka ditutup Sabtu, 06.00–10.00 WIB.",
            variants={self.account: ""},
            publish_at=NOW + HOUR,
            not_after=NOW + 3 * HOUR,
        )
        return replace(form, **values)

    def asked(self, by: Person | None = None, **values: Any) -> tuple[int, str]:
        with self.desk.store.write(self.desk.office) as work:
            number = announcing.draft(
                work, by or self.officer, self.form(**values), NOW
            )
            announcing.ask(work, by or self.officer, number, NOW)
            return number, work.announcements.content(number).hash

    def sign(self, by: Person, number: int, digest: str) -> list[int]:
        with self.desk.store.write(self.desk.office) as work:
            return approving.approve(work, by, number, digest, NOW)

    def state(self, number: int) -> AnnouncementState:
        with self.desk.store.read(self.desk.office) as work:
            return work.announcements.get(number).state

    def acts(self, number: int) -> list[tuple[str, str]]:
        with self.desk.store.read(self.desk.office) as work:
            rows = work.audit.about({Announcement: [number]})
        return [(one.action, one.detail) for one in rows]


@pytest.fixture
def signing(
    store: Store, office: OfficeScope, people: dict[Role, Person], tmp_path: Any
) -> Signing:
    desk = Desk(store, office, people, Wall(tmp_path / "wall.jsonl"))
    approvers = [
        add_person(store, office, Role.APPROVER, name) for name in ("dua", "tiga")
    ]
    account = desk.account(network="mastodon")
    officer, first = people[Role.OFFICER], people[Role.APPROVER]
    return Signing(desk, officer, first, *approvers, account)


def test_only_the_last_of_three_signatures_schedules_it(signing: Signing) -> None:
    signing.wants(3)
    number, digest = signing.asked()
    for by in (signing.first, signing.second):
        assert signing.sign(by, number, digest) == []
        assert signing.state(number) is AnnouncementState.ASKED
        with signing.desk.store.read(signing.desk.office) as work:
            assert work.schedule.of(number) == []
            assert work.announcements.approval_problem(number) is Problem.APPROVAL_VOID
    assert len(signing.sign(signing.third, number, digest)) == 1
    assert signing.state(number) is AnnouncementState.APPROVED
    with signing.desk.store.read(signing.desk.office) as work:
        assert work.announcements.approval_problem(number) is None
    assert signing.acts(number)[-3:] == [
        ("announcement.sign", f"1/3 {digest}"),
        ("announcement.sign", f"2/3 {digest}"),
        ("announcement.approve", digest),
    ]


def test_nobody_signs_twice(signing: Signing) -> None:
    signing.wants(2)
    number, digest = signing.asked()
    signing.sign(signing.first, number, digest)
    with pytest.raises(SignedAlready):
        signing.sign(signing.first, number, digest)
    assert signing.state(number) is AnnouncementState.ASKED


def test_ten_presses_of_one_button_at_once_are_one_signature(signing: Signing) -> None:
    signing.wants(3)
    number, digest = signing.asked()

    def press(by: Person) -> bool:
        try:
            signing.sign(by, number, digest)
        except SignedAlready:
            return False
        return True

    with ThreadPoolExecutor(5) as pool:
        taken = list(pool.map(press, [signing.first, signing.second] * 5))
    assert sum(taken) == 2
    with signing.desk.store.read(signing.desk.office) as work:
        approval = work.announcements.latest_approval(number)
        assert approval is not None
        rows = work.signatures.of(approval.id)
    assert [one.step for one in rows] == [1, 2]
    assert {one.signed_by for one in rows} == {
        signing.first.user_id,
        signing.second.user_id,
    }


def test_neither_author_nor_asker_signs_any_step(signing: Signing) -> None:
    signing.wants(2)
    with signing.desk.store.write(signing.desk.office) as work:
        number = announcing.draft(work, signing.first, signing.form(), NOW)
        announcing.ask(work, signing.second, number, NOW)
        digest = work.announcements.content(number).hash
    for by in (signing.first, signing.second):
        with pytest.raises(OwnWork):
            signing.sign(by, number, digest)
    signing.sign(signing.third, number, digest)
    for by in (signing.first, signing.second):
        with pytest.raises(OwnWork):
            signing.sign(by, number, digest)


BAD: dict[str, Callable[[Signing], dict[str, Any]]] = {
    "author": lambda s: {"signed_by": s.officer.user_id},
    "another as the author": lambda s: {
        "signed_by": s.officer.user_id,
        "author_id": s.third.user_id,
        "asked_by": s.third.user_id,
    },
    "twice": lambda s: {"signed_by": s.first.user_id},
    "another hash": lambda s: {"signed_by": s.second.user_id, "content_hash": "f" * 64},
    "a fourth": lambda s: {"signed_by": s.second.user_id, "step": 4},
    "a step again": lambda s: {"signed_by": s.second.user_id, "step": 1},
}


@pytest.mark.parametrize("why", BAD)
def test_the_database_itself_refuses_a_signature_that_may_not_be(
    signing: Signing, why: str
) -> None:
    signing.wants(3)
    number, digest = signing.asked()
    signing.sign(signing.first, number, digest)
    with pytest.raises(IntegrityError), signing.desk.store.write(TEST) as work:
        approval = work.announcements.latest_approval(number)
        assert approval is not None
        row = approving.signature_of(approval, signing.first.user_id, 2, NOW)
        for name, value in BAD[why](signing).items():
            setattr(row, name, value)
        work.signatures.add(row)


def test_a_missing_signature_holds_what_is_scheduled(signing: Signing) -> None:
    signing.wants(2)
    number, digest = signing.asked(publish_at=None, not_after=None)
    signing.sign(signing.first, number, digest)
    (delivery,) = signing.sign(signing.second, number, digest)
    with signing.desk.store.write(TEST) as work:
        row = work.session.scalars(select(Signature).where(Signature.step == 2)).one()
        work.session.delete(row)
    signing.desk.job().send_next(NOW)
    row_now = signing.desk.row(delivery)
    assert (row_now.state, row_now.problem) == (
        DeliveryState.HELD,
        Problem.APPROVAL_VOID,
    )
    assert signing.desk.wall.texts() == []


def test_signatures_of_a_text_that_changed_count_for_nothing(signing: Signing) -> None:
    signing.wants(2)
    number, digest = signing.asked()
    signing.sign(signing.first, number, digest)
    with signing.desk.store.write(signing.desk.office) as work:
        form = signing.form(body="Jalan Merdeka ditutup Minggu.")
        announcing.edit(work, signing.officer, number, 1, form, NOW)
        announcing.ask(work, signing.officer, number, NOW)
        digest = work.announcements.content(number).hash
    assert signing.sign(signing.second, number, digest) == []
    assert signing.sign(signing.first, number, digest) != []


@pytest.mark.parametrize("again", [False, True], ids=["another", "who signed"])
def test_any_signer_may_send_it_back(signing: Signing, *, again: bool) -> None:
    signing.wants(2)
    number, digest = signing.asked()
    signing.sign(signing.first, number, digest)
    by = signing.first if again else signing.second
    with signing.desk.store.write(signing.desk.office) as work:
        approving.send_back(work, by, number, "Jamnya keliru.", NOW)
    assert signing.state(number) is AnnouncementState.SENT_BACK
    with pytest.raises(Conflict):
        signing.sign(signing.third, number, digest)


def test_what_was_asked_for_keeps_the_number_of_its_day(signing: Signing) -> None:
    signing.wants(2)
    number, digest = signing.asked()
    signing.wants(1)
    assert signing.sign(signing.first, number, digest) == []
    assert signing.sign(signing.second, number, digest) != []


def test_the_stricter_of_office_and_kind_counts() -> None:
    office = Office(signatures=2)
    kinds = categories().by_code
    assert {one.signatures for one in kinds.values()} <= {1, 2, 3}
    assert holding.steps_of(office, "umum") == 2
    office.signatures = 1
    assert holding.steps_of(office, "umum") == kinds["umum"].signatures


@pytest.mark.parametrize("least", [0, 4])
def test_an_office_wants_one_to_three(signing: Signing, least: int) -> None:
    with pytest.raises(InvalidInput):
        signing.wants(least)
    with (
        pytest.raises(NotAllowed),
        signing.desk.store.write(signing.desk.office) as work,
    ):
        approving.set_signatures(work, signing.first, 2, NOW)


def test_gaps_and_doubles_are_not_whole() -> None:
    def row(step: int, by: int) -> Signature:
        return Signature(step=step, signed_by=by)

    assert whole([row(1, 5)], 1)
    assert whole([row(2, 6), row(1, 5)], 2)
    assert not whole([], 1)
    assert not whole([row(2, 6)], 2)
    assert not whole([row(1, 5), row(2, 5)], 2)


# running out of time


def test_what_nobody_decides_in_time_expires_and_its_author_is_told(
    signing: Signing,
) -> None:
    signing.wants(2)
    late, digest = signing.asked()
    signing.sign(signing.first, late, digest)
    still, _ = signing.asked(
        body="Samsat keliling pindah ke alun-alun.", not_after=NOW + 9 * HOUR
    )
    end = NOW + 3 * HOUR
    assert approving.expire_due(signing.desk.store, end - timedelta(seconds=1)) == 0
    assert approving.expire_due(signing.desk.store, end) == 1
    assert approving.expire_due(signing.desk.store, end) == 0
    assert signing.state(late) is AnnouncementState.EXPIRED
    assert signing.state(still) is AnnouncementState.ASKED
    assert signing.acts(late)[-1] == ("announcement.expire", digest)
    with signing.desk.store.read(signing.desk.office) as work:
        (told,) = Dashboard(work.session).expired(NOW)
        assert (told.id, told.author_id) == (late, signing.officer.user_id)
        assert work.schedule.of(late) == []


def test_what_expires_without_an_end_of_its_own_ends_as_its_kind_does(
    signing: Signing,
) -> None:
    number, _ = signing.asked(
        publish_at=NOW + HOUR, not_after=None, category="sim_keliling"
    )
    midnight = NOW + timedelta(hours=15)  # 09.00 WIB and fifteen hours
    approving.expire_due(signing.desk.store, midnight - timedelta(seconds=1))
    assert signing.state(number) is AnnouncementState.ASKED
    approving.expire_due(signing.desk.store, midnight)
    assert signing.state(number) is AnnouncementState.EXPIRED


def test_a_late_approval_is_refused_before_and_after_the_look(
    signing: Signing,
) -> None:
    number, digest = signing.asked()
    end = NOW + 3 * HOUR
    for error in (InvalidInput, Conflict):
        with (
            pytest.raises(error),
            signing.desk.store.write(signing.desk.office) as work,
        ):
            approving.approve(work, signing.first, number, digest, end)
        approving.expire_due(signing.desk.store, end)


def test_an_expired_request_can_be_asked_for_again(signing: Signing) -> None:
    number, _ = signing.asked()
    later = NOW + 4 * HOUR
    approving.expire_due(signing.desk.store, later)
    with signing.desk.store.write(signing.desk.office) as work:
        with pytest.raises(InvalidInput):
            announcing.ask(work, signing.officer, number, later)
        version = work.announcements.get(number).version
        form = signing.form(publish_at=later + HOUR, not_after=later + 2 * HOUR)
        announcing.edit(work, signing.officer, number, version, form, later)
        announcing.ask(work, signing.officer, number, later)
        digest = work.announcements.content(number).hash
        assert approving.approve(work, signing.first, number, digest, later)


def test_the_clock_looks_for_what_expires() -> None:
    assert BY_NAME[TaskName.EXPIRE].alone


def test_the_audit_chain_stays_whole_over_every_signature(signing: Signing) -> None:
    signing.wants(3)
    number, digest = signing.asked()
    for by in (signing.first, signing.second, signing.third):
        signing.sign(by, number, digest)
    with signing.desk.store.read(TEST) as work:
        signers = work.session.scalars(
            select(AuditEvent.user_id)
            .where(
                AuditEvent.action.in_(["announcement.sign", "announcement.approve"]),
                AuditEvent.subject_id == number,
            )
            .order_by(AuditEvent.number)
        ).all()
    assert signers == [
        one.user_id for one in (signing.first, signing.second, signing.third)
    ]
