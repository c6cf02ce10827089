"""``kentongan retention`` and ``kentongan erase`` at a terminal."""

import pytest
from sqlalchemy import select

from models.item import Item
from models.scope import OfficeScope
from pipeline.unit import Store
from tests.conftest import NOW
from tests.terminal import Terminal


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    terminal = Terminal(tmp_path_factory.mktemp("office"))
    terminal.init()
    terminal.run("user", "add", "sari", "--name", "Sari", "--role", "approver")
    return terminal


def test_how_long_each_class_is_kept_is_told_with_its_reason(made: Terminal) -> None:
    told = {row["class"]: row for row in made.json("retention")}
    assert set(told) == {
        "author", "author_open", "contact", "voice", "integrity", "news", "revision", "fetch",
    }  # fmt: skip
    assert all(row["due"] == 0 and row["reason"] for row in told.values())
    assert told["author"]["days"] == 14
    assert "integrity" in made.run("retention")


def test_a_voice_and_an_author_are_erased_by_an_approver_only(made: Terminal) -> None:
    store = Store(f"sqlite:///{made.folder / 'kentongan.db'}")
    with store.write(OfficeScope(1)) as work:
        work.session.add(
            Item(
                office_id=1, network="feed", url="", text="rahasia",
                first_seen_at=NOW, at=NOW, story_key="s",
            )
        )  # fmt: skip
    refused = made.try_("erase", "item", "1", "--yes")
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    made.run("--as", "sari", "erase", "item", "1", "--yes")
    again = made.run("--as", "sari", "erase", "item", "1", "--yes")
    assert "sudah dihapus" in again
    none = made.run("--as", "sari", "erase", "author", "mastodon", "@budi", "--yes")
    assert none.strip().endswith("0")
    assert made.try_("--as", "sari", "erase", "author", "feed", "x", "--yes").returncode
    with store.read(OfficeScope(1)) as work:
        assert work.session.scalars(select(Item.text)).all() == [""]
    store.close()
