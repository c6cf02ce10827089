"""The control API of a sandbox in a process of its own."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    command = [sys.executable, "-m", "sandbox", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as own:
        assert own.stdout is not None
        yield own.stdout.readline().strip()
        own.terminate()


@pytest.fixture
def api(url: str) -> Iterator[Any]:
    def call(
        method: str, path: str, body: Any = None, status: int | None = None
    ) -> Any:
        answer = requests.request(
            method, f"{url}/_sandbox/{path}", json=body, timeout=5
        )
        assert status in (None, answer.status_code), answer.text
        return answer.json()

    call("POST", "reset")
    return call


def status(url: str, token: str, text: str, timeout: float = 5) -> requests.Response:
    return requests.post(
        f"{url}/api/v1/statuses",
        data={"status": text},
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": text},
        timeout=timeout,
    )


def test_the_first_line_is_the_address(url: str) -> None:
    assert url.startswith("http://127.0.0.1:")
    assert requests.get(f"{url}/_sandbox/health", timeout=5).json() == {"ok": True}


def test_accounts_get_tokens_of_their_network(api: Any) -> None:
    mastodon = api("POST", "accounts", {"network": "mastodon", "handle": "polres"}, 201)
    x = api("POST", "accounts", {"network": "x", "handle": "polres"}, 201)
    assert mastodon["access_token"]
    assert {"consumer_key", "consumer_secret", "access_token_secret"} < set(x)
    again = api("POST", "accounts", {"network": "x", "handle": "@Polres"})
    assert again == x


def test_posts_are_listed_with_key_text_and_times(url: str, api: Any) -> None:
    token = api("POST", "accounts", {"network": "mastodon", "handle": "polres"})
    assert status(url, token["access_token"], "SIM keliling").ok
    (post,) = api("GET", "posts?network=mastodon&handle=polres")
    assert (post["text"], post["key"]) == ("SIM keliling", "SIM keliling")
    assert post["created_at"].endswith("+00:00")
    said = api(
        "POST",
        "posts",
        {
            "network": "mastodon",
            "handle": "budi",
            "text": "kapan?",
            "reply_to": post["id"],
        },
        201,
    )
    assert (said["text"], said["reply_to"]) == ("@polres kapan?", post["id"])
    assert len(api("GET", "posts")) == 2
    assert api("DELETE", f"posts/{said['id']}") == {"deleted": True}
    assert [gone["id"] for gone in api("GET", "posts?deleted=1")] == [said["id"]]


def test_faults_holds_and_rules_are_set_from_outside(url: str, api: Any) -> None:
    token = api("POST", "accounts", {"network": "mastodon", "handle": "polres"})
    key = token["access_token"]
    api("POST", "faults", {"kind": "cut", "path": "/api/v1/statuses"}, 201)
    with pytest.raises(requests.ConnectionError):
        status(url, key, "hilang")
    assert api("GET", "faults") == []
    assert [post["text"] for post in api("GET", "posts")] == ["hilang"]
    api("PUT", "hold", {"low_ms": 150, "high_ms": 160, "store_first": True})
    began = time.monotonic()
    assert status(url, key, "ditahan").ok
    assert time.monotonic() - began >= 0.15
    api("PUT", "rules", {"max_characters": 5, "mastodon_calls": [100, 60]})
    assert status(url, key, "terlalu panjang").status_code == 422
    seen = api("GET", "requests?method=POST&path=/api/v1/*")
    assert [entry["status"] for entry in seen] == [None, 200, 422]
    assert seen[0]["fault"] == "cut"


def test_articles_are_written_from_outside(url: str, api: Any) -> None:
    article = api(
        "POST",
        "articles",
        {
            "feed": "kabar-sukamaju",
            "title": "Judul",
            "text": "Isi.",
            "published": "2026-11-23T08:00:00+07:00",
        },
        201,
    )
    api("PUT", f"articles/{article['id']}", {"title": "Ralat"})
    api("PUT", "feeds/kabar-sukamaju", {"date_form": "wib"})
    text = requests.get(f"{url}/berita/kabar-sukamaju.xml", timeout=5).text
    assert "<title>Ralat</title>" in text
    assert "08:00:00 WIB" in text
    assert api("DELETE", f"articles/{article['id']}") == {"deleted": True}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("accounts", {"network": "tiktok", "handle": "a"}),
        ("posts", {"network": "x", "handle": "budi"}),
        ("posts", {"network": "x", "handle": "b", "text": "c", "reply_to": "99"}),
        ("faults", {"kind": "gempa"}),
        ("articles", {"feed": "tidak-ada", "title": "a", "text": "b"}),
    ],
)
def test_a_wrong_order_is_named(api: Any, path: str, body: dict[str, str]) -> None:
    assert api("POST", path, body, 400)["error"]


def test_the_doors_of_the_website_and_the_webhook_are_told(api: Any, url: str) -> None:
    api("PUT", "doors", {"webhook_keys": ["kunci-webhook-0123456789"]})
    doors = api("GET", "doors")
    assert doors["webhook"] == {"url": f"{url}/webhook", "told": []}
    site = doors["wordpress"]
    signed_in = (site["username"], site["application_password"])
    post = {"title": "A", "content": "<p>A</p>", "slug": "a", "status": "publish"}
    answer = requests.post(
        f"{site['url']}/wp-json/wp/v2/posts", json=post, auth=signed_in, timeout=5
    )
    assert answer.status_code == 201
    (stands,) = api("GET", "doors")["wordpress"]["posts"]
    assert (stands["title"], stands["media"]) == ("A", 0)


@pytest.mark.parametrize("network", ["mastodon", "facebook", "bluesky"])
def test_a_post_is_told_by_the_name_that_its_network_gives_it(
    api: Any, network: str
) -> None:
    api("POST", "posts", {"network": network, "handle": "siti", "text": "Halo"})
    (post,) = api("GET", "posts")
    form = {"facebook": rf"\d+_{post['id']}", "bluesky": r"at://did:.+/.+/.+"}
    assert re.fullmatch(form.get(network, post["id"]), post["remote_id"])
