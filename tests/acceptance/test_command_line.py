"""The command line as a person at a terminal uses it, in an empty folder."""

import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sandbox.site import Site
from tests.terminal import Terminal


@pytest.fixture
def empty(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """An installation with an officer and an approver; shared, so left as it is."""
    terminal = Terminal(tmp_path_factory.mktemp("office"))
    terminal.init()
    terminal.run("user", "add", "ratna", "--name", "Ratna", "--role", "officer")
    terminal.run("user", "add", "wira", "--name", "Wirawan", "--role", "approver")
    return terminal


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site.start() as running:
        yield running


def test_init_writes_private_files_and_a_second_one_changes_nothing(
    empty: Terminal,
) -> None:
    empty.init()
    for name in ("kentongan.toml", "kentongan.key", "kentongan.db"):
        assert (empty.folder / name).stat().st_mode & 0o777 == 0o600
    key = (empty.folder / "kentongan.key").read_text()
    again = empty.try_("init", "--code", "lain", "--name", "Lain")
    assert again.returncode == 1
    assert "sudah ada" in again.stderr
    assert (empty.folder / "kentongan.key").read_text() == key


def test_an_empty_folder_says_what_to_do_first(empty: Terminal) -> None:
    done = empty.try_("user", "list")
    assert done.returncode == 1
    assert "kentongan init" in done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [("KENTONGAN_WEB_PROT", "8080"), ("KENTONGAN_WEB_PORT", "delapan")],
)
def test_an_unknown_or_wrong_setting_is_named(
    made: Terminal, name: str, value: str
) -> None:
    done = made.try_("user", "list", **{name: value})
    assert done.returncode == 1
    assert name.removeprefix("KENTONGAN_").lower() in done.stderr.lower()


def test_an_unknown_name_in_the_file_is_an_error(empty: Terminal) -> None:
    (empty.folder / "kentongan.toml").write_text("web_prot = 1\n")
    done = empty.try_("user", "list")
    assert done.returncode == 1
    assert "web_prot" in done.stderr


def test_a_key_that_others_may_read_is_refused(empty: Terminal) -> None:
    empty.init()
    (empty.folder / "kentongan.key").chmod(0o644)
    done = empty.try_("run")
    assert done.returncode == 1
    assert "chmod 600" in done.stderr


def test_lists_are_for_people_and_for_programs(made: Terminal) -> None:
    assert "wira" in made.run("user", "list")
    rows = made.json("user", "list")
    assert isinstance(rows, list)
    assert {row["login"] for row in rows} == {"admin", "ratna", "wira"}


def test_errors_are_english_where_the_terminal_is(made: Terminal) -> None:
    ask = ("--as", "ratna", "announcement", "ask", "999")
    done = made.try_(*ask, LC_ALL="en_US.UTF-8")
    assert done.returncode == 1
    assert "office" in done.stderr
    done = made.try_(*ask)
    assert "kantor" in done.stderr


def test_an_announcement_from_draft_to_schedule(empty: Terminal, site: Site) -> None:
    empty.init()
    empty.run("user", "add", "ratna", "--name", "Ratna", "--role", "officer")
    empty.run("user", "add", "wira", "--name", "Wirawan", "--role", "approver")
    empty.environment["KENTONGAN_INNER_HOSTS"] = json.dumps(
        [site.url.removeprefix("http://")]
    )
    tokens = site.add_account("mastodon", "polres_baris")
    account = empty.json(
        "account", "connect", "mastodon", "--base-url", site.url,
        **{name.upper(): value for name, value in tokens.secrets.items()},
    )  # fmt: skip
    assert isinstance(account, dict)
    assert account["mode"] == "rehearsal"
    number = str(account["id"])
    empty.run("account", "golive", number)
    drafted = empty.json(
        "--as", "ratna", "announcement", "draft", "--title", "SKCK",
        "--body", "Loket SKCK buka sampai pukul 20.00 WIB.", "--account", number,
    )  # fmt: skip
    assert isinstance(drafted, dict)
    announcement = str(drafted["id"])
    empty.run("--as", "ratna", "announcement", "ask", announcement)
    refused = empty.try_(
        "--as", "ratna", "announcement", "approve", announcement, "--yes"
    )
    assert refused.returncode == 1
    empty.run("--as", "wira", "announcement", "approve", announcement, "--yes")
    (row,) = empty.json("announcement", "list")  # type: ignore[misc]
    assert empty.json("announcement", "uncorrected") == []
    assert row["deliveries"] == f"{number}:scheduled"
    with closing(sqlite3.connect(empty.folder / "kentongan.db")) as database:
        dump = "\n".join(database.iterdump())
    assert not [name for name, value in tokens.secrets.items() if value in dump]


