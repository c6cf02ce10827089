"""``kentongan template`` at a terminal: look, fill in, store a draft."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from sandbox.site import Site
from tests.terminal import Terminal

FILLED = (
    "tanggal=2026-11-26",
    "tempat=Lapangan Harapan Baru",
    "mulai=08:00",
    "selesai=12:00",
)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site.start() as running:
        yield running


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, site: Site) -> Terminal:
    terminal = Terminal(tmp_path_factory.mktemp("office"))
    terminal.init()
    terminal.run("user", "add", "ratna", "--name", "Ratna", "--role", "officer")
    tokens = site.add_account("mastodon", "polres_sukamaju", "Polres Kota Sukamaju")
    terminal.run(
        "account", "connect", "mastodon", "--base-url", site.url,
        KENTONGAN_INNER_HOSTS=urlsplit(site.url).netloc,
        **{name.upper(): value for name, value in tokens.secrets.items()},
    )  # fmt: skip
    return terminal


def test_templates_are_listed_and_shown(made: Terminal) -> None:
    rows = made.json("template", "list")
    assert isinstance(rows, list)
    assert len(rows) == 11
    shown = made.json("template", "show", "sim_keliling")
    assert isinstance(shown, dict)
    assert {"field": "tempat", "type": "place"}.items() <= (
        next(f for f in shown["fields"] if f["field"] == "tempat").items()
    )
    assert "{tempat}" in shown["full"]


def test_a_template_is_filled_in_and_stored_as_a_draft(made: Terminal) -> None:
    told = made.json("template", "fill", "sim_keliling", *FILLED)
    assert isinstance(told, dict)
    (version,) = told["versions"]
    assert "Kamis, 26 November 2026" in version["text"]
    assert told["id"] is None
    stored = made.run(
        "--as", "ratna", "template", "fill", "sim_keliling", *FILLED, "--draft"
    )
    assert "Draf nomor" in stored
    listed = made.json("announcement", "list")
    assert isinstance(listed, list)
    assert [row["title"] for row in listed] == ["SIM keliling Kamis, 26 November 2026"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("tanggal=besok",), "tanggal"),
        (("tanggal=2026-11-26",), "tempat"),
        (("warna=biru",), "kentongan template show"),
        (("tanggal",), "kentongan template show"),
    ],
)
def test_what_cannot_be_used_is_named(
    made: Terminal, typed: tuple[str, ...], said: str
) -> None:
    done = made.try_("template", "fill", "sim_keliling", *typed)
    assert done.returncode != 0
    assert said in done.stderr


def test_a_template_that_is_not_there_is_said_so(made: Terminal) -> None:
    assert made.try_("template", "show", "tidak_ada").returncode == 1
