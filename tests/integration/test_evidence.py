"""The evidence of one announcement: whole, checkable by itself, and discreet."""

import hashlib
import io
import json
import zipfile
from typing import Any

import pytest

from models.account import Account
from models.announcement import Approval
from models.chain import Entry, digest
from models.chain_check import Head
from models.delivery import FoundBy
from models.errors import NotAllowed, NotFound
from models.person import Person
from models.preflight import Found
from models.problems import Problem
from models.reading import ReadingTurn
from models.scope import OfficeScope
from models.speech import Numbers, Receipt
from models.states import DeliveryState, Role
from pipeline import announcing, approving, evidence
from pipeline.unit import Store
from tests.conftest import NOW, add_office, add_person
from tests.integration.ledger_kit import Desk, Wall
from tests.pictures import jpeg

SECRET = b"rahasia-sekali"


@pytest.fixture
def desk(
    store: Store, office: OfficeScope, people: dict[Role, Person], tmp_path: Any
) -> Desk:
    return Desk(store, office, people, Wall(tmp_path / "wall.jsonl"))


def told(desk: Desk) -> int:
    """An announcement with a picture, approved, sent once, with its receipt."""
    accounts = [
        desk.account("humas", network="x", sealed_secrets=SECRET),
        desk.account("humas", network="mastodon", sealed_secrets=SECRET),
    ]
    form = announcing.AnnouncementForm(
        title="SIM keliling",
        body="SIM keliling di alun-alun, 08.00–12.00 WIB.",
        variants={accounts[0]: "", accounts[1]: "Khusus Mastodon."},
        image=announcing.ImageForm(jpeg(), "Mobil SIM keliling"),
    )
    with desk.store.write(desk.office) as work:
        number = announcing.draft(work, desk.people[Role.OFFICER], form, NOW)
        announcing.ask(work, desk.people[Role.OFFICER], number, NOW)
        content = work.announcements.content(number)
        sent, _ = approving.approve(
            work, desk.people[Role.APPROVER], number, content.hash, NOW
        )
        row = work.deliveries.get(sent)
        row.state = DeliveryState.ARMED
        row.sent_text = content.parts[0].text
        work.deliveries.begin_attempt(row, "pekerja", NOW)
        work.deliveries.end_attempt(row.id, 1, DeliveryState.PUBLISHED, NOW)
        receipt = Receipt("17", "https://x.example/humas/17")
        work.deliveries.prove(row, receipt, FoundBy.ANSWER, NOW, part=1)
    return number


def opened(desk: Desk, number: int) -> dict[str, bytes]:
    with desk.store.read(desk.office) as work:
        made = evidence.bundle(work, desk.people[Role.APPROVER], number, NOW)
    assert made.sha256 == hashlib.sha256(made.content).hexdigest()
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_every_file_is_in_the_manifest_with_its_hash(desk: Desk) -> None:
    files = opened(desk, told(desk))
    sums = dict(
        reversed(line.split("  ", 1))
        for line in files.pop("SHA256SUMS").decode().splitlines()
    )
    assert sums == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items()
    }


def test_the_content_has_the_hash_that_was_approved(desk: Desk) -> None:
    number = told(desk)
    files = opened(desk, number)
    (approval,) = json.loads(files["approvals.json"])
    assert hashlib.sha256(files["content.json"]).hexdigest() == approval["content_hash"]
    assert approval["approved"] is True
    assert approval["decided_by"] == desk.people[Role.APPROVER].user_id
    names = json.loads(files["people.json"])
    assert names[str(approval["decided_by"])] == "Approver"
    assert names[str(approval["author_id"])] == "Officer"


def test_every_signature_and_what_was_asked_for_are_there(desk: Desk) -> None:
    files = opened(desk, told(desk))
    (approval,) = json.loads(files["approvals.json"])
    (signature,) = approval["signatures"]
    assert signature["signed_by"] == approval["decided_by"]
    assert signature["content_hash"] == approval["content_hash"]
    asked = files[f"asked/{approval['id']}.json"]
    assert hashlib.sha256(asked).hexdigest() == approval["content_hash"]


def test_what_the_guard_blocked_is_there_with_who_let_it_through_and_why(
    desk: Desk,
) -> None:
    officer = desk.people[Role.OFFICER]
    form = announcing.AnnouncementForm(
        title="Orang hilang",
        body="Bila melihat Rafi, telepon keluarganya 081345678901.",
        variants={desk.account(network="x"): ""},
    )
    with desk.store.write(desk.office) as work:
        number = announcing.draft(work, officer, form, NOW)
        announcing.ask(work, officer, number, NOW, "Keluarga memintanya disiarkan.")
    (override,) = json.loads(opened(desk, number)["guard.json"])
    assert override["rule"] == "phone"
    assert override["reason"] == "Keluarga memintanya disiarkan."
    assert override["user_id"] == officer.user_id


