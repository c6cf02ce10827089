"""The sandbox's Mastodon beside answers recorded from a real one."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from sandbox.site import Site
from tests.unit.test_sandbox_mastodon import PNG

pytestmark = pytest.mark.real_data
STATION = "polres_sukamaju"
ONLY_THERE = (".roles.", ".fields.")  # of the people there, not of the protocol


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site.start() as site:
        yield site


@pytest.fixture(scope="module")
def header(site: Site) -> dict[str, str]:
    token = site.add_account("mastodon", STATION, "Polres Kota Sukamaju")
    return {"Authorization": f"Bearer {token['access_token']}"}


def recorded(data: Path, name: str, method: str, path: str) -> Any:
    """The recorded answer to the first request that fits."""
    text = (data / "api" / "mastodon" / f"{name}.yaml").read_text(encoding="utf-8")
    for taken in yaml.safe_load(text)["interactions"]:
        asked = taken["request"]
        if asked["method"] == method and path in asked["uri"]:
            return json.loads(taken["response"]["body"]["string"])
    raise LookupError(path)


def shape(value: Any, where: str = "") -> dict[str, set[str]]:
    """The names in an answer, each with the types of its values."""
    if isinstance(value, list):
        found: dict[str, set[str]] = {}
        for each in value:
            for name, kinds in shape(each, where).items():
                found.setdefault(name, set()).update(kinds)
        return found
    if not isinstance(value, dict):
        return {}
    found = {}
    for name, each in value.items():
        own = f"{where}.{name}"
        found[own] = {type(each).__name__}
        found |= shape(each, own)
    return found


def compare(real: Any, ours: Any) -> None:
    there, here = shape(real), shape(ours)
    protocol = {n for n in there if not any(part in n for part in ONLY_THERE)}
    assert protocol <= set(here)
    for name, kinds in there.items():
        if name in here and "NoneType" not in kinds | here[name]:
            assert here[name] == kinds, name


def test_a_status_has_every_field(data: Path, site: Site, header: Any) -> None:
    answer = requests.post(
        f"{site.url}/api/v1/statuses",
        data={"status": "Halo"},
        headers=header,
        timeout=5,
    )
    compare(recorded(data, "test_status", "POST", "/statuses"), answer.json())


def test_a_mention_has_every_field(data: Path, site: Site, header: Any) -> None:
    site.write("mastodon", "budi", f"@{STATION} halo")
    name, url = "test_notifications_mentions_only", f"{site.url}/api/v1/notifications"
    asked = {"types[]": "mention", "limit": "1"}
    answer = requests.get(url, params=asked, headers=header, timeout=5)
    compare(recorded(data, name, "GET", "/notifications?types"), answer.json())
    assert answer.headers["Link"].count("types%5B%5D=mention") == 2
    one = requests.get(f"{url}/{answer.json()[0]['id']}", headers=header, timeout=5)
    assert one.json() == answer.json()[0]


def test_a_picture_has_every_field(data: Path, site: Site, header: Any) -> None:
    answer = requests.post(
        f"{site.url}/api/v2/media", files={"file": PNG}, headers=header, timeout=5
    )
    compare(recorded(data, "test_media_post_file", "POST", "/media"), answer.json())


def test_a_tag_and_a_search_have_every_field(
    data: Path, site: Site, header: Any
) -> None:
    requests.post(
        f"{site.url}/api/v1/statuses", {"status": "#hoot"}, headers=header, timeout=5
    )
    site.write("mastodon", "budi", "halo")
    url = f"{site.url}/api/v1/timelines/tag/hoot"
    answer = requests.get(url, headers=header, timeout=5)
    compare(recorded(data, "test_hashtag_tl", "GET", "/tag/hoot"), answer.json())
    found = requests.get(
        f"{site.url}/api/v2/search", params={"q": "budi"}, headers=header, timeout=5
    )
    compare(recorded(data, "test_search", "GET", "/search"), found.json())


def test_the_instance_tells_its_limits_under_the_same_names(
    data: Path, site: Site
) -> None:
    real = recorded(data, "test_hashtag_tl", "GET", "/api/v2/instance/")
    ours = requests.get(f"{site.url}/api/v2/instance", timeout=5).json()
    for part in ("statuses", "media_attachments"):
        there, here = real["configuration"][part], ours["configuration"][part]
        assert set(there) == set(here)
        assert {n: type(v) for n, v in there.items()} == {
            n: type(v) for n, v in here.items()
        }
