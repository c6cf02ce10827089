"""*Sumber* on the web: lists in and out."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from collectors.opml import read_opml
from models.scope import SystemScope
from models.source import Source
from tests.web_kit import Dashboard, build


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Dashboard]:
    built = build(tmp_path)
    yield built
    built.store.close()


def sources(site: Dashboard) -> int:
    with site.store.read(SystemScope("test")) as work:
        return work.session.query(Source).count()


def send(browser: TestClient, body: bytes) -> object:
    return browser.post("/sumber/impor", files={"berkas": ("umpan.opml", body)})


LIST = (
    b"<opml><body><outline text='Warta' xmlUrl='https://baru.example/rss'/>"
    b"<outline text='Salah' xmlUrl='ftp://salah.example/rss'/></body></opml>"
)


def test_a_list_comes_in_with_a_report_and_goes_out(site: Dashboard) -> None:
    browser, before = site.browser("admin"), sources(site)
    answer = send(browser, LIST)
    assert answer.status_code == 200
    assert "ftp://salah.example/rss" in answer.text
    assert "bukan alamat http atau https" in answer.text
    assert sources(site) == before + 1
    exported = browser.get("/sumber/ekspor")
    assert "attachment" in exported.headers["content-disposition"]
    urls = [one.url for one in read_opml(exported.content)]
    assert "https://baru.example/rss" in urls


def test_a_broken_list_changes_nothing_and_says_so(site: Dashboard) -> None:
    before = sources(site)
    answer = send(site.browser("admin"), LIST[:-5])
    assert answer.status_code == 400
    assert "tidak dapat dibaca sebagai OPML" in answer.text
    assert sources(site) == before


def test_only_an_administrator_imports_and_only_from_our_pages(site: Dashboard) -> None:
    before = sources(site)
    assert send(site.browser("dimas"), LIST).status_code == 403
    assert send(site.browser(), LIST).status_code == 303
    foreign = site.browser("admin")
    foreign.headers["origin"] = "https://jahat.example"
    assert send(foreign, LIST).status_code == 403
    assert sources(site) == before