def test_times_are_typed_and_told_in_the_office_s_zone(
    empty: Terminal, site: Site
) -> None:
    empty.init()
    hosts = json.dumps([site.url.removeprefix("http://")])
    empty.environment["KENTONGAN_INNER_HOSTS"] = hosts
    tokens = site.add_account("mastodon", "polres_baris")
    account = empty.json(
        "account", "connect", "mastodon", "--base-url", site.url,
        **{name.upper(): value for name, value in tokens.secrets.items()},
    )  # fmt: skip
    assert isinstance(account, dict)
    # the machine stands in Jakarta, the office in Jayapura
    with closing(sqlite3.connect(empty.folder / "kentongan.db")) as database, database:
        database.execute("UPDATE offices SET timezone = 'Asia/Jayapura'")
    empty.run("user", "add", "ratna", "--name", "Ratna", "--role", "officer")
    empty.run(
        "--as", "ratna",
        "announcement", "draft", "--title", "SKCK", "--body", "Loket SKCK buka.",
        "--account", str(account["id"]), "--at", "2027-01-04 08:00",
    )  # fmt: skip
    (row,) = empty.json("announcement", "list")  # type: ignore[misc]
    assert row["publish_at"] == "2027-01-03T23:00:00+00:00"
    assert "2027-01-04 08:00 WIT" in empty.run("announcement", "list")


def test_a_wrong_token_is_explained_and_nothing_is_kept(
    empty: Terminal, site: Site
) -> None:
    empty.init()
    hosts = json.dumps([site.url.removeprefix("http://")])
    done = empty.try_(
        "account", "connect", "mastodon", "--base-url", site.url,
        KENTONGAN_INNER_HOSTS=hosts, ACCESS_TOKEN="token-rekaan-yang-salah",
    )  # fmt: skip
    assert done.returncode == 1
    assert "Token akun ditolak" in done.stderr
    assert "Izin write:statuses: menerbitkan" in done.stderr
    assert "token-rekaan-yang-salah" not in done.stderr
    assert empty.json("account", "list") == []


def test_connecting_again_with_a_wrong_token_keeps_the_one_that_worked(
    empty: Terminal, site: Site
) -> None:
    empty.init()
    hosts = json.dumps([site.url.removeprefix("http://")])
    empty.environment["KENTONGAN_INNER_HOSTS"] = hosts
    connect = ("account", "connect", "mastodon", "--base-url", site.url)
    tokens = site.add_account("mastodon", "polres_baris")
    right = {name.upper(): value for name, value in tokens.secrets.items()}
    empty.json(*connect, **right)

    def kept() -> list[object]:
        with closing(sqlite3.connect(empty.folder / "kentongan.db")) as database:
            return database.execute(
                "SELECT sealed_secrets, health FROM accounts"
            ).fetchall()

    before = kept()
    wrong = empty.try_(*connect, **dict.fromkeys(right, "token-rekaan-yang-salah"))
    assert wrong.returncode == 1
    assert kept() == before


