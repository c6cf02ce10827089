"""Who did what is chained: whoever touches a row, or takes one away, is found."""

import io
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from models.chain import GENESIS, INSTALLATION, AuditEvent, AuditHead, Entry
from models.chain_check import Break, Fault, Head
from models.database import UnscopedStatement
from models.errors import InvalidInput, NotAllowed
from models.person import Person
from models.scope import OfficeScope, SystemScope
from models.states import Role
from pipeline import announcing, auditing, doctor
from pipeline.unit import Store
from tests.conftest import NOW, add_office, add_person
from tests.integration.audit_kit import act, behind, rewrite

ROOT = Path(__file__).resolve().parents[2]
TEST = SystemScope("test")
ROWS = 5


@pytest.fixture
def admin(people: dict[Role, Person]) -> Person:
    return people[Role.ADMIN]


@pytest.fixture
def filled(store: Store, office: OfficeScope, admin: Person) -> Store:
    act(store, office, admin, ROWS)
    return store


def breaks(store: Store, by: Person, kept: Head | None = None) -> list[Break]:
    """What ``kentongan audit verify`` would say of the office's chain."""
    return list(auditing.verify(store, by, NOW, kept)[0].breaks)


def head(store: Store, by: Person) -> Head:
    with store.read(OfficeScope(by.office_id)) as work:
        return work.audit.head(by.office_id)


def test_acts_follow_each_other_from_the_first(filled: Store, admin: Person) -> None:
    assert breaks(filled, admin) == []
    with filled.read(TEST) as work:
        rows = list(work.audit.walk(admin.office_id))
    assert [row.number for row in rows] == [1, 2, 3, 4, 5]
    assert rows[0].previous == GENESIS
    assert [row.previous for row in rows[1:]] == [row.hash for row in rows[:-1]]
    assert len({row.hash for row in rows}) == ROWS
    assert head(filled, admin) == Head(ROWS, rows[-1].hash)


def test_the_bytes_that_are_hashed_are_those_of_the_documents(
    filled: Store, admin: Person
) -> None:
    """With nothing of ours: what an auditor would write (docs/how-to/audit.md)."""
    from hashlib import sha256

    with filled.read(TEST) as work:
        rows = list(work.audit.walk(admin.office_id))
    for row in rows:
        plain = row._asdict()
        stored = plain.pop("hash")
        written = json.dumps(
            plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )
        assert sha256(written.encode("utf-8")).hexdigest() == stored
        assert plain["at"] == "2026-11-24T02:00:00.000000+00:00"


CHANGES: list[tuple[str, object]] = [
    ("chain", 7),
    ("number", 70),
    ("office_id", None),
    ("user_id", None),
    ("at", NOW + timedelta(microseconds=1)),
    ("action", "a.c"),
    ("subject", "user"),
    ("subject_id", None),
    ("detail", "kita"),
    ("previous", "f" * 64),
    ("hash", "f" * 64),
]


def test_every_column_is_tried() -> None:
    assert [name for name, _ in CHANGES] == list(Entry._fields)


@pytest.mark.parametrize("number", range(1, ROWS + 1))
@pytest.mark.parametrize(("column", "value"), CHANGES)
def test_a_change_of_any_column_of_any_row_is_found(
    filled: Store, admin: Person, column: str, value: object, number: int
) -> None:
    behind(
        filled,
        f"UPDATE audit_events SET {column} = :value WHERE number = :number",
        value=value,
        number=number,
    )
    found = breaks(filled, admin)
    assert found, column
    assert number in {one.number for one in found}


@pytest.mark.parametrize("value", ["kemarin", "2026-13-45 00:00:00", b"\x00"])
@pytest.mark.parametrize("column", ["at", "subject_id", "detail", "number"])
def test_a_value_that_no_row_could_have_is_found_and_does_not_stop_the_check(
    filled: Store, admin: Person, column: str, value: object
) -> None:
    if filled.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL keeps the types of its columns")
    behind(
        filled,
        f"UPDATE audit_events SET {column} = :value WHERE number = 2",
        value=value,
    )
    assert breaks(filled, admin)[0].number == 2


@pytest.mark.parametrize("number", [1, 3])
def test_a_row_that_is_taken_away_is_found(
    filled: Store, admin: Person, number: int
) -> None:
    behind(filled, "DELETE FROM audit_events WHERE number = :n", n=number)
    assert breaks(filled, admin) == [
        Break(admin.office_id, number, Fault.MISSING, number)
    ]


def test_two_rows_that_change_places_are_found(filled: Store, admin: Person) -> None:
    for number, to in ((2, 90), (3, 2), (90, 3)):
        behind(
            filled,
            "UPDATE audit_events SET number = :to WHERE number = :n",
            to=to,
            n=number,
        )
    faults = {(one.number, one.fault) for one in breaks(filled, admin)}
    assert {(2, Fault.CHANGED), (3, Fault.CHANGED), (2, Fault.UNLINKED)} <= faults


