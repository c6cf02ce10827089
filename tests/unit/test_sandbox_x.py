"""The sandbox's X, spoken to by tweepy and by raw signed requests."""

import base64
import math
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
import tweepy
from requests.adapters import HTTPAdapter

from sandbox.rates import Allowance
from sandbox.site import Site, Tokens

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
HOST = "https://api.twitter.com"


class Rebase(HTTPAdapter):
    """Sends what is signed for the real host to the sandbox."""

    def __init__(self, url: str, timeout: float) -> None:
        super().__init__()
        self.url, self.timeout = url, timeout

    def send(self, request: Any, **options: Any) -> Any:
        request.url = request.url.replace(HOST, self.url)
        return super().send(request, **options | {"timeout": self.timeout})


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
    return site.add_account("x", "polres_sukamaju", "Polres Kota Sukamaju")


def connect(site: Site, secrets: Any, timeout: float = 5) -> tweepy.Client:
    client = tweepy.Client(**secrets)
    client.session.mount(HOST, Rebase(site.url, timeout))
    return client


@pytest.fixture
def client(site: Site, tokens: Tokens) -> Iterator[tweepy.Client]:
    client = connect(site, tokens.secrets)
    yield client
    client.session.close()


def signed(client: tweepy.Client, method: str, path: str, **options: Any) -> Any:
    """A request that tweepy has no method for, with its signature."""
    handler = tweepy.OAuth1UserHandler(
        client.consumer_key,
        client.consumer_secret,
        client.access_token,
        client.access_token_secret,
    )
    return client.session.request(
        method, HOST + path, auth=handler.apply_auth(), **options
    )


def upload(client: tweepy.Client, content: bytes = PNG, alt: str = "") -> str:
    opened = signed(
        client,
        "POST",
        "/2/media/upload/initialize",
        json={
            "media_type": "image/png",
            "total_bytes": len(content),
            "media_category": "tweet_image",
        },
    ).json()
    media_id = opened["data"]["id"]
    half = len(content) // 2
    for index, chunk in enumerate((content[:half], content[half:])):
        answer = signed(
            client,
            "POST",
            f"/2/media/upload/{media_id}/append",
            data={"segment_index": index},
            files={"media": chunk},
        )
        assert answer.ok, answer.text
    closed = signed(client, "POST", f"/2/media/upload/{media_id}/finalize")
    assert closed.ok, closed.text
    if alt:
        body = {"id": media_id, "metadata": {"alt_text": {"text": alt}}}
        assert signed(client, "POST", "/2/media/metadata", json=body).ok
    return media_id


def test_a_post_stands_as_it_was_sent_and_is_shown_with_a_short_link(
    site: Site, client: tweepy.Client
) -> None:
    text = "SIM keliling & samsat: https://polri.go.id/jadwal?a=1&b=2 #SIM"
    posted = client.create_tweet(text=text).data
    assert [post.text for post in site.posts("polres_sukamaju")] == [text]
    assert "&amp;" in posted["text"]
    assert "https://t.co/" in posted["text"]
    found = client.get_tweet(posted["id"], tweet_fields=["entities"], user_auth=True)
    link = found.data.entities["urls"][0]
    shown = found.data.text
    assert link["expanded_url"] == "https://polri.go.id/jadwal?a=1&b=2"
    assert shown[link["start"] : link["end"]] == link["url"]
    tag = found.data.entities["hashtags"][0]
    assert shown[tag["start"] : tag["end"]] == "#SIM"


def test_the_token_says_who_it_belongs_to(client: tweepy.Client) -> None:
    me = client.get_me(user_fields=["created_at", "public_metrics"]).data
    assert (me.username, me.name) == ("polres_sukamaju", "Polres Kota Sukamaju")
    assert me.public_metrics["tweet_count"] == 0


def test_ids_grow_and_times_are_given_in_utc(client: tweepy.Client) -> None:
    ids = [int(client.create_tweet(text=f"kabar {n}").data["id"]) for n in range(5)]
    assert ids == sorted(set(ids))
    found = client.get_tweet(ids[0], tweet_fields=["created_at"], user_auth=True)
    assert found.data.created_at.utcoffset() == timedelta(0)