def test_a_backup_comes_back_and_what_was_due_since_becomes_uncertain(
    empty: Terminal, site: Site
) -> None:
    test_an_announcement_from_draft_to_schedule(empty, site)
    empty.run("db", "backup", "cadangan.db")
    assert (empty.folder / "cadangan.db").stat().st_mode & 0o777 == 0o600
    again = empty.try_("db", "backup", "cadangan.db")
    assert again.returncode == 1
    said = empty.run("db", "restore", "cadangan.db", "--yes")
    assert "1 kiriman" in said
    (row,) = empty.json("announcement", "list")  # type: ignore[misc]
    assert row["deliveries"].endswith(":uncertain")


def test_what_is_no_backup_is_refused_and_the_database_stays(empty: Terminal) -> None:
    empty.init()
    (empty.folder / "salah.db").write_text("bukan basis data")
    done = empty.try_("db", "restore", "salah.db", "--yes")
    assert done.returncode == 1
    assert "bukan cadangan" in done.stderr
    assert empty.json("user", "list")


@pytest.mark.parametrize("step", ["0001", "9999"])
def test_another_program_s_database_is_no_backup(empty: Terminal, step: str) -> None:
    empty.init()
    with closing(sqlite3.connect(empty.folder / "lain.db")) as database:
        database.execute("CREATE TABLE alembic_version (version_num TEXT)")
        database.execute("INSERT INTO alembic_version VALUES (?)", (step,))
        database.commit()
    assert empty.try_("db", "restore", "lain.db", "--yes").returncode == 1
    assert empty.json("user", "list")


def test_a_second_restore_keeps_the_database_of_before_the_first(
    empty: Terminal,
) -> None:
    empty.init()
    empty.run("db", "backup", "cadangan.db")
    for _ in range(2):
        empty.run("db", "restore", "cadangan.db", "--yes")
        (kept,) = [
            one
            for one in empty.folder.glob("kentongan.db.before-restore-*")
            if not one.name.endswith(("-wal", "-shm"))
        ]
        kept.rename(empty.folder / "kept.db")


def test_doctor_is_calm_about_a_new_installation(made: Terminal) -> None:
    findings = made.json("doctor")
    assert isinstance(findings, list)
    verdicts = {one["name"]: one["verdict"] for one in findings}
    assert {"zone", "disk", "database", "key", "model", "clock"} <= set(verdicts)
    assert "bad" not in verdicts.values()


def test_doctor_names_a_database_that_lags_behind(empty: Terminal) -> None:
    empty.init()
    with closing(sqlite3.connect(empty.folder / "kentongan.db")) as database:
        database.execute("DELETE FROM alembic_version")
        database.commit()
    done = empty.try_("doctor")
    assert done.returncode == 1
    assert "db migrate" in done.stdout


def test_daily_counts_written_by_hand_are_found_and_put_right(empty: Terminal) -> None:
    empty.init()
    with closing(sqlite3.connect(empty.folder / "kentongan.db")) as database:
        database.execute(
            "INSERT INTO day_counts (office_id, day, service, counted_as, number)"
            " VALUES (1, '2026-11-24', '', 'negative', 7)"
        )
        database.commit()
    done = empty.try_("doctor")
    assert done.returncode == 1
    assert "kentongan db recount" in done.stdout
    assert "Dibetulkan: 1" in empty.run("db", "recount")
    assert "Dibetulkan: 0" in empty.run("db", "recount")
    assert empty.try_("doctor").returncode == 0


def test_run_serves_until_it_is_told_to_stop(made: Terminal) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "cli", "run"],
        cwd=made.folder,
        env=made.environment | {"KENTONGAN_WEB_PORT": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert "http://127.0.0.1:" in line
    made.run("db", "backup", "while-it-runs.db")
    refused = made.try_("db", "restore", "while-it-runs.db", "--yes")
    assert refused.returncode == 1
    assert "Hentikan kentongan run" in refused.stderr
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=40)
    assert "Traceback" not in errors
    assert process.returncode == 0, "the clock and the workers ended too"


def test_a_port_that_is_taken_is_explained(made: Terminal, site: Site) -> None:
    port = site.url.rpartition(":")[2]
    done = made.try_("run", KENTONGAN_WEB_PORT=port)
    assert done.returncode == 1
    assert "web_port" in done.stderr