def test_the_last_row_taken_away_is_found_by_the_head(
    filled: Store, admin: Person
) -> None:
    behind(filled, "DELETE FROM audit_events WHERE number = 5")
    assert breaks(filled, admin) == [Break(admin.office_id, 5, Fault.CUT, 5)]


def test_the_last_row_taken_away_with_its_head_is_found_by_the_head_kept_elsewhere(
    filled: Store, admin: Person
) -> None:
    kept = head(filled, admin)
    behind(filled, "DELETE FROM audit_events WHERE number = 5")
    rewrite(filled, admin.office_id)
    assert breaks(filled, admin) == []
    assert breaks(filled, admin, kept) == [Break(admin.office_id, 5, Fault.SHORTER, 5)]


def test_a_chain_that_was_written_anew_is_found_by_the_head_kept_elsewhere(
    filled: Store, office: OfficeScope, admin: Person
) -> None:
    kept = head(filled, admin)
    behind(filled, "UPDATE audit_events SET detail = 'lain' WHERE number = 2")
    rewrite(filled, admin.office_id)
    act(filled, office, admin)
    assert breaks(filled, admin) == []
    assert breaks(filled, admin, kept) == [
        Break(admin.office_id, 5, Fault.REWRITTEN, 5)
    ]


def test_a_head_kept_elsewhere_fits_the_chain_that_went_on(
    filled: Store, office: OfficeScope, admin: Person
) -> None:
    kept = head(filled, admin)
    act(filled, office, admin, 3)
    assert breaks(filled, admin, kept) == []


def test_a_head_that_was_changed_is_found(filled: Store, admin: Person) -> None:
    with filled.write(TEST) as work:
        work.session.get_one(AuditHead, admin.office_id).hash = "f" * 64
    assert breaks(filled, admin) == [Break(admin.office_id, 5, Fault.HEAD, 5)]


def test_a_row_added_behind_the_head_is_found(filled: Store, admin: Person) -> None:
    with filled.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO audit_events SELECT chain, 6, office_id, user_id, at,"
                " action, subject, subject_id, detail, hash, :hash"
                " FROM audit_events WHERE number = 5"
            ),
            {"hash": "f" * 64},
        )
    faults = {one.fault for one in breaks(filled, admin)}
    assert faults == {Fault.CHANGED, Fault.HEAD}


@pytest.mark.parametrize(
    ("database", "statement"),
    [
        ("any", "UPDATE audit_events SET detail = 'x' WHERE number = 2"),
        ("any", "UPDATE audit_events SET detail = 'x'"),
        ("any", "DELETE FROM audit_events WHERE number = 2"),
        ("any", "DELETE FROM audit_events"),
        ("sqlite", "INSERT OR REPLACE INTO audit_events SELECT * FROM audit_events"),
        ("postgresql", "TRUNCATE audit_events"),
    ],
)
def test_the_database_refuses_to_change_or_delete(
    filled: Store, admin: Person, database: str, statement: str
) -> None:
    if database not in ("any", filled.engine.dialect.name):
        pytest.skip(f"a statement of {database}")
    refused = pytest.raises(DBAPIError, match="audit_events is append-only")
    with refused, filled.engine.begin() as connection:
        connection.execute(text(statement))
    assert breaks(filled, admin) == []


def test_what_is_rolled_back_leaves_no_row_and_no_gap(
    filled: Store, office: OfficeScope, admin: Person
) -> None:
    with pytest.raises(RuntimeError), filled.write(office) as work:
        work.audit.act(admin, "a.b", AuditEvent, 1, NOW)
        raise RuntimeError
    act(filled, office, admin)
    assert breaks(filled, admin) == []
    assert head(filled, admin).number == ROWS + 1


def test_a_savepoint_that_is_given_up_does_not_fork_the_chain(
    filled: Store, office: OfficeScope, admin: Person
) -> None:
    with filled.write(office) as work:
        work.audit.act(admin, "a.b", AuditEvent, 1, NOW)
        with work.session.begin_nested():
            work.audit.act(admin, "a.c", AuditEvent, 1, NOW)
        work.audit.act(admin, "a.d", AuditEvent, 1, NOW)
    assert breaks(filled, admin) == []
    assert head(filled, admin).number == ROWS + 3


def test_each_office_has_its_own_chain_and_so_has_the_installation(
    filled: Store, admin: Person
) -> None:
    other = add_office(filled, "lain", "Polres Lain")
    stranger = add_person(filled, other, Role.ADMIN)
    act(filled, other, stranger, 2)
    with filled.write(TEST) as work:
        work.audit.record("database.restored", "backups", None, at=NOW)
    behind(
        filled,
        "UPDATE audit_events SET detail = 'x' WHERE chain = :c AND number = 1",
        c=other.office_id,
    )
    own, house = auditing.verify(filled, admin, NOW)
    assert (own.chain, own.head.number, own.whole) == (admin.office_id, ROWS, True)
    assert (house.chain, house.head.number, house.whole) == (INSTALLATION, 1, True)
    theirs = auditing.verify(filled, stranger, NOW)[0]
    assert [one.number for one in theirs.breaks] == [1]