@pytest.mark.parametrize("name", ["access_token", "consumer_secret", "consumer_key"])
def test_a_wrong_secret_is_refused_with_401(
    site: Site, tokens: Tokens, name: str
) -> None:
    client = connect(site, tokens.secrets | {name: "salah"})
    with pytest.raises(tweepy.Unauthorized):
        client.create_tweet(text="halo")
    client.session.close()
    assert site.posts() == []


def test_a_revoked_token_is_refused_with_401(site: Site, client: tweepy.Client) -> None:
    site.revoke("x", "polres_sukamaju")
    with pytest.raises(tweepy.Unauthorized):
        client.get_me()


def test_a_signed_request_may_be_sent_only_once(
    site: Site, client: tweepy.Client
) -> None:
    first = signed(client, "GET", "/2/users/me")
    header = {"Authorization": first.request.headers["Authorization"]}
    again = requests.get(f"{site.url}/2/users/me", headers=header, timeout=5)
    assert (first.status_code, again.status_code) == (200, 401)
    assert again.json()["title"] == "Unauthorized"


def test_the_same_text_twice_is_refused_until_the_window_has_passed(
    site: Site, client: tweepy.Client
) -> None:
    client.create_tweet(text="Besok SIM keliling libur")
    with pytest.raises(tweepy.Forbidden, match="duplicate content"):
        client.create_tweet(text="Besok SIM keliling libur")
    before = site.world.store.offset
    site.forward(site.world.rules.x_duplicate_window)
    try:
        client.create_tweet(text="Besok SIM keliling libur")
    finally:
        site.world.store.offset = before
    assert len(site.posts()) == 2


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("é" * 280, True),
        ("é" * 281, False),
        ("字" * 141, False),
        ("👨‍👩‍👧‍👦" * 140, True),
    ],
)
def test_the_length_is_weighted(client: tweepy.Client, text: str, fits: bool) -> None:
    if fits:
        assert client.create_tweet(text=text).data["id"]
    else:
        with pytest.raises(tweepy.Forbidden, match="too long"):
            client.create_tweet(text=text)


def test_above_the_rate_x_says_when_to_come_back(
    site: Site, client: tweepy.Client
) -> None:
    site.world.rules.x_writes = Allowance(1, timedelta(minutes=15))
    client.create_tweet(text="satu")
    with pytest.raises(tweepy.TooManyRequests) as caught:
        client.create_tweet(text="dua")
    headers = caught.value.response.headers
    assert (headers["x-rate-limit-limit"], headers["x-rate-limit-remaining"]) == (
        "1",
        "0",
    )
    wait = caught.value.reset_time - site.world.store.now().timestamp()
    assert 890 < wait < 902
    assert [post.text for post in site.posts()] == ["satu"]


def test_a_picture_comes_with_its_alt_text(site: Site, client: tweepy.Client) -> None:
    media_id = upload(client, alt="Peta lokasi SIM keliling")
    posted = client.create_tweet(text="Lokasi besok", media_ids=[media_id]).data
    (post,) = site.posts()
    (media,) = site.world.store.media_of(post.media_ids)
    assert (media.content, media.alt) == (PNG, "Peta lokasi SIM keliling")
    found = client.get_tweet(
        posted["id"],
        expansions=["attachments.media_keys"],
        media_fields=["alt_text", "width"],
        tweet_fields=["entities"],
        user_auth=True,
    )
    (picture,) = found.includes["media"]
    assert (picture.alt_text, picture.width) == ("Peta lokasi SIM keliling", 1)
    assert found.data.text.startswith("Lokasi besok https://t.co/")
    assert found.data.entities["urls"][0]["expanded_url"].endswith("/photo/1")


def test_an_incomplete_or_foreign_picture_is_refused(
    site: Site, client: tweepy.Client
) -> None:
    with pytest.raises(AssertionError, match="Invalid or unsupported media"):
        upload(client, b"bukan gambar sama sekali")
    with pytest.raises(tweepy.BadRequest, match="media IDs are invalid"):
        client.create_tweet(text="gambar", media_ids=[12345])
    assert site.posts() == []


