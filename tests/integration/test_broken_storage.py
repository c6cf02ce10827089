"""A database that cannot be opened, written or read is told in words."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from models.database import StorageFailed
from models.problems import WORDS, Problem
from models.scope import SystemScope
from pipeline.unit import Store
from tests.web_kit import Dashboard, build

TEST = SystemScope("test")


def problem_of(url: str, *, writes: bool = False) -> Problem:
    store = Store(url)
    opened = store.write if writes else store.read
    try:
        with pytest.raises(StorageFailed) as failed, opened(TEST) as work:
            work.offices.end_sign_ins(user_id=1) if writes else work.offices.all()
    finally:
        store.close()
    return failed.value.problem


def test_a_folder_that_is_not_there_cannot_be_opened(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'tidak-ada' / 'kentongan.db'}"
    assert problem_of(url) is Problem.DATABASE_UNOPENED


def test_other_bytes_are_no_database(tmp_path: Path) -> None:
    file = tmp_path / "kentongan.db"
    file.write_text("bukan basis data " * 100)
    assert problem_of(f"sqlite:///{file}") is Problem.DATABASE_DAMAGED


@pytest.fixture
def site(tmp_path: Path) -> Dashboard:
    return build(tmp_path)


def test_a_file_that_may_only_be_read_takes_no_write(
    site: Dashboard, tmp_path: Path
) -> None:
    url = f"sqlite:///file:{tmp_path / 'kentongan.db'}?mode=ro&uri=true"
    assert problem_of(url, writes=True) is Problem.DATABASE_READ_ONLY


def test_a_page_over_a_damaged_database_says_so(
    site: Dashboard, tmp_path: Path
) -> None:
    browser: TestClient = site.browser("ratna")
    site.store.close()
    (tmp_path / "kentongan.db").write_text("bukan basis data " * 100)
    for extra in tmp_path.glob("kentongan.db-*"):
        extra.unlink()
    answer = browser.get("/")
    assert answer.status_code == 503
    assert WORDS[Problem.DATABASE_DAMAGED] in answer.text
    assert browser.get("/healthz").json()["database"] == "database_damaged"
