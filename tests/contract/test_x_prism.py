"""Every request that we can send to X, through prism on the contract that X published.

prism stands between our client and the sandbox and answers 422 or 500 itself where a
request, or the sandbox's answer, breaks the contract.
"""

import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from collectors.x import XCollector
from models.speech import Image, open_gate
from networks.x_media import SEGMENT
from publishers.x import XPublisher
from sandbox.site import Site
from tests.contract.network_kit import STATION, connect, limits_for, outgoing
from tests.pictures import noisy_jpeg
from tests.postgresql import _free_port

FOLDER = "KENTONGAN_TEST_PRISM"
START_WITHIN = 60.0  # seconds; it takes four alone

pytestmark = [pytest.mark.real_prism, pytest.mark.real_data]


def why_not() -> str:
    """Why prism cannot be started here; empty when it can."""
    folder = os.environ.get(FOLDER, "")
    if not folder:
        return f"{FOLDER} is not set: prism is not installed"
    if not (Path(folder) / "installed").exists():
        return f"{folder} is not filled: tools/prism/install.sh {folder}"
    return "" if shutil.which("node") else "node is not installed"


@dataclass(frozen=True)
class Watched:
    """The sandbox, and the address of prism before it."""

    site: Site
    url: str


@pytest.fixture(scope="module")
def watched(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    reason = why_not()
    if reason:
        if os.environ.get("CI") and FOLDER in os.environ:
            pytest.fail(reason)
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("prism")
    contract = folder / "x.json"
    published = (data / "api" / "x" / "openapi.json").read_text(encoding="utf-8")
    contract.write_text(json.dumps(without_signing(json.loads(published))))
    with Site.start() as site, prism(contract, site.url, folder / "log") as url:
        yield Watched(site, url)


def without_signing(contract: dict[str, Any]) -> dict[str, Any]:
    """The contract without its security: prism knows no OAuth 1.0a.

    The sandbox checks the signatures behind it.
    """
    contract.pop("security", None)
    for operations in contract["paths"].values():
        for operation in operations.values():
            if isinstance(operation, dict):
                operation.pop("security", None)
    return contract


@contextmanager
def prism(contract: Path, before: str, log: Path) -> Iterator[str]:
    """Start prism before a server; its address."""
    program = Path(os.environ[FOLDER]) / "node_modules" / ".bin" / "prism"
    port = str(_free_port())
    with log.open("w") as said:
        process = subprocess.Popen(
            ["node", program, "proxy", "--errors", "-p", port, contract, before],
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        until = time.monotonic() + START_WITHIN
        while _status(f"{url}/2/users/me") == 0:
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.2)
        yield url
    finally:
        process.kill()
        process.wait()


def _status(url: str, body: bytes | None = None) -> int:
    """The status of an answer; 0 where nobody answers."""
    request = urllib.request.Request(
        url, body, {"content-type": "application/json"} if body else {}
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0


def test_prism_and_the_sandbox_take_every_request_that_we_send(
    watched: Watched,
) -> None:
    site = watched.site
    tokens = site.add_account("x", STATION, "Polres Kota Sukamaju")
    client = connect("x", watched.url, tokens.secrets, limits_for(watched.url, 20))
    publisher, collector = XPublisher(client), XCollector(client)
    assert client.whoami() == STATION
    first = outgoing("Halo", armed_at=datetime.now(UTC))
    receipt = publisher.publish(first, open_gate)
    reply = publisher.publish(
        outgoing("Bagian dua", reply_to=receipt.remote_id), open_gate
    )
    found = publisher.look_up(first)
    assert found is not None
    assert found.remote_id == receipt.remote_id
    for number in range(3):
        site.write("x", "siti", f"@{STATION} halo {number}", name="Siti")
    pages = list(collector.pages(None))
    assert len([item for page in pages for item in page.items]) == 3
    list(collector.pages(pages[-1].next_cursor))
    client.search("sukamaju -is:retweet", since_id=receipt.remote_id, token=None)
    client.delete(reply.remote_id, open_gate)
    client.close()
    assert [post.text for post in site.posts(STATION)] == ["Halo"]
    assert _taken(site) >= {
        "/2/users/me",
        "/2/tweets",
        f"/2/tweets/{reply.remote_id}",
        f"/2/users/{tokens.id}/tweets",
        f"/2/users/{tokens.id}/mentions",
        "/2/tweets/search/recent",
    }


def test_prism_takes_every_request_of_a_picture(watched: Watched) -> None:
    """prism breaks the bytes of a form that it hands on, so some answers are given."""
    site = watched.site
    tokens = site.add_account("x", "humas_gambar", "Humas")
    client = connect("x", watched.url, tokens.secrets, limits_for(watched.url, 20))
    publisher = XPublisher(client)
    picture = noisy_jpeg(2200, 1740)
    assert SEGMENT < len(picture) < 5 * 1024 * 1024  # two segments
    pending = {"state": "pending", "check_after_secs": 1}
    for method, path, status, data in (
        ("POST", "/2/media/upload/*/finalize", 200, {"processing_info": pending}),
        ("GET", "/2/media/upload", 200, {"media_key": "3_77"}),
        ("POST", "/2/media/metadata", 200, {}),
        ("POST", "/2/tweets", 201, {"text": "Halo"}),
    ):
        body = json.dumps({"data": {"id": "77", **data}})
        json_is = {"content-type": "application/json"}
        answer = {"status": status, "headers": json_is, "body": body}
        site.fault("answer", path, method=method, **answer)
    image = Image(picture, "image/jpeg", "a" * 64, "Peta lokasi")
    media_ids = publisher.prepare(outgoing(), [image]).media_ids
    assert publisher.publish(outgoing("Halo", media_ids=media_ids), open_gate)
    client.close()
    number = next(iter(media_ids))
    assert _taken(site) >= {
        "/2/media/upload/initialize",
        f"/2/media/upload/{number}/append",
        f"/2/media/upload/{number}/finalize",
        "/2/media/upload",
        "/2/media/metadata",
    }


def _taken(site: Site) -> set[str]:
    """Paths of what came through and was answered with yes."""
    return {one.path for one in site.requests() if one.status in (200, 201)}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/2/tweets", {"text": 5}),
        ("/2/tweets", {"teks": "Halo", "reply": {}}),
        ("/2/media/upload/initialize", {"media_type": "image/warna"}),
    ],
)
def test_prism_stops_a_request_that_breaks_the_contract(
    watched: Watched, path: str, body: dict[str, Any]
) -> None:
    before = len(watched.site.requests())
    assert _status(watched.url + path, json.dumps(body).encode()) == 422
    assert len(watched.site.requests()) == before
