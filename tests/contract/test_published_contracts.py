"""What we send and understand, against what the networks have published and said."""

import email
import email.policy
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from collectors.mastodon import MastodonCollector
from collectors.x import XCollector
from models.speech import Image, Numbers, open_gate
from networks.x_media import SEGMENT
from publishers.mastodon import MastodonPublisher
from publishers.x import XPublisher
from tests.contract.answering import Asked, Said, answering
from tests.contract.network_kit import STATION, connect, outgoing
from tests.pictures import jpeg

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def contract(data: Path) -> dict[str, Any]:
    text = (data / "api" / "x" / "openapi.json").read_text(encoding="utf-8")
    return json.loads(text)


class Contract:
    """Holds requests against the published contract; says what breaks it."""

    def __init__(self, contract: dict[str, Any]) -> None:
        self._all = contract
        self._paths = [
            (re.compile(re.sub(r"\{\w+\}", r"([^/]+)", template)), template)
            for template in sorted(contract["paths"], key=lambda t: t.count("{"))
        ]

    def faults(self, asked: Asked) -> list[str]:
        for pattern, template in self._paths:
            operations = self._all["paths"][template]
            match = pattern.fullmatch(asked.path)
            if match and asked.method.lower() in operations:
                operation = operations[asked.method.lower()]
                names = re.findall(r"\{(\w+)\}", template)
                path = dict(zip(names, match.groups(), strict=True))
                return [
                    *self._parameters(operation, path, asked),
                    *self._body(operation, asked),
                ]
        return [f"no operation {asked.method} {asked.path}"]

    def _parameters(
        self, operation: dict[str, Any], path: dict[str, str], asked: Asked
    ) -> Iterator[str]:
        known = [self._resolved(each) for each in operation.get("parameters", ())]
        query = {each["name"]: each for each in known if each["in"] == "query"}
        given = dict(asked.query)
        if len(given) < len(asked.query):
            yield "a parameter is given twice"
        yield from (f"unknown parameter {name}" for name in given if name not in query)
        for each in known:
            value = (path if each["in"] == "path" else given).get(each["name"])
            if value is not None:
                yield from self._value(value, each["schema"], each["name"])
            elif each.get("required"):
                yield f"missing parameter {each['name']}"

    def _value(self, text: str, schema: dict[str, Any], name: str) -> Iterator[str]:
        kind = self._resolved(schema).get("type")
        value: Any = text
        if kind == "integer" and text.isdigit():
            value = int(text)
        if kind == "array":
            value = text.split(",")
        yield from self._schema(value, schema, name)

    def _body(self, operation: dict[str, Any], asked: Asked) -> Iterator[str]:
        told = operation.get("requestBody")
        if told is None:
            if asked.body:
                yield "a body that nobody reads"
            return
        kind = asked.headers.get("content-type", "").partition(";")[0]
        if kind not in told["content"]:
            yield f"body of type {kind!r}"
            return
        value = (
            _form(asked) if kind == "multipart/form-data" else json.loads(asked.body)
        )
        yield from self._schema(value, told["content"][kind]["schema"], "body")
        yield from self._unknown(value, told["content"][kind]["schema"], "body")

    def _schema(self, value: Any, schema: dict[str, Any], where: str) -> Iterator[str]:
        whole = schema | {"components": self._all["components"]}
        for error in Draft202012Validator(whole).iter_errors(value):
            yield f"{where} {list(error.absolute_path)}: {error.message}"

    def _unknown(self, value: Any, schema: dict[str, Any], where: str) -> Iterator[str]:
        """Names that the contract does not have, also where it would let them pass."""
        known = self._resolved(schema)
        if isinstance(value, list):
            for each in value:
                yield from self._unknown(each, known.get("items", {}), where)
        if isinstance(value, dict):
            for name, each in value.items():
                if name not in known.get("properties", {}):
                    yield f"{where}.{name} is unknown"
                    continue
                inner = known["properties"][name]
                yield from self._unknown(each, inner, f"{where}.{name}")

    def _resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            found: Any = self._all
            for step in node["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            node = found
        return node


def _form(asked: Asked) -> dict[str, Any]:
    head = f"Content-Type: {asked.headers['content-type']}\r\n\r\n".encode()
    message = email.message_from_bytes(head + asked.body, policy=email.policy.HTTP)
    form: dict[str, Any] = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if part.get_filename():
            form[name] = content.decode("latin-1")
        else:
            text = content.decode()
            form[name] = int(text) if text.isdigit() else text
    return form


def x_api(asked: Asked) -> Said:
    """The shortest answers of X that let a client go on."""
    if asked.path == "/2/tweets" and asked.method == "GET":
        counts = {"like_count": 3, "repost_count": 1, "impression_count": 90}
        return Said({"data": [{"id": "9", "text": "…", "public_metrics": counts}]})
    if asked.path == "/2/tweets":
        return Said({"data": {"id": "9", "text": "…"}}, 201)
    if asked.path == "/2/users/me":
        return Said({"data": {"id": "12", "name": "Polres", "username": STATION}})
    if asked.path.endswith("/finalize"):
        pending = {"state": "pending", "check_after_secs": 0}
        return Said({"data": {"id": "77", "processing_info": pending}})
    if asked.path.startswith("/2/media"):
        return Said({"data": {"id": "77"}})
    token = asked.first("pagination_token") or asked.first("next_token")
    last = token or asked.first("until_id")
    post = {"id": "40" if last else "50", "text": "halo", "author_id": "3"}
    meta = {"result_count": 1} | ({} if last else {"next_token": "b26v"})
    return Said({"data": [post], "meta": meta})


def test_every_request_to_x_follows_the_published_contract(
    contract: dict[str, Any],
) -> None:
    big = jpeg() + bytes(SEGMENT)  # two segments
    image = Image(big, "image/jpeg", "a" * 64, "Peta lokasi")
    with answering(x_api) as server:
        client = connect("x", server.url)
        publisher, collector = XPublisher(client), XCollector(client)
        client.whoami()
        media_ids = publisher.prepare(outgoing(), [image]).media_ids
        publisher.publish(outgoing("Halo", media_ids=media_ids), open_gate)
        publisher.publish(outgoing("@siti ya", reply_to="1234567"), open_gate)
        publisher.look_up(outgoing("tidak ada", armed_at=datetime.now(UTC)))
        cursor = [page.next_cursor for page in collector.pages(None)][-1]
        stopped = '{"since": "10", "newest": "60", "until": "55"}'
        for start in (cursor, stopped):
            list(collector.pages(start))
        client.search("sukamaju -is:retweet", since_id="10", token=None)
        client.search("sukamaju", since_id=None, token="b26v")
        numbers = client.numbers([str(number) for number in range(1, 101)])
        client.close()
        asked = list(server.asked)
    rules = Contract(contract)
    broken = {f"{one.method} {one.path}": rules.faults(one) for one in asked}
    assert {where: faults for where, faults in broken.items() if faults} == {}
    assert {one.path for one in asked} == {
        "/2/users/me",
        "/2/media/upload/initialize",
        "/2/media/upload/77/append",
        "/2/media/upload/77/finalize",
        "/2/media/upload",
        "/2/media/metadata",
        "/2/tweets",
        "/2/users/12/tweets",
        "/2/users/12/mentions",
        "/2/tweets/search/recent",
    }
    assert len([one for one in asked if one.path.endswith("/append")]) == 2
    assert numbers == {"9": Numbers(views=90, likes=3, reposts=1)}
    assert all(one.headers["authorization"].startswith("OAuth ") for one in asked)


@pytest.mark.parametrize(
    ("query", "body", "fault"),
    [
        ([("tweet.fields", "text")], b"", "unknown parameter tweet.fields"),
        ([("post.fields", "warna")], b"", "post.fields"),
        ([("max_results", "3")], b"", "max_results"),
        ([("since_id", "abc")], b"", "since_id"),
        ([], b"{}", "a body that nobody reads"),
    ],
)
def test_a_wrong_request_would_be_found(
    contract: dict[str, Any], query: list[tuple[str, str]], body: bytes, fault: str
) -> None:
    wrong = Asked("GET", "/2/users/12/mentions", query, {}, body)
    assert fault in " ".join(Contract(contract).faults(wrong))


def test_a_wrong_body_would_be_found(contract: dict[str, Any]) -> None:
    headers = {"content-type": "application/json"}
    for sent in ({"teks": "a"}, {"text": 5}, {"reply": {}}):
        asked = Asked("POST", "/2/tweets", [], headers, json.dumps(sent).encode())
        assert Contract(contract).faults(asked)


# recorded answers


def cassette(path: Path) -> list[dict[str, Any]]:
    loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded["interactions"]


def recorded(one: dict[str, Any]) -> Said:
    """One recorded answer, byte for byte, with the headers that say how to read it."""
    response = one["response"]
    body = response["body"]["string"] if "body" in response else response["content"]
    headers = {
        name.lower(): values[0] if isinstance(values, list) else values
        for name, values in response["headers"].items()
        if name.lower() in {"content-encoding", "content-type", "link"}
    }
    status = response.get("status_code") or response["status"]["code"]
    return Said(body if isinstance(body, bytes) else body.encode(), status, headers)


@pytest.mark.parametrize(
    "name",
    [
        "test_client_get_users_mentions.yaml",
        "test_client_get_users_tweets.yaml",
        "test_client_get_tweets.yaml",
        "test_client_search_recent_tweets.yaml",
        "timeline_mentions.json",
        "timeline_tweets.json",
        "search_tweets_query.json",
        "tweets_resp.json",
    ],
)
def test_recorded_answers_of_x_pass_the_collector(data: Path, name: str) -> None:
    path = data / "api" / "x" / name
    if path.suffix == ".json":
        said = Said(path.read_bytes())
        plain = json.loads(path.read_text(encoding="utf-8"))
    else:
        said = recorded(cassette(path)[0])
        plain = None

    def answer(asked: Asked) -> Said:
        if asked.path == "/2/users/me":
            return Said({"data": {"id": "12", "username": STATION}})
        return said

    with answering(answer) as server:
        pages = list(XCollector(connect("x", server.url)).pages(None))
        assert len(server.asked) < 5
    items = [item for page in pages for item in page.items]
    assert items
    assert len({item.remote_id for item in items}) == len(items)
    assert all(item.text for item in items)
    assert not any("&amp;" in item.text for item in items)
    if plain:
        assert {item.remote_id for item in items} == {p["id"] for p in plain["data"]}


def test_a_recorded_answer_to_a_post_on_x_is_a_receipt(data: Path) -> None:
    folder = data / "api" / "x"
    taped = cassette(folder / "test_client_create_and_delete_tweet.yaml")
    for said in (
        recorded(taped[0]),
        Said((folder / "create_tweet_resp.json").read_bytes()),
    ):
        with answering(lambda _, said=said: said) as server:
            publisher = XPublisher(connect("x", server.url))
            receipt = publisher.publish(outgoing(), open_gate)
        assert receipt.remote_id.isdigit()


@pytest.mark.parametrize(
    "name", ["test_notifications.yaml", "test_notifications_mentions_only.yaml"]
)
def test_recorded_notifications_of_mastodon_pass_the_collector(
    data: Path, name: str
) -> None:
    taped = cassette(data / "api" / "mastodon" / name)
    lists = [
        one
        for one in taped
        if one["request"]["uri"].partition("?")[0].endswith("/notifications")
    ]
    said = recorded(lists[0])

    def answer(asked: Asked) -> Said:
        known = asked.path == "/api/v1/notifications"
        return said if known else Said({"configuration": {}})

    with answering(answer) as server:
        pages = list(MastodonCollector(connect("mastodon", server.url)).pages(None))
        assert len(server.asked) < 10
    items = [item for page in pages for item in page.items]
    assert items
    assert all("@" in item.text and "<" not in item.text for item in items)
    assert all(item.author and item.url and item.published_at for item in items)


def test_a_recorded_status_of_mastodon_tells_its_numbers(data: Path) -> None:
    said = recorded(cassette(data / "api" / "mastodon" / "test_status.yaml")[0])
    raw = json.loads(said.content)

    def answer(asked: Asked) -> Said:
        return said if "/statuses/" in asked.path else Said({"configuration": {}})

    with answering(answer) as server:
        found = connect("mastodon", server.url).numbers(["7"])
    assert found["7"] == Numbers(
        likes=raw["favourites_count"],
        reposts=raw["reblogs_count"],
        quotes=raw.get("quotes_count"),
        replies=raw["replies_count"],
    )


def test_recorded_answers_of_mastodon_make_a_receipt_and_a_picture(data: Path) -> None:
    folder = data / "api" / "mastodon"
    status = recorded(cassette(folder / "test_status.yaml")[0])
    media = recorded(cassette(folder / "test_media_post_file.yaml")[0])
    ready = json.loads(media.content) | {"url": "https://files.example/a.jpg"}
    instance = next(
        recorded(one)
        for one in cassette(folder / "test_hashtag_tl.yaml")
        if "/api/v2/instance" in one["request"]["uri"]
    )
    answers = {
        "/api/v1/statuses": status,
        "/api/v2/media": media,
        "/api/v2/instance": instance,
    }
    with answering(lambda asked: answers.get(asked.path, Said(ready))) as server:
        client = connect("mastodon", server.url)
        publisher = MastodonPublisher(client)
        told = json.loads(instance.content)["configuration"]["statuses"]
        assert client.capabilities.text.longest == told["max_characters"]
        image = Image(jpeg(), "image/jpeg", "a" * 64, "Peta")
        made = publisher.prepare(outgoing(), [image])
        assert made.media_ids == (str(ready["id"]),)
        receipt = publisher.publish(outgoing(), open_gate)
        posts = [one for one in server.asked if one.path == "/api/v1/statuses"]
    assert receipt.remote_id == str(json.loads(status.content)["id"])
    assert receipt.posted_at is not None
    assert posts[0].headers["idempotency-key"] == outgoing().key
