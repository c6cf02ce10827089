"""``kentongan audit`` at a terminal: what an inspector types, and what it says."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.terminal import Terminal


@pytest.fixture
def desk(tmp_path: Path) -> Terminal:
    terminal = Terminal(tmp_path)
    terminal.init()
    terminal.run("user", "add", "ratna", "--name", "Ratna", "--role", "officer")
    terminal.run("user", "add", "wira", "--name", "Wirawan", "--role", "approver")
    return terminal


def tamper(desk: Terminal, statement: str) -> None:
    """As somebody with the file and no respect."""
    with closing(sqlite3.connect(desk.folder / "kentongan.db")) as connection:
        for name in ("no_update", "no_delete"):
            connection.execute(f"DROP TRIGGER audit_events_{name}")
        connection.execute(statement)
        connection.commit()


def test_verify_says_that_the_chain_is_whole_and_where_it_ends(desk: Terminal) -> None:
    said = desk.run("audit", "verify")
    assert "rantai utuh. Kepala: " in said
    (found,) = desk.json("audit", "verify")  # type: ignore[misc]
    assert found["whole"] is True  # type: ignore[index]
    assert found["head"] in said  # type: ignore[index]


def test_verify_says_which_row_is_broken_and_how_and_ends_with_1(
    desk: Terminal,
) -> None:
    tamper(desk, "UPDATE audit_events SET user_id = NULL WHERE number = 2")
    done = desk.try_("audit", "verify")
    assert done.returncode == 1
    assert "Catatan 2 diubah" in done.stdout
    assert desk.try_("doctor").returncode == 1
    assert "kentongan audit verify" in desk.try_("doctor").stdout


def test_a_head_kept_elsewhere_finds_the_row_that_is_gone(desk: Terminal) -> None:
    desk.run("audit", "export", "catatan.jsonl")
    lines = (desk.folder / "catatan.jsonl").read_text().splitlines()
    head = json.loads(lines[-1])["head"]
    assert desk.run("audit", "verify", "--head", head)
    assert desk.run("audit", "verify", "--file", "catatan.jsonl", "--head", head)
    wrong = head.replace(head[-1], "0" if head[-1] != "0" else "1")
    done = desk.try_("audit", "verify", "--head", wrong)
    assert done.returncode == 1
    assert "rantai ditulis ulang" in done.stdout
    assert desk.try_("audit", "verify", "--head", "x").returncode == 1


def test_an_export_is_private_and_replaces_nothing(desk: Terminal) -> None:
    desk.run("audit", "export", "catatan.jsonl")
    file = desk.folder / "catatan.jsonl"
    assert file.stat().st_mode & 0o077 == 0
    assert desk.try_("audit", "export", "catatan.jsonl").returncode == 1
    assert (
        desk.run("audit", "export").splitlines()[:-1]
        == (file.read_text().splitlines()[:-1])
    )


def test_the_list_is_narrowed_by_actor_action_and_day(desk: Terminal) -> None:
    every = desk.json("audit", "list")
    assert [one["action"] for one in every] == ["user.add"] * 3  # type: ignore[attr-defined]
    assert desk.json("audit", "list", "--action", "announcement") == []
    assert len(desk.json("audit", "list", "--action", "user")) == 3  # type: ignore[arg-type]
    assert desk.json("audit", "list", "--actor", "ratna") == []
    assert desk.json("audit", "list", "--until", "2020-01-01") == []
    assert len(desk.json("audit", "list", "--since", "2020-01-01")) == 3  # type: ignore[arg-type]
    assert desk.try_("audit", "list", "--actor", "siapa").returncode == 1


def test_an_officer_may_not_read_it(desk: Terminal) -> None:
    for verb in ("list", "verify", "export"):
        assert desk.try_("--as", "ratna", "audit", verb).returncode == 1
        assert desk.try_("--as", "wira", "audit", verb).returncode == 0
