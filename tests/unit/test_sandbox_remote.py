"""A sandbox in its own process, driven as a benchmark drives it."""

import json
import socket
from collections.abc import Iterator

import pytest
import requests

from sandbox.remote import Remote, RemoteError


@pytest.fixture(scope="module")
def running() -> Iterator[Remote]:
    with Remote.start() as remote:
        yield remote


@pytest.fixture
def remote(running: Remote) -> Remote:
    running.reset()
    return running


def test_everything_is_done_over_the_control_api(remote: Remote) -> None:
    token = remote.add_account("mastodon", "polres_sukamaju")["access_token"]
    remote.rules(mastodon_calls=[1_000, 300])
    remote.hold(1, 2)
    remote.fault("cut", "/api/v1/statuses", method="POST", reset=True)
    for key in ("kunci", "kunci"):  # the first answer is lost
        try:
            requests.post(
                f"{remote.url}/api/v1/statuses",
                data={"status": "halo"},
                headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key},
                timeout=5,
            )
        except requests.ConnectionError:
            continue
    said = remote.write("mastodon", "budi", "@polres_sukamaju terima kasih")
    remote.publish_article("kabar-sukamaju", "Judul", "Isi.")
    remote.forward(3_600)
    (own,) = remote.posts("polres_sukamaju", "mastodon")
    assert (own["text"], own["key"]) == ("halo", "kunci")
    assert [post["id"] for post in remote.posts("budi")] == [said["id"]]
    assert [entry["status"] for entry in remote.requests("POST")] == [None, 200]


def test_a_refused_order_says_why(remote: Remote) -> None:
    with pytest.raises(RemoteError, match="gempa"):
        remote.fault("gempa")


def test_a_taken_port_is_said_at_once() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(RemoteError, match="ended with 1"),
    ):
        Remote.start("--port", str(taken.getsockname()[1]))


def test_the_story_gives_the_stations_tokens() -> None:
    with Remote.start("--story", "--speed", "60") as remote:
        assert remote.process is not None
        assert remote.process.stdout is not None
        tokens = json.loads(remote.process.stdout.readline())
        assert set(tokens) == {"x", "mastodon"}
        assert len(remote.posts()) >= 26
