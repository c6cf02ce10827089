"""The sandbox's Mastodon, spoken to by Mastodon.py and by raw requests."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from mastodon import Mastodon
from mastodon.errors import (
    MastodonAPIError,
    MastodonNotFoundError,
    MastodonRatelimitError,
    MastodonUnauthorizedError,
)

from sandbox.rates import Allowance
from sandbox.site import Site, Tokens

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
STATION = "polres_sukamaju"


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    with Site.start() as site:
        yield site


@pytest.fixture
def site(running: Site) -> Site:
    running.reset()
    return running


@pytest.fixture
def tokens(site: Site) -> Tokens:
    return site.add_account("mastodon", STATION, "Polres Kota Sukamaju")


def connect(site: Site, token: str) -> Mastodon:
    return Mastodon(
        access_token=token,
        api_base_url=site.url,
        ratelimit_method="throw",
        request_timeout=5,
    )


@pytest.fixture
def api(site: Site, tokens: Tokens) -> Iterator[Mastodon]:
    api = connect(site, tokens["access_token"])
    yield api
    api.session.close()


def test_a_status_comes_back_as_html_with_mentions_links_and_tags(
    site: Site, api: Mastodon
) -> None:
    site.write("mastodon", "budi", "halo semua")
    text = "Halo @budi & warga <3\nlihat https://www.polri.go.id/jadwal\n\n#SIM besok"
    status = api.status_post(text, language="id")
    assert [post.text for post in site.posts(STATION)] == [text]
    assert status.content == (
        '<p>Halo <span class="h-card" translate="no">'
        f'<a href="{site.url}/@budi" class="u-url mention">@<span>budi</span></a></span>'
        " &amp; warga &lt;3<br />lihat "
        '<a href="https://www.polri.go.id/jadwal" target="_blank"'
        ' rel="nofollow noopener" translate="no">'
        '<span class="invisible">https://www.</span>'
        '<span class="">polri.go.id/jadwal</span><span class="invisible"></span></a></p>'
        f'<p><a href="{site.url}/tags/SIM" class="mention hashtag" rel="tag">'
        "#<span>SIM</span></a> besok</p>"
    )
    assert [mention.acct for mention in status.mentions] == ["budi"]
    assert [tag.name for tag in status.tags] == ["sim"]
    assert status.url == f"{site.url}/@{STATION}/{status.id}"
    assert status.created_at.tzinfo is not None


def test_the_token_says_who_it_belongs_to(api: Mastodon) -> None:
    me = api.account_verify_credentials()
    assert (me.acct, me.display_name) == (STATION, "Polres Kota Sukamaju")


def test_the_same_key_gives_the_same_status_for_an_hour(
    site: Site, api: Mastodon
) -> None:
    first = api.status_post("satu", idempotency_key="kunci-1")
    again = api.status_post("lain sama sekali", idempotency_key="kunci-1")
    assert again.id == first.id
    assert [post.text for post in site.posts()] == ["satu"]
    before = site.world.store.offset
    site.forward(timedelta(hours=1))
    try:
        later = api.status_post("satu", idempotency_key="kunci-1")
    finally:
        site.world.store.offset = before
    assert later.id != first.id


def test_a_key_belongs_to_one_account(site: Site, api: Mastodon) -> None:
    other = site.add_account("mastodon", "polsek_melati")
    second = connect(site, other["access_token"])
    first = api.status_post("satu", idempotency_key="k")
    assert second.status_post("dua", idempotency_key="k").id != first.id
    second.session.close()


def test_a_wrong_token_is_refused_with_401(site: Site) -> None:
    with pytest.raises(MastodonUnauthorizedError, match="access token is invalid"):
        connect(site, "salah").account_verify_credentials()
    bare = requests.post(f"{site.url}/api/v1/statuses", data={"status": "a"}, timeout=5)
    assert bare.status_code == 401


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("👨‍👩‍👧‍👦" * 500, True),
        ("a" * 501, False),
        ("a" * 476 + " https://polri.go.id/" + "x" * 200, True),
        ("a" * 477 + " https://polri.go.id/x", False),
        ("a" * 494 + " @budi@contoh.example", True),
        ("a" * 495 + " @budi@contoh.example", False),
    ],
)
def test_the_length_is_counted_as_mastodon_counts(
    site: Site, api: Mastodon, text: str, fits: bool
) -> None:
    if fits:
        assert api.status_post(text).id
    else:
        with pytest.raises(MastodonAPIError, match="Text character limit of 500"):
            api.status_post(text)
    assert len(site.posts()) == fits


def test_an_instance_may_have_other_limits(site: Site, api: Mastodon) -> None:
    site.world.rules.max_characters = 1_000
    limits = api.instance().configuration
    assert limits.statuses.max_characters == 1_000
    assert limits.media_attachments.description_limit == 1_500
    assert api.instance_v1().configuration.statuses.max_characters == 1_000
    assert api.status_post("a" * 900).id


def test_above_the_rate_mastodon_says_when_to_come_back(
    site: Site, tokens: Tokens
) -> None:
    site.world.rules.mastodon_calls = Allowance(1, timedelta(minutes=5))
    url = f"{site.url}/api/v1/accounts/verify_credentials"
    header = {"Authorization": f"Bearer {tokens['access_token']}"}
    first = requests.get(url, headers=header, timeout=5)
    second = requests.get(url, headers=header, timeout=5)
    assert (first.status_code, second.status_code) == (200, 429)
    assert second.headers["X-RateLimit-Remaining"] == "0"
    reset = datetime.fromisoformat(second.headers["X-RateLimit-Reset"])
    wait = reset - datetime.now(UTC)
    assert timedelta(minutes=4) < wait <= timedelta(minutes=5)
    with pytest.raises(MastodonRatelimitError):
        connect(site, tokens["access_token"]).account_verify_credentials()


def test_a_picture_in_progress_cannot_be_attached_yet(
    site: Site, api: Mastodon, tokens: Tokens
) -> None:
    site.world.rules.media_polls = 2
    media = api.media_post(PNG, mime_type="image/png", description="Peta lokasi")
    assert media.url is None
    with pytest.raises(MastodonAPIError, match="not finished processing"):
        api.status_post("gambar", media_ids=[media])
    look = f"{site.url}/api/v1/media/{media.id}"
    header = {"Authorization": f"Bearer {tokens['access_token']}"}
    seen = [requests.get(look, headers=header, timeout=5) for _ in range(3)]
    assert [answer.status_code for answer in seen] == [206, 206, 200]
    assert seen[-1].json()["url"]
    status = api.status_post("gambar", media_ids=[media])
    assert status.media_attachments[0].description == "Peta lokasi"
    with pytest.raises(MastodonAPIError, match="already attached"):
        api.status_post("lagi", media_ids=[media])


def test_a_description_may_be_changed_before_the_picture_is_used(
    site: Site, api: Mastodon
) -> None:
    media = api.media_post(PNG, mime_type="image/png")
    assert api.media_update(media, description="Loket baru").description == "Loket baru"
    api.status_post("gambar", media_ids=[media])
    with pytest.raises(MastodonNotFoundError):
        api.media_update(media, description="terlambat")


def test_what_is_no_picture_or_has_no_words_is_refused(api: Mastodon) -> None:
    with pytest.raises(MastodonAPIError, match="File content type is invalid"):
        api.media_post(b"bukan gambar", mime_type="image/png")
    with pytest.raises(MastodonAPIError, match="Text can't be blank"):
        api.status_post("  ")
    with pytest.raises(MastodonAPIError, match="too long"):
        api.media_post(PNG, mime_type="image/png", description="a" * 1_501)


def test_notifications_go_forward_from_the_cursor_oldest_page_first(
    site: Site, api: Mastodon
) -> None:
    for n in range(7):
        site.write("mastodon", f"warga{n}", f"@{STATION} laporan {n}")
    newest = api.notifications(types=["mention"], limit=3)
    assert [_number(note) for note in newest] == [6, 5, 4]
    oldest = int(newest[-1].id) - 3
    page = api.notifications(types=["mention"], min_id=oldest, limit=2)
    assert [_number(note) for note in page] == [3, 2]  # newest first inside the page
    following = api.fetch_previous(page)
    assert [_number(note) for note in following] == [5, 4]
    skipping = api.notifications(types=["mention"], since_id=oldest, limit=2)
    assert [_number(note) for note in skipping] == [6, 5]
    older = api.fetch_next(newest)
    assert [_number(note) for note in older] == [3, 2, 1]


def _number(note: Any) -> int:
    return int(note.status.content.removesuffix("</p>").rpartition(" ")[2])


def test_notifications_are_chosen_by_type(site: Site, api: Mastodon) -> None:
    status = api.status_post("SIM keliling")
    requests.post(
        f"{site.url}/_sandbox/favourites",
        json={"post_id": str(status.id), "handle": "budi"},
        timeout=5,
    ).raise_for_status()
    site.write("mastodon", "siti", "kapan?", reply_to=status.id)
    assert [note.type for note in api.notifications()] == ["mention", "favourite"]
    assert [note.type for note in api.notifications(types=["favourite"])] == [
        "favourite"
    ]
    assert [note.type for note in api.notifications(exclude_types=["favourite"])] == [
        "mention"
    ]


def test_an_answer_hangs_below_what_it_answers(site: Site, api: Mastodon) -> None:
    status = api.status_post("SIM keliling")
    asked = site.write("mastodon", "siti", "kapan?", reply_to=status.id)
    reply = api.status_post("@siti besok", in_reply_to_id=asked.id)
    context = api.status_context(asked.id)
    assert [each.id for each in context.ancestors] == [status.id]
    assert [each.id for each in context.descendants] == [reply.id]
    assert str(reply.in_reply_to_id) == str(asked.id)
    with pytest.raises(MastodonNotFoundError, match="does not appear to exist"):
        api.status_post("hilang", in_reply_to_id=12345)


def test_own_statuses_are_read_back_with_pages(api: Mastodon) -> None:
    me = api.account_verify_credentials()
    ids = [api.status_post(f"kabar {n}").id for n in range(5)]
    assert [s.id for s in api.account_statuses(me, limit=2)] == ids[:2:-1]
    assert [s.id for s in api.account_statuses(me, min_id=ids[0], limit=2)] == ids[
        2:0:-1
    ]
    assert [s.id for s in api.account_statuses(me, max_id=ids[2])] == ids[1::-1]


def test_a_deleted_status_is_gone(site: Site, api: Mastodon) -> None:
    status = api.status_post("salah jadwal")
    assert api.status_delete(status).text == "salah jadwal"
    assert site.posts() == []
    with pytest.raises(MastodonNotFoundError, match="Record not found"):
        api.status(status)


def test_tags_and_words_are_found(site: Site, api: Mastodon) -> None:
    site.write("mastodon", "budi", "Antre #SIM lama sekali")
    site.write("mastodon", "siti", "Sukamaju hujan")
    assert [s.account.acct for s in api.timeline_hashtag("sim")] == ["budi"]
    found = api.search_v2("sukamaju hujan", result_type="statuses")
    assert [s.account.acct for s in found.statuses] == ["siti"]


def test_a_private_status_is_hidden_from_others(site: Site, api: Mastodon) -> None:
    status = api.status_post("rahasia", visibility="private")
    bare = requests.get(f"{site.url}/api/v1/statuses/{status.id}", timeout=5)
    assert bare.status_code == 404
    assert api.status(status).visibility == "private"


def test_a_token_is_given_for_a_code_that_a_person_was_shown(
    site: Site, tokens: Tokens
) -> None:
    scopes = ["read", "write"]
    app_id, app_secret = Mastodon.create_app(
        "kentongan", scopes=scopes, api_base_url=site.url
    )
    api = Mastodon(client_id=app_id, client_secret=app_secret, api_base_url=site.url)
    address = api.auth_request_url(scopes=scopes)
    code = site.approve(address, "mastodon", tokens.handle)
    got = api.log_in(code=code, scopes=scopes, allow_http=True)
    assert got == tokens["access_token"]
    api.session.close()


def test_a_status_may_be_corrected(site: Site, api: Mastodon) -> None:
    status = api.status_post("Besok pukul 9")
    edited = api.status_update(status, status="Besok pukul 08.00 @budi")
    assert edited.id == status.id
    assert edited.edited_at is not None
    assert api.status_source(status).text == "Besok pukul 08.00 @budi"
    assert [post.text for post in site.posts()] == ["Besok pukul 08.00 @budi"]


def test_a_corrected_status_keeps_its_picture(site: Site, api: Mastodon) -> None:
    media = api.media_post(PNG, mime_type="image/png")
    status = api.status_post("Peta", media_ids=[media])
    edited = api.status_update(status, status="Peta baru", media_ids=[media])
    assert [str(each.id) for each in edited.media_attachments] == [str(media.id)]