def test_an_answer_by_the_api_needs_that_the_other_spoke_first(
    site: Site, client: tweepy.Client
) -> None:
    silent = site.write("x", "budi", "Macet di simpang lima")
    asked = site.write("x", "siti", "@polres_sukamaju kapan SIM keliling?")
    with pytest.raises(tweepy.Forbidden, match="Reply to this conversation"):
        client.create_tweet(text="Kami cek", in_reply_to_tweet_id=silent.id)
    answer = client.create_tweet(text="Kami cek", in_reply_to_tweet_id=asked.id).data
    assert answer["text"] == "@siti Kami cek"
    assert site.posts("polres_sukamaju")[0].draft.reply_to == asked.id


def test_a_thread_hangs_together(site: Site, client: tweepy.Client) -> None:
    first = client.create_tweet(text="1/2 Jadwal").data
    second = client.create_tweet(text="2/2", in_reply_to_tweet_id=first["id"]).data
    found = client.get_tweet(
        second["id"],
        tweet_fields=["conversation_id", "referenced_tweets"],
        expansions=["referenced_tweets.id"],
        user_auth=True,
    )
    assert found.data.text == "2/2"
    assert str(found.data.conversation_id) == first["id"]
    assert str(found.includes["tweets"][0].id) == first["id"]


def test_mentions_are_paged_newest_first_down_to_the_cursor(
    site: Site, client: tweepy.Client, tokens: Tokens
) -> None:
    said = [
        site.write("x", f"warga{n}", f"@polres_sukamaju laporan {n}") for n in range(12)
    ]
    site.write("x", "warga1", "tidak menyebut siapa pun")
    got: list[int] = []
    token = None
    while True:
        page = client.get_users_mentions(
            tokens.id,
            since_id=said[1].id,
            max_results=5,
            pagination_token=token,
            expansions=["author_id"],
            user_auth=True,
        )
        got += [tweet.id for tweet in page.data or []]
        token = page.meta.get("next_token")
        if not token:
            break
    assert got == [post.id for post in said[:1:-1]]
    assert page.meta["result_count"] == math.fmod(10, 5) or page.includes["users"]
    empty = client.get_users_mentions(tokens.id, since_id=said[-1].id, user_auth=True)
    assert (empty.data, empty.meta) == (None, {"result_count": 0})


def test_a_reply_names_the_one_it_answers(
    site: Site, client: tweepy.Client, tokens: Tokens
) -> None:
    posted = client.create_tweet(text="SIM keliling di alun-alun").data
    site.write("x", "budi", "terima kasih min", reply_to=posted["id"])
    found = client.get_users_mentions(
        tokens.id,
        tweet_fields=["referenced_tweets", "in_reply_to_user_id"],
        user_auth=True,
    )
    (tweet,) = found.data
    assert tweet.text == "@polres_sukamaju terima kasih min"
    assert str(tweet.in_reply_to_user_id) == tokens.id
    assert str(tweet.referenced_tweets[0].id) == posted["id"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("sukamaju", {"budi"}),
        ('"jalan rusak" OR #SIM', {"siti", "agus"}),
        ("@polres_sukamaju -from:budi", {"siti"}),
        ("(rusak OR SIM) lang:id -is:reply", {"siti", "agus"}),
    ],
)
def test_recent_search_reads_the_query_language(
    site: Site, client: tweepy.Client, query: str, found: set[str]
) -> None:
    site.write("x", "budi", "Sukamaju aman, @polres_sukamaju mantap")
    site.write("x", "siti", "@polres_sukamaju jalan rusak di depan pasar")
    site.write("x", "agus", "antre #SIM lama")
    page = client.search_recent_tweets(query, expansions=["author_id"], user_auth=True)
    assert {user.username for user in page.includes["users"]} == found


