"""A video on the pages and at a terminal: uploaded, watched, refused with a word."""

import asyncio
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from models.announcement import Media
from models.video import facts_of
from sandbox.site import Site
from tests.terminal import Terminal
from tests.videos import located, movie, picture, real_film, sound, video_of
from tests.web_kit import BASE, Dashboard, build
from web.guard import LARGEST_BODY

MIB = 1024 * 1024
ALT = "Antrean di loket SIM"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Dashboard]:
    built = build(tmp_path)
    yield built
    built.store.close()


def form(site: Dashboard, *networks: str, **more: str) -> dict[str, object]:
    accounts = [str(site.seeded.accounts[one]) for one in networks or ("mastodon",)]
    return {
        "judul": "Loket SIM",
        "isi": "Loket SIM buka pukul 08.00.",
        "akun": accounts,
        "versi": "0",
        "alt": ALT,
    } | more


def upload(content: bytes, name: str = "loket.mp4") -> dict[str, object]:
    return {"gambar": (name, content, "video/mp4")}


def saved(site: Dashboard, browser: TestClient, content: bytes) -> int:
    answer = browser.post("/tulis", data=form(site), files=upload(content))
    assert answer.status_code == 303, answer.text
    found = re.search(r"/(\d+)", answer.headers["location"])
    assert found
    return int(found[1])


def media(site: Dashboard, number: int) -> Media | None:
    with site.store.read(site.seeded.office) as work:
        return work.announcements.media(work.announcements.get(number))


def test_a_video_is_uploaded_shown_and_watched_by_whoever_is_signed_in(
    site: Dashboard,
) -> None:
    browser = site.browser("dimas")
    number = saved(site, browser, movie(told=located()))
    kept = media(site, number)
    facts = facts_of(kept)
    assert facts is not None
    page = browser.get(f"/tulis/{number}").text
    assert f'<video class="th" src="/video/{number}"' in page
    assert "640 × 360" in page
    answer = browser.get(f"/video/{number}")
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["accept-ranges"] == "bytes"
    assert len(answer.content) == facts.size
    assert b"saksi" not in answer.content
    assert browser.get(f"/gambar/{number}").status_code == 404
    assert site.browser().get(f"/video/{number}").status_code == 303


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-99", 0, 100),
        ("bytes=1048570-1048580", 1_048_570, 1_048_581),
        ("bytes=1500000-", 1_500_000, None),
        ("bytes=-7", -7, None),
        ("bytes=0-99999999", 0, None),
        ("bytes=5-1,7-9", 0, None),
        ("pages=1-2", 0, None),
    ],
)
def test_a_part_of_a_video_is_what_was_asked_for(
    site: Dashboard, asked: str, start: int, end: int | None
) -> None:
    content = movie(picture(frames=100, weight=19_000), sound())
    whole = b"".join(video_of(content).pieces())
    browser = site.browser("dimas")
    number = saved(site, browser, content)
    answer = browser.get(f"/video/{number}", headers={"range": asked})
    assert answer.content == whole[start:end]
    if len(answer.content) < len(whole):
        assert answer.status_code == 206
        first = start if start >= 0 else len(whole) + start
        last = first + len(answer.content) - 1
        told = answer.headers["content-range"]
        assert told == f"bytes {first}-{last}/{len(whole)}"
    else:
        assert answer.status_code == 200


def test_a_part_beyond_the_end_is_none(site: Dashboard) -> None:
    browser = site.browser("dimas")
    number = saved(site, browser, real_film())
    for asked in ("bytes=99999999-", "bytes=9-3", "bytes=-0"):
        answer = browser.get(f"/video/{number}", headers={"range": asked})
        assert answer.status_code == 416
        assert answer.headers["content-range"] == f"bytes */{len(real_film())}"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\0\0\0\x18ftypisom" + b"bukan video" * 9, "bukan video MP4 yang utuh"),
        (real_film()[:-1], "bukan video MP4 yang utuh"),
        (movie(brand=b"qt  "), "bukan MOV"),
        (b"MZ" + b"x" * 99, "bukan gambar JPEG atau PNG"),
    ],
)
def test_what_is_no_video_is_refused_with_a_word_and_the_text_stays(
    site: Dashboard, content: bytes, said: str
) -> None:
    answer = site.browser("dimas").post(
        "/tulis", data=form(site), files=upload(content)
    )
    assert answer.status_code == 400
    assert said in answer.text
    assert "Loket SIM buka pukul 08.00." in answer.text


