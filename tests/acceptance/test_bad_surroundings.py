"""A sentence and an exit code for whatever stands wrong around the program."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.terminal import Terminal


@pytest.fixture
def office(tmp_path: Path) -> Terminal:
    terminal = Terminal(tmp_path)
    terminal.init()
    return terminal


def explained(
    terminal: Terminal, *arguments: str, said: str, **environment: str
) -> None:
    """The command fails with this sentence, and no file with a traceback is named."""
    done = terminal.try_(*arguments, **environment)
    assert done.returncode == 1
    assert said in done.stderr
    assert "hubungi pengelola" not in done.stderr


@pytest.mark.parametrize(
    ("code", "name"), [("po/../lres", "Polres"), ("polres", "   "), ("p", "x" * 121)]
)
def test_an_office_needs_a_code_and_a_name_that_fit(
    tmp_path: Path, code: str, name: str
) -> None:
    terminal = Terminal(tmp_path)
    explained(
        terminal, "init", "--code", code, "--name", name, "--login", "a",
        "--person", "B", said="kantor", FIRST_PASSWORD="padi-menguning-2026",
    )  # fmt: skip
    explained(terminal, "user", "list", said="kentongan init")


def test_a_database_of_a_newer_program_is_left_alone(office: Terminal) -> None:
    with closing(sqlite3.connect(office.folder / "kentongan.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
    for command in (("user", "list"), ("db", "migrate"), ("run",), ("init",)):
        explained(office, *command, said="lebih baru")
    assert "lebih baru" in office.try_("doctor").stdout


def test_a_file_that_is_no_database_is_named(office: Terminal) -> None:
    (office.folder / "kentongan.db").write_text("bukan basis data " * 100)
    explained(office, "user", "list", said="rusak atau bukan basis data")
    assert "tidak dapat dibuka" in office.try_("doctor").stdout


def test_a_database_that_cannot_be_opened_is_named(office: Terminal) -> None:
    folder = f"sqlite:///{office.folder}"  # a folder is no file
    explained(
        office, "user", "list", said="Periksa folder", KENTONGAN_DATABASE_URL=folder
    )


def test_the_settings_and_the_command_line_speak_english_too(office: Terminal) -> None:
    english = {"LC_ALL": "en_US.UTF-8"}
    wrong = {"KENTONGAN_WEB_PORT": "70000", "KENTONGAN_CONNECT_TIMEOUT": "-1"}
    explained(
        office, "user", "list", said="web_port: at most 65535", **english, **wrong
    )
    explained(
        office, "user", "list", said="must be more than nought", **english, **wrong
    )
    key = office.folder / "kentongan.key"
    key.chmod(0o644)
    explained(
        office, "run", said=f"others can read it. Run: chmod 600 {key.name}", **english
    )
    key.chmod(0o600)
    assert "None yet." in office.run("source", "list", **english)


def test_a_login_that_is_taken_is_said_so(office: Terminal) -> None:
    office.run("user", "add", "ratna", "--name", "Ratna")
    explained(
        office, "user", "add", "ratna", "--name", "Lain",
        said="Nama masuk ini sudah dipakai.",
    )  # fmt: skip


def test_an_inner_source_is_refused_unless_the_settings_name_it(
    office: Terminal,
) -> None:
    inner = "http://169.254.169.254/rss"
    explained(office, "source", "add", inner, said="tidak boleh dihubungi")
    office.run("source", "add", inner, KENTONGAN_INNER_HOSTS="169.254.169.254:80")


def test_a_server_that_does_not_answer_is_named_without_its_password(
    office: Terminal,
) -> None:
    url = "postgresql+psycopg://humas:rahasia-rekaan@127.0.0.1:1/x"
    done = office.try_("user", "list", KENTONGAN_DATABASE_URL=url)
    assert done.returncode == 1
    assert "Server basis data tidak dapat dihubungi" in done.stderr
    assert "rahasia-rekaan" not in done.stderr


def test_a_settings_file_that_is_not_there_is_no_other_office(
    office: Terminal,
) -> None:
    explained(
        office, "--settings", "lain.toml", "user", "list", said="berkas pengaturan"
    )


def test_a_settings_file_that_cannot_be_read_names_the_line(office: Terminal) -> None:
    (office.folder / "kentongan.toml").write_text("web_port = 8000\nrusak rusak\n")
    explained(office, "user", "list", said="line 2")


def test_a_key_file_of_other_bytes_is_damaged(office: Terminal) -> None:
    (office.folder / "kentongan.key").write_bytes(b"\xff\xfe\x00")
    explained(office, "run", said="Berkas kunci rusak")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("account", "resume", "9" * 30), "di luar jangkauan"),
        (
            ("announcement", "draft", "--title", "a", "--body", "b", "--account", "1",
             "--image", "tidak-ada.jpg"),
            "tidak-ada.jpg",
        ),
        (("--office", "lain", "user", "list"), "kantor dengan kode ini"),
        (
            ("announcement", "draft", "--title", "a", "--body", "b", "--account", "1"),
            "--as NAMA",
        ),
        (("classify", "--jsonl", "tidak-ada.jsonl"), "tidak-ada.jsonl"),
        (("demo", "--folder", "."), "Pilih folder lain"),
    ],
)  # fmt: skip
def test_what_was_typed_wrong_is_said(
    office: Terminal, arguments: tuple[str, ...], said: str
) -> None:
    explained(office, *arguments, said=said)


@pytest.mark.parametrize("hours", ["nan", "-1", "1e300"])
def test_a_stop_lasts_hours_that_a_clock_knows(office: Terminal, hours: str) -> None:
    done = office.try_("account", "stop", "1", "--reason", "x", "--hours", hours)
    assert done.returncode == 2
    assert "hours" in done.stderr


def test_an_address_of_another_machine_is_not_called_taken(office: Terminal) -> None:
    explained(office, "run", said="bukan milik", KENTONGAN_WEB_HOST="192.0.2.1")
