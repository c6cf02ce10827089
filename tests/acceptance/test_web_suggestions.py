"""The public page for suggestions, and the desk's page of its boxes."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from starlette.testclient import TestClient

from models.item import Item
from pipeline import suggestions
from tests.web_kit import AT, Dashboard, build
from web.crowd import A_SECOND, AT_ONCE, Crowd, Visitors

SAID = "Antrean loket SIM dua jam, tolong buka loket kedua di pagi hari."


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Dashboard]:
    built = build(tmp_path)
    yield built
    built.store.close()


@pytest.fixture
def code(site: Dashboard) -> str:
    answer = site.browser("admin").post("/kotak-saran", data={"nama": "Loket SIM"})
    assert answer.status_code == 303
    with site.store.read(site.seeded.office) as work:
        return work.suggestion_boxes.listed()[0].box.code


def ticket_in(page: str) -> str:
    found = re.search(r'name="tiket" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def citizen(site: Dashboard) -> TestClient:
    """A browser that nobody is signed in on."""
    return site.browser()


def written(site: Dashboard, code: str, said: str = SAID, **more: str) -> str:
    """The page after a slip was handed in, a while after the form was shown."""
    browser = citizen(site)
    page = browser.get(f"/usul/{code}").text
    site.wait(timedelta(minutes=1))
    told = {"tiket": ticket_in(page), "isi": said, "setuju": "ya", **more}
    answer = browser.post(f"/usul/{code}", data=told)
    assert answer.status_code == 200, answer.text
    return answer.text


def number_in(page: str) -> str:
    found = re.search(r"<output>([0-9A-Z-]+)</output>", page)
    assert found is not None
    return found[1]


def test_a_citizen_writes_and_reads_the_answer_with_the_number(
    site: Dashboard, code: str
) -> None:
    number = number_in(written(site, code))
    browser = citizen(site)
    told = browser.post("/usul/cek", data={"nomor": number})
    assert "menunggu dibaca" in told.text
    with site.store.read(site.seeded.office) as work:
        item = work.session.query(Item).filter_by(network="form").one()
    desk = site.browser("dimas")
    shown = desk.get(f"/suara/{item.id}").text
    assert "Loket SIM" in shown
    assert SAID in shown
    answer = "Loket kedua dibuka setiap pagi mulai Senin."
    assert desk.post(f"/suara/{item.id}/jawab", data={"jawaban": answer}).is_redirect
    told = browser.post("/usul/cek", data={"nomor": number.lower()})
    assert answer in told.text
    assert SAID not in told.text  # the number shows what we said, not what was written


def test_what_is_refused_stays_in_the_form_with_the_reason(
    site: Dashboard, code: str
) -> None:
    browser = citizen(site)
    ticket = ticket_in(browser.get(f"/usul/{code}").text)
    site.wait(timedelta(minutes=1))
    told = {"tiket": ticket, "isi": SAID, "kontak": "budi@surel.example"}
    answer = browser.post(f"/usul/{code}", data=told)
    assert answer.status_code == 400
    for kept in (SAID, "budi@surel.example", "Centang persetujuan", 'role="alert"'):
        assert kept in answer.text
    again = {**told, "tiket": ticket_in(answer.text), "setuju": "ya"}
    too_soon = browser.post(f"/usul/{code}", data=again)
    assert "sekali lagi" in too_soon.text
    site.wait(timedelta(minutes=1))
    assert browser.post(f"/usul/{code}", data=again).status_code == 200


def test_hostile_words_are_shown_as_words(site: Dashboard, code: str) -> None:
    browser = citizen(site)
    told = {"tiket": "x", "isi": '"><script>alert(1)</script>', "kontak": '"><i>'}
    page = browser.post(f"/usul/{code}", data=told).text
    assert "<script>alert" not in page
    assert '"><i>' not in page
    told = {"nomor": '"><script>alert(1)</script>'}
    assert "<script>alert" not in browser.post("/usul/cek", data=told).text


def test_a_box_that_is_not_there_or_closed_is_not_found(
    site: Dashboard, code: str
) -> None:
    with site.store.read(site.seeded.office) as work:
        box_id = work.suggestion_boxes.listed()[0].box.id
    assert site.browser("dimas").post(f"/kotak-saran/{box_id}/tutup").status_code == 403
    assert site.browser("admin").post(f"/kotak-saran/{box_id}/tutup").is_redirect
    for path in (f"/usul/{code}", "/usul/tidakada", "/usul/%00", "/usul/" + "x" * 900):
        answer = citizen(site).get(path)
        assert answer.status_code == 404, path
        assert "Traceback" not in answer.text
    assert site.browser("admin").post(f"/kotak-saran/{box_id}/buka").is_redirect
    assert citizen(site).get(f"/usul/{code}").status_code == 200


def test_the_page_for_numbers_opens_in_both_languages(site: Dashboard) -> None:
    assert "Nomor tanda terima" in citizen(site).get("/usul/cek").text
    assert "Receipt number" in citizen(site).get("/usul/cek?bahasa=en").text


def test_a_wrong_number_is_told_and_stands_in_no_address(
    site: Dashboard, code: str
) -> None:
    answer = citizen(site).post("/usul/cek", data={"nomor": "AAAA-BBBB-CCCC"})
    assert answer.status_code == 404
    assert "tidak ada" in answer.text
    assert 'value="AAAA-BBBB-CCCC"' in answer.text
    assert "nomor=" not in written(site, code)


def test_a_page_of_another_site_hands_nothing_in(site: Dashboard, code: str) -> None:
    browser = citizen(site)
    ticket = ticket_in(browser.get(f"/usul/{code}").text)
    site.wait(timedelta(minutes=1))
    told = {"tiket": ticket, "isi": SAID, "setuju": "ya"}
    foreign = {"origin": "https://lain.example", "sec-fetch-site": "cross-site"}
    answer = browser.post(f"/usul/{code}", data=told, headers=foreign)
    assert answer.status_code == 403
    with site.store.read(site.seeded.office) as work:
        assert work.suggestion_boxes.since(AT - timedelta(days=1)) == 0


def test_one_address_hands_in_a_few_and_is_then_asked_to_wait(
    site: Dashboard, code: str
) -> None:
    browser = citizen(site)
    statuses = []
    for _ in range(8):
        ticket = ticket_in(browser.get(f"/usul/{code}").text)
        site.wait(timedelta(minutes=1))
        told = {"tiket": ticket, "isi": SAID, "setuju": "ya"}
        answer = browser.post(f"/usul/{code}", data=told)
        statuses.append(answer.status_code)
    assert statuses == [200] * 6 + [429] * 2
    assert SAID in answer.text  # nothing that was written is lost


def test_the_address_of_a_box_is_on_its_poster_and_in_its_code(
    site: Dashboard, code: str
) -> None:
    with site.store.read(site.seeded.office) as work:
        box_id = work.suggestion_boxes.listed()[0].box.id
    desk = site.browser("dimas")
    poster = desk.get(f"/kotak-saran/{box_id}/poster").text
    assert f"/usul/{code}" in poster
    drawn = desk.get(f"/kotak-saran/{box_id}/kode.svg")
    assert drawn.headers["content-type"] == "image/svg+xml"
    assert ET.fromstring(drawn.text).tag.endswith("svg")
    assert citizen(site).get(f"/kotak-saran/{box_id}/kode.svg").status_code != 200


def test_a_contact_is_read_by_whoever_answers_and_that_is_written_down(
    site: Dashboard, code: str
) -> None:
    written(site, code, kontak="budi@surel.example")
    with site.store.read(site.seeded.office) as work:
        item = work.session.query(Item).filter_by(network="form").one()
    desk = site.browser("dimas")
    assert "budi@surel" not in desk.get(f"/suara/{item.id}").text
    assert "budi@surel" in desk.post(f"/suara/{item.id}/kontak").text
    assert site.browser("admin").post(f"/suara/{item.id}/kontak").status_code == 403
    assert "Membaca kontak warga" in site.browser("ratna").get("/catatan").text


def test_a_crowd_at_the_public_page_is_answered_before_anything_is_read() -> None:
    now = [0.0]
    reached: list[str] = []

    async def app(scope: object, receive: object, send: object) -> None:
        reached.append(scope["path"])  # type: ignore[index]
        await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]
        await send({"type": "http.response.body", "body": b""})  # type: ignore[operator]

    browser = TestClient(Crowd(app, clock=lambda: now[0]))  # type: ignore[arg-type]
    answers = [browser.get("/usul/abc").status_code for _ in range(60)]
    assert answers == [200] * int(AT_ONCE) + [429] * (60 - int(AT_ONCE))
    assert browser.get("/suara").status_code == 200  # the desk's own pages go on
    now[0] += 1
    more = [browser.get("/usul/abc").status_code for _ in range(20)]
    assert more.count(200) == int(A_SECOND)


def test_addresses_are_forgotten_in_the_order_they_came() -> None:
    visitors = Visitors(clock=lambda: 0.0)
    for number in range(12_000):
        visitors.count(f"10.0.{number // 250}.{number % 250}")
    assert len(visitors._buckets) == 10_000
    for _ in range(6):
        visitors.count("2001:db8::1")
    with pytest.raises(suggestions.NotTaken):
        visitors.count("2001:db8::2")  # one household