def test_what_the_chosen_networks_do_not_take_is_said_and_not_asked_for(
    site: Dashboard,
) -> None:
    long = movie(picture(seconds=200.0, frames=5_000), sound())
    browser = site.browser("dimas")
    answer = browser.post(
        "/tulis", data=form(site, "x", aksi="minta"), files=upload(long)
    )
    assert answer.status_code == 400
    assert "Video terlalu panjang atau terlalu pendek" in answer.text
    assert "Batas di sini: 536 MB, 140 detik." in answer.text
    assert "tidak punya tempat untuk keterangan video" in answer.text
    found = re.search(r'name="nomor"[^>]* value="(\d+)"', answer.text)
    assert found
    assert facts_of(media(site, int(found[1]))) is not None, "the draft keeps it"


def test_an_approver_sees_the_video_that_goes_out(site: Dashboard) -> None:
    sent = site.browser("dimas").post(
        "/tulis", data=form(site, aksi="minta"), files=upload(real_film())
    )
    assert sent.status_code == 303, sent.text
    found = re.search(r"/(\d+)", sent.headers["location"])
    assert found
    page = site.browser("ratna").get(f"/persetujuan/{found[1]}").text
    assert f'<video src="/video/{found[1]}"' in page
    assert "Video untuk akun ini" in page
    assert ALT in page


def streamed(browser: TestClient, chunks: int) -> tuple[int, int]:
    """Send a form with a file of so many mebibytes; its status, and how many were read.

    The application is called as a server calls it, so that what it leaves unread can be
    counted.
    """
    head = (
        b'--garis\r\nContent-Disposition: form-data; name="gambar";'
        b' filename="besar.mp4"\r\nContent-Type: video/mp4\r\n\r\n'
    )
    read, status = [0], [0]

    async def receive() -> dict[str, object]:
        read[0] += 1
        body = head if read[0] == 1 else bytes(MIB)
        return {"type": "http.request", "body": body, "more_body": read[0] < chunks}

    async def send(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            status[0] = int(str(message["status"]))

    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    headers = {
        "host": "kentongan.test",
        "origin": BASE,
        "content-type": "multipart/form-data; boundary=garis",
        "cookie": cookies,
    }
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/tulis",
        "raw_path": b"/tulis",
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "headers": [(k.encode(), v.encode()) for k, v in headers.items() if v],
        "server": ("kentongan.test", 80),
        "client": ("127.0.0.1", 1),
        "http_version": "1.1",
    }
    with ThreadPoolExecutor(1) as apart:  # a browser's loop may run in this thread
        apart.submit(
            lambda: asyncio.run(browser.app(scope, receive, send))  # type: ignore[arg-type]
        ).result()
    return status[0], read[0]


def test_a_video_of_ten_gigabytes_is_refused_while_it_comes(site: Dashboard) -> None:
    """Counted as it streams: what it says of its length is not believed."""
    browser = site.browser("dimas")
    status, read = streamed(browser, 10 * 1024)
    assert status == 413
    assert read <= 2 + (LARGEST_BODY + 100 * MIB) // MIB
    kind = {"content-type": "multipart/form-data; boundary=garis"}
    told = browser.post(
        "/tulis", content=b"", headers=kind | {"content-length": str(10 * 2**30)}
    )
    assert told.status_code == 413


def test_nothing_of_a_video_is_read_from_who_is_not_signed_in(site: Dashboard) -> None:
    status, read = streamed(site.browser(), 50)
    assert status == 303
    assert read == 0


def test_a_video_goes_by_the_command_line(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    terminal.init()
    terminal.run("user", "add", "ratna", "--name", "Ratna", "--role", "officer")
    (tmp_path / "loket.mp4").write_bytes(real_film())
    (tmp_path / "rusak.mp4").write_bytes(real_film()[:-5])
    common = (
        *("--as", "ratna", "announcement", "draft", "--title", "Loket"),
        *("--body", "Loket buka.", "--alt", ALT),
    )
    account = add_account(terminal)
    bad = terminal.try_(*common, "--account", account, "--video", "rusak.mp4")
    assert bad.returncode == 1
    assert "bukan video MP4 yang utuh" in bad.stderr
    good = terminal.run(*common, "--account", account, "--video", "loket.mp4", "--json")
    assert json.loads(good)["id"] == 1
    assert (tmp_path / "loket.mp4").read_bytes() == real_film(), "it is not changed"
    none = terminal.try_(*common, "--account", account, "--video", "hilang.mp4")
    assert none.returncode != 0
    assert "Traceback" not in none.stderr


def add_account(terminal: Terminal) -> str:
    """An account of a network that takes videos; nothing is sent to it."""
    with Site.start() as network:
        tokens = network.add_account("mastodon", "polres_sukamaju")
        secrets = {name.upper(): value for name, value in tokens.secrets.items()}
        made = terminal.json(
            *("account", "connect", "mastodon", "--base-url", network.url),
            KENTONGAN_INNER_HOSTS=network.url.removeprefix("http://"),
            **secrets,
        )
    assert isinstance(made, dict)
    return str(made["id"])
