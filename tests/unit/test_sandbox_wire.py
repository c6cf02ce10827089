"""Faults of the sandbox on real sockets: lost answers, hangs, cuts, holds."""

import time
from collections.abc import Iterator

import pytest
import requests

from sandbox.site import Site, Tokens

WRITE = "/api/v1/statuses"


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
    return site.add_account("mastodon", "polres_sukamaju")


def post(
    site: Site, tokens: Tokens, text: str = "halo", timeout: float = 5
) -> requests.Response:
    return requests.post(
        site.url + WRITE,
        data={"status": text},
        headers={"Authorization": f"Bearer {tokens['access_token']}"},
        timeout=timeout,
    )


@pytest.mark.parametrize(
    ("kind", "options", "stands"),
    [
        ("cut", {}, True),
        ("cut", {"reset": True}, True),
        ("truncate", {}, True),
        ("truncate", {"reset": True}, True),
        ("reset_before", {}, False),
    ],
)
def test_a_broken_line_leaves_no_answer(
    site: Site, tokens: Tokens, kind: str, options: dict[str, bool], stands: bool
) -> None:
    site.fault(kind, WRITE, method="POST", **options)
    with pytest.raises(
        (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)
    ):
        post(site, tokens)
    assert len(site.posts()) == stands
    assert site.requests()[0].status is None
    assert post(site, tokens, "sesudahnya").ok


@pytest.mark.parametrize(("kind", "stands"), [("hang", True), ("hang_before", False)])
def test_a_hang_is_ended_by_the_caller_alone(
    site: Site, tokens: Tokens, kind: str, stands: bool
) -> None:
    site.fault(kind, WRITE)
    with pytest.raises(requests.ReadTimeout):
        post(site, tokens, timeout=0.3)
    assert len(site.posts()) == stands


@pytest.mark.parametrize(
    ("kind", "stands"), [("answer", False), ("answer_after", True)]
)
def test_an_error_may_come_before_or_after_acceptance(
    site: Site, tokens: Tokens, kind: str, stands: bool
) -> None:
    site.fault(kind, WRITE, status=503, headers={"Retry-After": "120"})
    answer = post(site, tokens)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "120"
    assert answer.json() == {"error": "Service Unavailable"}
    assert len(site.posts()) == stands


def test_an_ordered_error_speaks_the_network_it_stands_in_for(site: Site) -> None:
    site.fault("answer", "/2/*", status=429, headers={"x-rate-limit-reset": "1"})
    answer = requests.get(f"{site.url}/2/users/me", timeout=5)
    assert answer.json()["title"] == "Too Many Requests"
    assert answer.headers["x-rate-limit-reset"] == "1"
    assert requests.get(f"{site.url}/2/users/me", timeout=5).status_code == 401


def test_a_refused_connection_never_becomes_a_request(
    site: Site, tokens: Tokens
) -> None:
    site.fault("refuse")
    with pytest.raises(requests.ConnectionError):
        post(site, tokens)
    assert (site.posts(), list(site.requests())) == ([], [])
    assert post(site, tokens).ok


def test_a_slow_answer_drips_byte_by_byte(site: Site, tokens: Tokens) -> None:
    site.fault("drip", "/api/v2/instance", pause_ms=1)
    with requests.get(f"{site.url}/api/v2/instance", stream=True, timeout=5) as answer:
        sizes = [len(chunk) for chunk in answer.raw.stream(amt=1)]
    assert set(sizes) == {1}


def test_a_fault_meets_only_as_many_requests_as_ordered(
    site: Site, tokens: Tokens
) -> None:
    site.fault("answer", WRITE, method="POST", times=2, status=500)
    assert [post(site, tokens, f"{n}").status_code for n in range(3)] == [500, 500, 200]


@pytest.mark.parametrize("store_first", [True, False])
def test_a_held_answer_waits_with_the_post_standing_before_or_after(
    site: Site, tokens: Tokens, store_first: bool
) -> None:
    site.hold(400, 400, store_first=store_first)
    began = time.monotonic()
    with pytest.raises(requests.ReadTimeout):
        post(site, tokens, timeout=0.15)
    assert len(site.posts()) == store_first
    assert site.wait_for_posts(1)
    assert time.monotonic() - began < 5
    began = time.monotonic()
    assert requests.get(f"{site.url}/api/v2/instance", timeout=5).ok
    assert time.monotonic() - began < 0.35  # reads are not held


def test_what_came_in_is_kept_without_the_secret(site: Site, tokens: Tokens) -> None:
    post(site, tokens)
    (entry,) = site.requests("POST", WRITE)
    assert (entry.method, entry.path, entry.status) == ("POST", WRITE, 200)
    assert tokens["access_token"] not in str(entry.as_dict())


def test_a_site_stops_though_a_line_hangs() -> None:
    site = Site.start()
    site.fault("hang")
    with pytest.raises(requests.ReadTimeout):
        requests.get(site.url, timeout=0.1)
    began = time.monotonic()
    site.stop()
    assert time.monotonic() - began < 3
    with pytest.raises(requests.ConnectionError):
        requests.get(site.url, timeout=1)