def test_an_office_writes_nothing_into_another_s_chain(
    filled: Store, office: OfficeScope
) -> None:
    other = add_office(filled, "lain", "Polres Lain")
    stranger = add_person(filled, other, Role.ADMIN)
    with pytest.raises(UnscopedStatement), filled.write(office) as work:
        work.audit.act(stranger, "a.b", AuditEvent, 1, NOW)


def test_a_head_that_was_mistyped_leaves_no_mark(filled: Store, admin: Person) -> None:
    assert breaks(filled, admin) == []
    assert breaks(filled, admin, Head(2, "f" * 64))
    with filled.read(TEST) as work:
        stands = work.audit.stands(admin.office_id)
    assert stands is not None
    assert (stands.faults, stands.checked_at) == (0, NOW)


def test_doctor_says_that_a_chain_is_broken(filled: Store, admin: Person) -> None:
    assert doctor._audit(filled).verdict is doctor.Verdict.GOOD
    behind(filled, "UPDATE audit_events SET detail = 'x' WHERE number = 4")
    assert doctor._audit(filled).verdict is doctor.Verdict.BAD


@pytest.mark.parametrize("role", [Role.OFFICER])
def test_who_may_not_read_the_log_may_not_check_or_export_it(
    filled: Store, people: dict[Role, Person], role: Role
) -> None:
    with pytest.raises(NotAllowed):
        auditing.verify(filled, people[role], NOW)
    with pytest.raises(NotAllowed):
        auditing.export(filled, people[role], NOW, io.StringIO())


def exported(store: Store, by: Person) -> list[str]:
    out = io.StringIO()
    assert auditing.export(store, by, NOW, out) == head(store, by)
    return out.getvalue().splitlines()


def test_an_export_is_checked_without_the_database(
    filled: Store, admin: Person
) -> None:
    lines = exported(filled, admin)
    assert len(lines) == ROWS + 1
    verdict = auditing.verify_export(lines, head(filled, admin))
    assert (verdict.whole, verdict.head) == (True, head(filled, admin))


def test_a_row_changed_in_an_export_is_found(filled: Store, admin: Person) -> None:
    lines = exported(filled, admin)
    lines[1] = lines[1].replace("kata", "kita")
    assert [
        (one.number, one.fault) for one in auditing.verify_export(lines).breaks
    ] == [(2, Fault.CHANGED)]
    del lines[1]
    assert [
        (one.number, one.fault) for one in auditing.verify_export(lines).breaks
    ] == [(2, Fault.MISSING)]


@pytest.mark.parametrize(
    "lines", [[], ["{}"], ["[1]"], ["x"], ['{"head": "5:x"}'], ['{"a": 1}', "{}"]]
)
def test_what_is_no_export_is_refused(lines: list[str]) -> None:
    with pytest.raises(InvalidInput):
        auditing.verify_export(lines)


def test_an_export_without_its_end_is_refused(filled: Store, admin: Person) -> None:
    with pytest.raises(InvalidInput):
        auditing.verify_export(exported(filled, admin)[:-1])


def test_the_chain_outlives_the_announcement_that_is_cancelled_and_deleted(
    store: Store, office: OfficeScope, people: dict[Role, Person]
) -> None:
    author, admin = people[Role.OFFICER], people[Role.ADMIN]
    form = announcing.AnnouncementForm("Judul", "Isi", {})
    with store.write(office) as work:
        number = announcing.draft(work, author, form, NOW)
        announcing.cancel(work, author, number, "salah", NOW)
    with store.write(TEST) as work:
        work.session.delete(work.announcements.get(number))
    assert breaks(store, admin) == []
    with store.read(office) as work:
        rows = list(work.audit.walk(office.office_id))
    assert [(row.action, row.subject_id) for row in rows] == [
        ("announcement.draft", number),
        ("announcement.cancel", number),
    ]


def test_two_processes_of_200_acts_each_make_one_chain(
    store: Store, office: OfficeScope, admin: Person
) -> None:
    command: list[Any] = [
        *(sys.executable, "-m", "tests.integration.audit_worker", store.url),
        *(office.office_id, admin.user_id, 200),
    ]
    workers = [
        subprocess.Popen(
            list(map(str, command)),
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        for _ in range(2)
    ]
    for worker in workers:
        assert worker.wait(100) == 0
    assert breaks(store, admin) == []
    assert head(store, admin).number == 400
