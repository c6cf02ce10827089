"""``kentongan report``: the page on the terminal, as a file, and for programs."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner, Result

from cli.main import app
from models.scope import OfficeScope
from models.states import Role
from pipeline import schema
from pipeline.unit import Store
from tests.conftest import add_office, add_person


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OfficeScope]:
    """A folder with an installation of one office, entered."""
    url = f"sqlite:///{tmp_path / 'kentongan.db'}"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KENTONGAN_DATABASE_URL", url)
    store = Store(url)
    schema.migrate(store.engine)
    office = add_office(store, "sukamaju", "Polres Kota Sukamaju")
    add_person(store, office, Role.ADMIN, "sari")
    store.close()
    yield office
    structlog.reset_defaults()  # commands log to a stream that the runner closes


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["report", *arguments])


def test_the_page_is_made_shown_listed_and_saved(
    here: OfficeScope, tmp_path: Path
) -> None:
    made = run("make", "--pdf", "ringkasan.pdf")
    assert made.exit_code == 0, made.output
    assert (tmp_path / "ringkasan.pdf").read_bytes().startswith(b"%PDF-")
    shown = run("show")
    assert shown.stdout.startswith("*RINGKASAN PIMPINAN — Polres Kota Sukamaju*")
    listed = json.loads(run("list", "--json").stdout)
    assert len(listed) == 1
    again = json.loads(run("show", "--day", listed[0]["day"], "--json").stdout)
    assert again["numbers"]["office"] == "Polres Kota Sukamaju"
    assert again["text"] == shown.stdout.rstrip("\n")


def test_without_a_page_the_next_step_is_named(here: OfficeScope) -> None:
    result = run("show")
    assert result.exit_code == 1
    assert "kentongan report make" in str(result.exception)


def test_a_day_without_a_page_is_not_found(here: OfficeScope) -> None:
    run("make")
    assert run("show", "--day", "2001-01-01").exit_code == 1
