"""The sandbox's X against the published contract, X API v2 OpenAPI 2.167."""

import base64
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import tweepy
from jsonschema import Draft202012Validator

from sandbox.site import Site, Tokens
from tests.unit.test_sandbox_x import PNG, connect, signed

pytestmark = pytest.mark.real_data
EVERY_FIELD = (
    "tweet.fields=author_id,attachments,conversation_id,created_at,entities,"
    "in_reply_to_user_id,lang,public_metrics,referenced_tweets,reply_settings,source"
    "&user.fields=created_at,description,protected,public_metrics,verified"
    "&media.fields=alt_text,height,url,width"
    "&expansions=attachments.media_keys,author_id,in_reply_to_user_id,"
    "entities.mentions.username,referenced_tweets.id"
)


@pytest.fixture(scope="module")
def contract(data: Path) -> dict[str, Any]:
    text = (data / "api" / "x" / "openapi.json").read_text(encoding="utf-8")
    return _strict(json.loads(text))


def _strict(node: Any) -> Any:
    """OpenAPI 3.0 ``nullable`` as JSON Schema, all the way down."""
    if isinstance(node, list):
        return [_strict(each) for each in node]
    if not isinstance(node, dict):
        return node
    made = {name: _strict(each) for name, each in node.items()}
    if made.pop("nullable", False) and isinstance(made.get("type"), str):
        made["type"] = [made["type"], "null"]
    made.pop("discriminator", None)
    return made


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site.start() as site:
        yield site


@pytest.fixture(scope="module")
def tokens(site: Site) -> Tokens:
    return site.add_account("x", "polres_sukamaju", "Polres Kota Sukamaju")


@pytest.fixture(scope="module")
def client(site: Site, tokens: Tokens) -> Iterator[tweepy.Client]:
    client = connect(site, tokens.secrets)
    yield client
    client.session.close()


@pytest.fixture(scope="module")
def call(contract: dict[str, Any], client: tweepy.Client) -> Any:
    """Send a request, and hold both it and its answer against the contract."""
    return partial(_call, contract, client)


def _call(
    contract: dict[str, Any],
    client: tweepy.Client,
    method: str,
    path: str,
    query: str = "",
    **options: Any,
) -> Any:
    template = options.pop("template", path)
    operation = contract["paths"][template][method.lower()]
    if "json" in options:
        _hold(contract, operation["requestBody"]["content"], options["json"])
    answer = signed(client, method, f"{path}?{query}" if query else path, **options)
    told = operation["responses"].get(str(answer.status_code))
    _hold(contract, (told or operation["responses"]["default"])["content"], answer)
    return answer


def _hold(contract: dict[str, Any], content: dict[str, Any], value: Any) -> None:
    kind = "application/json"
    if not isinstance(value, dict):
        kind = value.headers["content-type"].partition(";")[0]
        value = value.json()
    schema = content[kind]["schema"] | {"components": contract["components"]}
    errors = list(Draft202012Validator(schema).iter_errors(value))
    assert not errors, [(list(e.absolute_path), e.message) for e in errors]


