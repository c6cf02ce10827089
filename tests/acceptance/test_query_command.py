"""``kentongan query`` at a terminal."""

import pytest

from tests.terminal import Terminal


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    terminal = Terminal(tmp_path_factory.mktemp("office"))
    terminal.init()
    terminal.run("user", "add", "ratna", "--name", "Ratna", "--role", "officer")
    return terminal


def test_a_search_is_kept_changed_tried_and_forgotten(made: Terminal) -> None:
    words = '"sim keliling" NEAR/5 (kota OR pasar) -card'
    made.run("--as", "ratna", "query", "save", "SIM keliling", words)
    (row,) = made.json("query", "list")
    assert (row["name"], row["words"]) == ("SIM keliling", words)
    changed = ("--change", str(row["id"]))
    made.run("--as", "ratna", "query", "save", "Simling", "simling", *changed)
    (row,) = made.json("query", "list")
    assert (row["name"], row["words"]) == ("Simling", "simling")
    assert made.json("query", "try", "simling") == []
    made.run("--as", "ratna", "query", "remove", str(row["id"]))
    assert made.json("query", "list") == []


def test_a_search_that_cannot_be_read_is_said_in_words(made: Terminal) -> None:
    done = made.try_("query", "try", '(calo OR "pungli')
    assert done.returncode == 1
    assert "petik" in done.stderr
    assert "Traceback" not in done.stderr
