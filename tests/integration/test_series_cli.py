"""``kentongan series``: written, previewed, approved, paused, ended."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner, Result

from cli.main import app
from models.errors import InvalidInput, NotAllowed, OwnWork
from models.states import Role
from pipeline import schema
from pipeline.unit import Store
from tests.conftest import add_office, add_person
from tests.integration.ledger_kit import House


@pytest.fixture
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A folder with an installation of one office and one account, entered."""
    url = f"sqlite:///{tmp_path / 'kentongan.db'}"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KENTONGAN_DATABASE_URL", url)
    for name in ("KENTONGAN_AS", "KENTONGAN_OFFICE"):
        monkeypatch.setenv(name, "")  # --as stays in the environment of a process
    store = Store(url)
    schema.migrate(store.engine)
    office = add_office(store, "sukamaju", "Polres Kota Sukamaju")
    add_person(store, office, Role.OFFICER, "ratna")
    add_person(store, office, Role.APPROVER, "wira")
    House(store, office, {}).account(network="mastodon")
    store.close()
    yield
    structlog.reset_defaults()  # commands log to a stream that the runner closes


def run(login: str, *arguments: str, stdin: str = "") -> Result:
    return CliRunner().invoke(app, ["--as", login, "series", *arguments], input=stdin)


def done(login: str, *arguments: str, stdin: str = "") -> str:
    result = run(login, *arguments, stdin=stdin)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


@pytest.mark.usefixtures("_here")
def test_a_series_lives_at_the_terminal_from_its_writing_to_its_end() -> None:
    told = done(
        "ratna", "add", "sim_keliling", "tempat=Lapangan Harapan Baru",
        "mulai=08:00", "selesai=12:00", "--rule", "freq=weekly;byday=mo,th",
        "--first", "2026-12-01", "--until", "2027-06-30", "--json",
    )  # fmt: skip
    assert json.loads(told) == {"id": 1}
    days = json.loads(done("ratna", "preview", "1", "--json"))["days"]
    texts = [day["texts"] for day in days if not day["skipped"]]
    assert len(texts) == 10
    assert "Lapangan Harapan Baru" in texts[0][0]["text"]
    done("ratna", "ask", "1")
    assert isinstance(run("ratna", "approve", "1", "--yes").exception, NotAllowed)
    done("wira", "back", "1", "--reason", "periksa jamnya")
    done("wira", "ask", "1")
    assert isinstance(run("wira", "approve", "1", "--yes").exception, OwnWork)
    (row,) = json.loads(done("ratna", "list", "--json"))
    assert (row["state"], row["rule"]) == ("asked", "FREQ=WEEKLY;BYDAY=MO,TH")


@pytest.mark.usefixtures("_here")
def test_an_approved_series_is_paused_goes_on_and_ends() -> None:
    done(
        "ratna", "add", "sim_keliling", "tempat=Lapangan Harapan Baru",
        "mulai=08:00", "selesai=12:00",
    )  # fmt: skip
    done("ratna", "ask", "1")
    assert run("wira", "approve", "1", stdin="n\n").exit_code == 1
    shown = done("wira", "approve", "1", stdin="y\n")
    assert "Lapangan Harapan Baru" in shown
    assert "Dijeda" in done("ratna", "pause", "1")
    done("ratna", "resume", "1")
    assert "Berakhir" in done("ratna", "end", "1")
    (row,) = json.loads(done("ratna", "list", "--json"))
    assert row["state"] == "ended"


@pytest.mark.usefixtures("_here")
def test_what_cannot_be_used_is_named() -> None:
    add = ("add", "sim_keliling", "tempat=Alun-alun", "mulai=08:00", "selesai=12:00")
    for option, wrong, said in (
        ("--at", "pagi", "HH:MM"),
        ("--until", "besok", "YYYY-MM-DD"),
    ):
        result = run("ratna", *add, option, wrong)
        assert result.exit_code == 2
        assert said in result.output
    error = run("ratna", *add, "--rule", "tiap hari").exception
    assert isinstance(error, InvalidInput)
    assert error.field == "rule"