def _known(contract: dict[str, Any], value: Any, schema: Any, where: str) -> list[str]:
    """Names in an answer that the contract does not have (older names apart)."""
    while "$ref" in schema:
        schema = contract["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if isinstance(value, list):
        return [
            name
            for each in value
            for name in _known(contract, each, schema.get("items", {}), where)
        ]
    if not isinstance(value, dict) or "properties" not in schema:
        return []
    found = []
    for name, each in value.items():
        inner = schema["properties"].get(name)
        if inner is None:
            found.append(f"{where}.{name}")
        else:
            found += _known(contract, each, inner, f"{where}.{name}")
    return found


OLDER_NAMES = {  # what the API has always said, beside or instead of the new names
    ".data.edit_history_tweet_ids",
    ".data.referenced_tweets",
    ".data.public_metrics.retweet_count",
    ".data.public_metrics.tweet_count",
    ".includes.tweets",
    ".includes.users.public_metrics.tweet_count",
}


def test_a_wrong_answer_would_be_found(contract: dict[str, Any]) -> None:
    content = contract["paths"]["/2/users/{id}/tweets"]["get"]["responses"]["200"]
    wrong = {"data": [{"id": 5, "public_metrics": {"like_count": 1}}]}
    with pytest.raises(AssertionError, match="is not of type 'string'"):
        _hold(contract, content["content"], wrong)
    schema = content["content"]["application/json"]["schema"]
    assert _known(contract, {"data": [{"rupa": 1}]}, schema, "") == [".data.rupa"]


def test_a_picture_and_a_post_follow_the_contract(call: Any) -> None:
    opened = call(
        "POST",
        "/2/media/upload/initialize",
        json={
            "media_type": "image/png",
            "total_bytes": len(PNG),
            "media_category": "tweet_image",
        },
    ).json()["data"]
    upload = "/2/media/upload/{id}/append"
    call(
        "POST",
        f"/2/media/upload/{opened['id']}/append",
        template=upload,
        json={"media": base64.b64encode(PNG).decode(), "segment_index": 0},
    )
    call(
        "POST",
        f"/2/media/upload/{opened['id']}/finalize",
        template="/2/media/upload/{id}/finalize",
    )
    alt = {"id": opened["id"], "metadata": {"alt_text": {"text": "Peta"}}}
    call("POST", "/2/media/metadata", json=alt)
    body = {"text": "Peta: https://polri.go.id", "media": {"media_ids": [opened["id"]]}}
    posted = call("POST", "/2/tweets", json=body).json()["data"]
    call("GET", f"/2/tweets/{posted['id']}", EVERY_FIELD, template="/2/tweets/{id}")
    call("DELETE", f"/2/tweets/{posted['id']}", template="/2/tweets/{id}")


@pytest.mark.parametrize(
    ("template", "query"),
    [
        ("/2/users/me", "user.fields=created_at,public_metrics,verified"),
        ("/2/users/{id}/tweets", EVERY_FIELD),
        ("/2/users/{id}/mentions", EVERY_FIELD + "&max_results=5"),
        ("/2/tweets/search/recent", EVERY_FIELD + "&query=sukamaju"),
    ],
)
def test_reading_follows_the_contract(
    contract: dict[str, Any],
    site: Site,
    tokens: Tokens,
    call: Any,
    template: str,
    query: str,
) -> None:
    for n in range(7):
        site.write("x", f"warga{n}", f"@polres_sukamaju halo Sukamaju {n} #SIM")
    said = site.posts("warga0")[-1]
    body = {
        "text": f"Terima kasih, cek https://polri.go.id {said.id} {template}",
        "reply": {"in_reply_to_tweet_id": str(said.id)},
    }
    call("POST", "/2/tweets", json=body)
    path = template.replace("{id}", tokens.id)
    answer = call("GET", path, query, template=template)
    assert answer.status_code == 200
    schema = contract["paths"][template]["get"]["responses"]["200"]
    schema = schema["content"]["application/json"]["schema"]
    assert set(_known(contract, answer.json(), schema, "")) <= OLDER_NAMES


@pytest.mark.parametrize(
    ("template", "query"),
    [
        ("/2/users/{id}/mentions", "max_results=1"),
        ("/2/tweets/search/recent", "query="),
        ("/2/users/{id}/tweets", "tweet.fields=rupa"),
    ],
)
def test_refusals_have_what_the_contract_needs(
    tokens: Tokens, client: tweepy.Client, template: str, query: str
) -> None:
    answer = signed(client, "GET", f"{template.replace('{id}', tokens.id)}?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("application/problem+json")
    body = answer.json()
    assert body["type"] == "https://api.x.com/2/problems/invalid-request"
    assert {"title", "detail"} <= set(body)