def test_every_part_of_a_thread_is_there_with_its_receipt(desk: Desk) -> None:
    account = desk.account()
    (delivery,) = desk.announce("satu dua", account, thread=("satu", "dua"))
    for _ in range(2):
        desk.job().send_next(NOW)
    number = desk.row(delivery).announcement_id
    (told_of,) = json.loads(opened(desk, number)["deliveries.json"])
    assert [one["text"] for one in told_of["thread"]] == ["satu", "dua"]
    assert [one["remote_id"] for one in told_of["thread"]] == ["1", "2"]
    assert told_of["parts"] == 2


def test_looks_ahead_and_numbers_stand_with_each_delivery(desk: Desk) -> None:
    number = told(desk)
    with desk.store.write(desk.office) as work:
        row = work.schedule.of(number)[0]
        found = [Found(Problem.QUOTA_SPENT), Found(Problem.TEXT_TOO_LONG)]
        work.preflights.keep(row, found, NOW)
        turn = ReadingTurn(office_id=row.office_id, delivery_id=row.id)
        work.session.add(turn)
        work.session.flush()
        work.readings.keep(row, Numbers(likes=12), NOW, None)
    files = opened(desk, number)
    delivery = json.loads(files["deliveries.json"])[0]
    (look,), (reading,) = delivery["looks_ahead"], delivery["numbers"]
    assert (look["problem"], look["others"]) == ("quota_spent", '["text_too_long"]')
    assert (reading["likes"], reading["views"]) == (12, None)
    assert delivery["gone_at"] is None


def test_texts_and_picture_are_those_that_go_out(desk: Desk) -> None:
    files = opened(desk, told(desk))
    texts = {one.decode() for name, one in files.items() if name.startswith("texts/")}
    assert texts == {"SIM keliling di alun-alun, 08.00–12.00 WIB.", "Khusus Mastodon."}
    media = json.loads(files["media/media.json"])
    (image,) = (
        one
        for name, one in files.items()
        if name.startswith("media/") and not name.endswith(".json")
    )
    assert hashlib.sha256(image).hexdigest() == media["sha256"]
    assert media["alt_text"] == "Mobil SIM keliling"


def test_tries_and_receipts_are_there_with_both_sides_numbers(desk: Desk) -> None:
    rows = json.loads(opened(desk, told(desk))["deliveries.json"])
    (sent,) = (row for row in rows if row["receipt"])
    assert sent["receipt"]["remote_id"] == "17"
    assert sent["receipt"]["url"] == "https://x.example/humas/17"
    assert [one["outcome"] for one in sent["attempts"]] == ["published"]
    assert len(sent["key"]) >= 16
    assert sent["account"]["network"] == "x"


def test_the_acts_carry_their_place_in_the_chain(desk: Desk) -> None:
    files = opened(desk, told(desk))
    rows = [Entry(**json.loads(one)) for one in files["audit.jsonl"].splitlines()]
    assert [row.action for row in rows] == [
        "announcement.draft",
        "announcement.ask",
        "announcement.approve",
    ]
    assert all(digest(row) == row.hash for row in rows)
    assert Head.read(files["audit-head.txt"].decode()).number == 3


def test_no_secret_and_no_other_office_s_words_are_in_it(desk: Desk) -> None:
    number = told(desk)
    with desk.store.read(desk.office) as work:
        salt = work.offices.by_id(desk.office.office_id).salt.encode()
    every = b"".join(opened(desk, number).values())
    assert SECRET not in every
    assert b"sealed" not in every
    assert salt not in every


def test_the_same_announcement_makes_the_same_bytes(desk: Desk) -> None:
    number = told(desk)
    with desk.store.read(desk.office) as work:
        by = desk.people[Role.APPROVER]
        first = evidence.bundle(work, by, number, NOW)
        assert evidence.bundle(work, by, number, NOW) == first


def test_evidence_of_a_cancelled_announcement_is_kept(desk: Desk) -> None:
    number = told(desk)
    with desk.store.write(desk.office) as work:
        announcing.cancel(work, desk.people[Role.OFFICER], number, "salah", NOW)
    files = opened(desk, number)
    assert json.loads(files["announcement.json"])["state"] == "cancelled"
    assert b"announcement.cancel" in files["audit.jsonl"]
    assert json.loads(files["approvals.json"])[0]["voided_at"]


def test_a_new_column_stays_inside_until_somebody_lets_it_out() -> None:
    for table, names in evidence.TOLD.items():
        assert set(names) <= set(table.__table__.columns.keys())
    assert "sealed_secrets" not in evidence.TOLD[Account]
    kept = {"office_id", "announcement_id", "content"}  # which has files of its own
    assert set(Approval.__table__.columns.keys()) - kept == set(evidence.TOLD[Approval])


def test_only_who_may_read_the_log_takes_evidence_and_only_of_their_office(
    desk: Desk,
) -> None:
    number = told(desk)
    with pytest.raises(NotAllowed), desk.store.read(desk.office) as work:
        evidence.bundle(work, desk.people[Role.OFFICER], number, NOW)
    other = add_office(desk.store, "lain", "Polres Lain")
    stranger = add_person(desk.store, other, Role.APPROVER)
    with pytest.raises(NotFound), desk.store.read(other) as work:
        evidence.bundle(work, stranger, number, NOW)
