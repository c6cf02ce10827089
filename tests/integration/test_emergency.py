"""The emergency lane: fixed words, one signature before, another after the fact."""

import json
from collections.abc import Callable, Mapping
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from models.announcement import Announcement, Approval, Variant
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
from models.quiet import QuietHours
from models.scope import OfficeScope
from models.states import AnnouncementState, DeliveryState, Role
from models.stop import EVERYTHING
from pipeline import announcing, approving, countersigning, doctor, emergency
from pipeline.announcing import AnnouncementForm
from pipeline.doctor import Verdict
from pipeline.stopping import stop
from pipeline.unit import Store
from tests.conftest import NOW, add_person
from tests.integration.ledger_kit import TEST, Desk, Wall

HOUR = timedelta(hours=1)
FIELDS: Mapping[str, str] = {
    "bahaya": "banjir di bantaran Kali Mekar",
    "tempat": "Kelurahan Mekarasih",
    "tanggal": "2026-11-24",
    "pukul": "08:40",
    "langkah": "Pindah ke tempat tinggi",
    "sumber": "BPBD Kota Sukamaju",
    "kontak": "110",
}


class Lane:
    """An office in a hurry: who asks, who lets out, who signs afterwards."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.officer = desk.people[Role.OFFICER]
        self.first = desk.people[Role.APPROVER]
        self.second = add_person(desk.store, desk.office, Role.APPROVER, "dua")
        self.account = desk.account(network="mastodon")

    def asked(self, by: Person | None = None, **fields: str) -> tuple[int, str]:
        with self.desk.store.write(self.desk.office) as work:
            number = emergency.ask(
                work,
                by or self.officer,
                "bencana",
                FIELDS | fields,
                [self.account],
                NOW,
                repeat_reason="uji",
            )
            return number, work.announcements.content(number).hash

    def approve(self, by: Person, number: int, digest: str) -> list[int]:
        with self.desk.store.write(self.desk.office) as work:
            return approving.approve(work, by, number, digest, NOW)

    def countersign(
        self, by: Person, number: int, digest: str, after: timedelta = HOUR
    ) -> None:
        with self.desk.store.write(self.desk.office) as work:
            countersigning.countersign(work, by, number, digest, NOW + after)

    def out(self) -> tuple[int, str, int]:
        """Something that one signature let out."""
        number, digest = self.asked()
        (delivery,) = self.approve(self.first, number, digest)
        return number, digest, delivery

    def acts(self, number: int) -> list[tuple[str, str]]:
        with self.desk.store.read(self.desk.office) as work:
            rows = work.audit.about({Announcement: [number]})
        return [(one.action, one.detail) for one in rows]

    def waiting(self) -> list[int]:
        with self.desk.store.read(self.desk.office) as work:
            return [one.announcement_id for one in work.countersigns.waiting()]


@pytest.fixture
def lane(
    store: Store, office: OfficeScope, people: dict[Role, Person], tmp_path: Path
) -> Lane:
    return Lane(Desk(store, office, people, Wall(tmp_path / "wall.jsonl")))


def test_one_signature_lets_it_out_at_once_whatever_the_office_wants(
    lane: Lane,
) -> None:
    with lane.desk.store.write(lane.desk.office) as work:
        approving.set_signatures(work, lane.desk.people[Role.ADMIN], 3, NOW)
    number, _, delivery = lane.out()
    lane.desk.job().send_next(NOW)
    assert lane.desk.state(delivery) is DeliveryState.PUBLISHED
    (said,) = lane.desk.wall.texts()
    assert said.startswith("PERINGATAN: banjir di bantaran Kali Mekar")
    assert lane.waiting() == [number]


@pytest.mark.parametrize("code", ["sim_keliling", "klarifikasi_hoaks"])
def test_only_templates_that_say_so_may_be_asked_for_here(
    lane: Lane, code: str
) -> None:
    with (
        pytest.raises(InvalidInput, match="tidak untuk jalur darurat"),
        lane.desk.store.write(lane.desk.office) as work,
    ):
        emergency.ask(work, lane.officer, code, {}, [lane.account], NOW)


CHANGES: dict[str, Callable[[Any, int], None]] = {
    "text": lambda work, number: setattr(
        work.session.scalars(
            select(Variant).where(Variant.announcement_id == number)
        ).one(),
        "text",
        "Bebas.",
    ),
    "fields": lambda work, number: setattr(
        work.announcements.get(number),
        "emergency",
        json.dumps({"template": "bencana", "fields": {**FIELDS, "bahaya": "lain"}}),
    ),
    "template": lambda work, number: setattr(
        work.announcements.get(number),
        "emergency",
        json.dumps({"template": "sim_keliling", "fields": {}}),
    ),
    "no json": lambda work, number: setattr(
        work.announcements.get(number), "emergency", "{"
    ),
    "title": lambda work, number: setattr(
        work.announcements.get(number), "title", "Lain"
    ),
    "letter number": lambda work, number: setattr(
        work.announcements.get(number), "letter_number", "B/1"
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_its_template_does_not_say_is_refused(lane: Lane, what: str) -> None:
    """Even where the asking itself was changed behind our back."""
    number, _ = lane.asked()
    with lane.desk.store.write(lane.desk.office) as work:
        CHANGES[what](work, number)
        work.session.flush()
        digest = work.announcements.content(number).hash
        approval = work.announcements.latest_approval(number)
        assert approval is not None
        approval.content_hash = digest
    with pytest.raises(InvalidInput, match="bukan lagi isi templat"):
        lane.approve(lane.first, number, digest)


def test_whoever_edits_it_takes_the_ordinary_way(lane: Lane) -> None:
    with lane.desk.store.write(lane.desk.office) as work:
        approving.set_signatures(work, lane.desk.people[Role.ADMIN], 2, NOW)
    number, _ = lane.asked()
    form = AnnouncementForm("Banjir", "Bebas.", {lane.account: ""}, category="darurat")
    with lane.desk.store.write(lane.desk.office) as work:
        announcing.edit(work, lane.officer, number, 1, form, NOW)
        assert work.announcements.get(number).emergency == ""
        announcing.ask(work, lane.officer, number, NOW)
        digest = work.announcements.content(number).hash
    assert lane.approve(lane.first, number, digest) == []
    assert lane.approve(lane.second, number, digest) != []
    assert lane.waiting() == []


def test_another_time_is_the_ordinary_way_too(lane: Lane) -> None:
    number, _ = lane.asked()
    with lane.desk.store.write(lane.desk.office) as work:
        announcing.reschedule(work, lane.officer, number, NOW + HOUR, NOW)
        assert work.announcements.get(number).emergency == ""


# nobody lets out their own


def test_self_approval_in_the_emergency_lane_is_impossible_by_a_service_call(
    lane: Lane,
) -> None:
    number, digest = lane.asked(lane.first)  # an approver who writes
    with pytest.raises(OwnWork):
        lane.approve(lane.first, number, digest)
    lane.approve(lane.second, number, digest)
    with pytest.raises(OwnWork):
        lane.countersign(lane.first, number, digest)
    assert lane.waiting() == [number]


def test_self_approval_in_the_emergency_lane_is_impossible_in_the_database(
    lane: Lane,
) -> None:
    number, _ = lane.asked()
    for step in (1, 2):
        with pytest.raises(IntegrityError), lane.desk.store.write(TEST) as work:
            approval = work.announcements.latest_approval(number)
            assert approval is not None
            row = approving.signature_of(approval, lane.officer.user_id, step, NOW)
            work.signatures.add(row)


@pytest.mark.parametrize("role", [Role.OFFICER, Role.ADMIN])
def test_only_approvers_sign_before_and_after(lane: Lane, role: Role) -> None:
    number, digest = lane.asked(lane.second)
    other = add_person(lane.desk.store, lane.desk.office, role, "lain")
    with pytest.raises(NotAllowed):
        lane.approve(other, number, digest)
    lane.approve(lane.first, number, digest)
    with pytest.raises(NotAllowed):
        lane.countersign(other, number, digest)


# the signature after the fact


def test_another_approver_signs_after_the_fact(lane: Lane) -> None:
    number, digest, _ = lane.out()
    assert [act for act, _ in lane.acts(number)] == [
        "announcement.draft",
        "announcement.ask",
        "announcement.emergency",
        "announcement.approve",
    ]
    with pytest.raises(SignedAlready):
        lane.countersign(lane.first, number, digest)
    with pytest.raises(Conflict):
        lane.countersign(lane.second, number, "f" * 64)
    lane.countersign(lane.second, number, digest)
    assert lane.waiting() == []
    assert lane.acts(number)[-1] == ("announcement.countersign", digest)
    with pytest.raises(Conflict):
        lane.countersign(lane.second, number, digest)
    with lane.desk.store.read(lane.desk.office) as work:
        approval = work.announcements.latest_approval(number)
        assert approval is not None
        signed = [one.signed_by for one in work.signatures.of(approval.id)]
        assert signed == [lane.first.user_id, lane.second.user_id]
        assert work.announcements.approval_problem(number) is None


def test_a_signature_that_is_missing_in_time_is_reported_once_and_never_dropped(
    lane: Lane,
) -> None:
    number, digest, _ = lane.out()
    store, late = lane.desk.store, NOW + 24 * HOUR
    assert countersigning.report_missing(store, late - timedelta(seconds=1)) == 0
    assert doctor.countersigns(store, NOW).verdict is Verdict.GOOD
    assert countersigning.report_missing(store, late) == 1
    assert countersigning.report_missing(store, late + HOUR) == 0
    assert lane.acts(number)[-1] == ("announcement.countersign_missed", digest)
    found = doctor.countersigns(store, late)
    assert (found.verdict, found.said) == (Verdict.BAD, "1")
    assert lane.waiting() == [number]
    lane.countersign(lane.second, number, digest, 30 * HOUR)
    assert lane.acts(number)[-1] == ("announcement.countersign", f"{digest} late")
    assert doctor.countersigns(store, late).verdict is Verdict.GOOD
    assert lane.waiting() == []


def test_the_office_sets_the_time_and_what_is_out_keeps_its_own(lane: Lane) -> None:
    lane.out()
    admin = lane.desk.people[Role.ADMIN]
    with lane.desk.store.write(lane.desk.office) as work:
        countersigning.set_hours(work, admin, 1, NOW)
        for wrong in (0, 73):
            with pytest.raises(InvalidInput):
                countersigning.set_hours(work, admin, wrong, NOW)
        with pytest.raises(NotAllowed):
            countersigning.set_hours(work, lane.first, 2, NOW)
    number, digest = lane.asked(tempat="Kelurahan Harapan")
    lane.approve(lane.first, number, digest)
    with lane.desk.store.read(lane.desk.office) as work:
        due = [one.by - NOW for one in work.countersigns.waiting()]
    assert due == [HOUR, 24 * HOUR]


def test_what_was_cancelled_before_it_left_needs_no_second_signature(
    lane: Lane,
) -> None:
    number, _, _ = lane.out()
    with lane.desk.store.write(lane.desk.office) as work:
        announcing.cancel(work, lane.officer, number, "keliru", NOW)
    assert lane.waiting() == []


def test_what_left_and_was_cancelled_then_still_needs_it(lane: Lane) -> None:
    second = lane.desk.account("lantas", network="mastodon")
    with lane.desk.store.write(lane.desk.office) as work:
        number = emergency.ask(
            work, lane.officer, "bencana", FIELDS, [lane.account, second], NOW
        )
        digest = work.announcements.content(number).hash
    one, _ = lane.approve(lane.first, number, digest)
    lane.desk.change(type(lane.desk.row(one)), one, state=DeliveryState.PUBLISHED)
    with lane.desk.store.write(lane.desk.office) as work:
        announcing.cancel(work, lane.officer, number, "keliru", NOW)
    assert lane.waiting() == [number]
    lane.countersign(lane.second, number, digest)
    assert lane.waiting() == []


# what holds it


def test_quiet_hours_do_not_hold_it_and_a_stop_does(lane: Lane) -> None:
    """A missing child is of a kind that waits for the morning, but not in this lane."""
    quiet = QuietHours(time(8), time(12))  # it is 09.00
    lane.desk.change(
        Office,
        lane.desk.office.office_id,
        quiet_from=quiet.start,
        quiet_to=quiet.end,
    )
    _, _, delivery = lane.out()
    with lane.desk.store.write(lane.desk.office) as work:
        admin = lane.desk.people[Role.ADMIN]
        stop(work, admin, EVERYTHING, "diretas", NOW + HOUR, NOW)
    lane.desk.job().send_next(NOW)
    held = lane.desk.row(delivery)
    assert (held.state, held.problem) == (DeliveryState.HELD, Problem.ALL_STOPPED)
    assert lane.desk.wall.texts() == []


def test_quiet_hours_hold_the_same_kind_only_outside_the_lane(lane: Lane) -> None:
    lane.desk.change(
        Office, lane.desk.office.office_id, quiet_from=time(8), quiet_to=time(12)
    )
    number, digest = lane.asked()
    with lane.desk.store.write(TEST) as work:  # a kind that quiet hours hold
        row = work.announcements.get(number)
        row.category = "umum"
        work.session.flush()
        approval = work.announcements.latest_approval(number)
        assert approval is not None
        digest = work.announcements.content(number).hash
        approval.content_hash, approval.approved = digest, True
        approval.decided_by, approval.decided_at = lane.first.user_id, NOW
        row.state = AnnouncementState.APPROVED
        work.session.flush()
        work.signatures.add(
            approving.signature_of(approval, lane.first.user_id, 1, NOW)
        )
    with lane.desk.store.write(lane.desk.office) as work:
        row = work.announcements.get(number)
        (delivery,) = work.schedule.put(
            row, [lane.account], due_at=NOW, not_after=None, now=NOW
        )
    lane.desk.job().send_next(NOW)
    assert lane.desk.state(delivery) is DeliveryState.PUBLISHED


def test_one_byte_changed_behind_our_back_holds_an_emergency_too(lane: Lane) -> None:
    number, _, delivery = lane.out()
    lane.desk.change(Announcement, number, emergency="")
    lane.desk.job().send_next(NOW)
    assert lane.desk.row(delivery).problem is Problem.APPROVAL_VOID
    assert lane.desk.wall.texts() == []


def test_an_older_approval_never_waits_for_a_second_signature(lane: Lane) -> None:
    lane.desk.announce("Biasa", lane.account)
    assert lane.waiting() == []
    with lane.desk.store.read(TEST) as work:
        assert work.session.scalars(select(Approval.countersign_by)).all() == [None]
