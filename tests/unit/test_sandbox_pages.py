"""The sandbox's pages for people: the timeline, the form, the news."""

import re
from collections.abc import Iterator

import pytest
import requests

from sandbox.site import Site

STATION = "polres_sukamaju"


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    with Site.start(dashboard_url="http://127.0.0.1:8000/") as site:
        yield site


@pytest.fixture
def site(running: Site) -> Site:
    running.reset()
    running.add_account("x", STATION, "Polres Kota Sukamaju")
    running.add_account("mastodon", STATION, "Polres Kota Sukamaju")
    return running


def send(site: Site, **form: str) -> requests.Response:
    return requests.post(site.url, data=form, timeout=5)


@pytest.mark.parametrize("path", ["/", "/berita", "/siapa/status/1", "/tags/sim"])
def test_each_page_says_that_everything_is_invented(site: Site, path: str) -> None:
    page = requests.get(site.url + path, timeout=5)
    assert "Semua di sini rekaan" in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "<script" not in page.text


@pytest.mark.parametrize("network", ["x", "mastodon"])
def test_a_citizen_writes_and_is_told_where_to_look(site: Site, network: str) -> None:
    text = f"@{STATION} antre SIM lama"
    page = send(site, name="Pak Darmo", network=network, text=text)
    assert page.ok
    assert "Terkirim" in page.text
    assert 'href="http://127.0.0.1:8000"' in page.text
    (post,) = site.posts("pak_darmo", network)
    assert post.text == text
    station = site.world.store.find_account(post.network, STATION)
    assert station is not None
    assert post.mentions == (station.id,)


def test_a_reply_goes_to_the_network_of_what_it_answers(site: Site) -> None:
    asked = site.write("mastodon", "siti", "SIM keliling di mana?")
    form = requests.get(f"{site.url}/?balas={asked.id}", timeout=5).text
    assert f'name="reply_to" value="{asked.id}"' in form
    assert 'name="network" value="mastodon"' in form
    send(
        site, name="Budi", network="mastodon", text="Alun-alun", reply_to=str(asked.id)
    )
    (reply,) = site.posts("budi")
    assert reply.draft.reply_to == asked.id
    page = requests.get(f"{site.url}/@siti/{asked.id}", timeout=5).text
    assert page.index("SIM keliling di mana?") < page.index("Alun-alun")


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"name": "", "text": "halo"}, "Isi nama"),
        ({"name": "Budi", "text": "  "}, "Isi kirimannya"),
        ({"name": "Polres Sukamaju", "text": "halo"}, "akun kantor"),
        ({"name": "Budi", "text": "a" * 281}, "terlalu panjang untuk X"),
        ({"name": "Budi", "text": "halo", "reply_to": "99"}, "sudah tidak ada"),
    ],
)
def test_what_cannot_be_sent_is_explained_and_kept(
    site: Site, form: dict[str, str], said: str
) -> None:
    page = send(site, network="x", **form)
    assert page.status_code == 422
    assert said in page.text
    assert site.posts() == []
    if form["text"].strip():
        assert form["text"] in page.text


def test_markup_of_a_citizen_is_shown_as_text(site: Site) -> None:
    send(site, name="Budi <b>", network="x", text="<script>alert(1)</script>")
    page = requests.get(site.url, timeout=5).text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_the_form_of_another_site_is_refused(site: Site) -> None:
    answer = requests.post(
        site.url,
        data={"name": "Budi", "network": "x", "text": "halo"},
        headers={"Origin": "https://contoh.example"},
        timeout=5,
    )
    assert answer.status_code == 403
    assert site.posts() == []


def test_the_timeline_is_paged_without_losing_a_post(site: Site) -> None:
    for n in range(60):
        site.write("x", "budi", f"kabar nomor {n}")
    seen: list[str] = []
    path: str | None = "/"
    while path:
        page = requests.get(site.url + path, timeout=5).text
        seen += re.findall(r"kabar nomor (\d+)", page)
        more = re.search(r'href="(/\?sebelum=\d+)"', page)
        path = more[1] if more else None
    assert seen == [str(n) for n in range(59, -1, -1)]


def test_an_article_is_published_corrected_and_removed(site: Site) -> None:
    page = requests.post(
        f"{site.url}/berita",
        data={
            "feed": "suara-mekarasih",
            "title": "Loket baru",
            "text": "Satu.\n\nDua.",
        },
        timeout=5,
    )
    assert "Terbit" in page.text
    (article,) = site.world.newsroom.articles.values()
    assert article.paragraphs == ("Satu.", "Dua.")
    own = f"{site.url}{article.path}"
    changed = requests.post(
        f"{own}/ubah", data={"title": "Ralat: loket baru", "text": "Tiga."}, timeout=5
    )
    assert "Ralat: loket baru" in changed.text
    assert "Diperbarui" in changed.text
    requests.post(f"{own}/hapus", timeout=5)
    assert requests.get(own, timeout=5).status_code == 404


def test_an_incomplete_article_is_not_published(site: Site) -> None:
    page = requests.post(
        f"{site.url}/berita",
        data={"feed": "suara-mekarasih", "title": "Judul"},
        timeout=5,
    )
    assert page.status_code == 422
    assert site.world.newsroom.articles == {}