def test_search_refuses_a_cursor_older_than_a_week(client: tweepy.Client) -> None:
    with pytest.raises(tweepy.BadRequest, match="since_id"):
        client.search_recent_tweets("sim", since_id=1_000_000, user_auth=True)


def test_bad_parameters_are_named_in_the_answer(
    client: tweepy.Client, tokens: Tokens
) -> None:
    path = f"/2/users/{tokens.id}/mentions"
    for query in ("max_results=4", "since_id=abc", "tweet.fields=rupa", "warna=biru"):
        answer = signed(client, "GET", f"{path}?{query}")
        assert answer.status_code == 400
        body = answer.json()
        assert body["title"] == "Invalid Request"
        assert query.partition("=")[0] in body["errors"][0]["message"]
    answer = signed(client, "POST", "/2/tweets", json={"teks": "halo"})
    assert answer.status_code == 400
    assert "$.teks" in answer.json()["errors"][0]["message"]


def test_a_deleted_post_is_gone_and_may_be_deleted_again(
    site: Site, client: tweepy.Client
) -> None:
    posted = client.create_tweet(text="salah jadwal").data
    assert client.delete_tweet(posted["id"]).data == {"deleted": True}
    assert client.delete_tweet(posted["id"]).data == {"deleted": True}
    assert site.posts() == []
    gone = client.get_tweet(posted["id"], user_auth=True)
    assert gone.data is None
    assert gone.errors[0]["resource_id"] == posted["id"]


def test_nobody_deletes_what_another_wrote(site: Site, client: tweepy.Client) -> None:
    other = site.write("x", "budi", "punya saya")
    with pytest.raises(tweepy.Forbidden):
        client.delete_tweet(other.id)
    assert len(site.posts()) == 1


def test_people_and_posts_are_found_one_by_one(
    site: Site, client: tweepy.Client, tokens: Tokens
) -> None:
    said = site.write("x", "budi", "halo", name="Budi")
    assert client.get_user(username="BUDI", user_auth=True).data.name == "Budi"
    assert client.get_user(id=tokens.id, user_auth=True).data.id == int(tokens.id)
    lost = client.get_user(username="tidak_ada", user_auth=True)
    assert lost.errors[0]["resource_type"] == "user"
    several = client.get_tweets([said.id, 12345], user_auth=True)
    assert [tweet.id for tweet in several.data] == [said.id]
    assert several.errors[0]["value"] == "12345"


def test_an_answer_below_an_own_post_may_be_hidden(
    site: Site, client: tweepy.Client
) -> None:
    posted = client.create_tweet(text="SIM keliling").data
    rude = site.write("x", "budi", "kasar", reply_to=posted["id"])
    assert client.hide_reply(rude.id).data == {"hidden": True}
    assert site.world.store.hidden == {rude.id}
    with pytest.raises(tweepy.Forbidden):
        client.hide_reply(posted["id"])


def test_a_picture_may_take_its_time(site: Site, client: tweepy.Client) -> None:
    site.world.rules.x_media_polls = 1
    media_id = upload(client)
    with pytest.raises(tweepy.BadRequest, match="media IDs are invalid"):
        client.create_tweet(text="peta", media_ids=[media_id])
    path = f"/2/media/upload?command=STATUS&media_id={media_id}"
    assert "processing_info" not in signed(client, "GET", path).json()["data"]
    assert client.create_tweet(text="peta", media_ids=[media_id]).data["id"]


def test_new_names_are_answered_in_new_names(
    site: Site, client: tweepy.Client, tokens: Tokens
) -> None:
    posted = client.create_tweet(text="SIM keliling").data
    site.write("x", "budi", "jam berapa?", reply_to=posted["id"])
    path = f"/2/users/{tokens.id}/mentions"
    query = "post.fields=created_at&expansions=author_id,referenced_posts"
    body = signed(client, "GET", f"{path}?{query}").json()
    (post,) = body["data"]
    assert post["referenced_posts"] == [{"type": "replied_to", "id": posted["id"]}]
    assert [each["id"] for each in body["includes"]["posts"]] == [posted["id"]]
    assert "edit_history_post_ids" in post
