"""What an X API v2 request may ask: fields, expansions, pages; strict as X is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import Request

from sandbox.x_shape import Wanted

INVALID = "https://api.x.com/2/problems/invalid-request"

POST_FIELDS = frozenset(
    [
        "article",
        "article_title",
        "attachments",
        "author_id",
        "card_uri",
        "community_id",
        "context_annotations",
        "conversation_id",
        "created_at",
        "display_text_range",
        "edit_controls",
        "edit_history_tweet_ids",
        "entities",
        "geo",
        "id",
        "in_reply_to_user_id",
        "lang",
        "matched_media_notes",
        "media_metadata",
        "non_public_metrics",
        "note_post",
        "note_tweet",
        "organic_metrics",
        "paid_partnership",
        "possibly_sensitive",
        "promoted_metrics",
        "public_metrics",
        "referenced_posts",
        "referenced_tweets",
        "reply_settings",
        "scopes",
        "source",
        "text",
        "withheld",
    ]
)
USER_FIELDS = frozenset(
    [
        "connection_status",
        "created_at",
        "description",
        "entities",
        "id",
        "is_identity_verified",
        "location",
        "most_recent_tweet_id",
        "name",
        "parody",
        "pinned_tweet_id",
        "profile_banner_url",
        "profile_image_url",
        "protected",
        "public_metrics",
        "receives_your_dm",
        "subscription_type",
        "url",
        "username",
        "verified",
        "verified_type",
        "withheld",
    ]
)
MEDIA_FIELDS = frozenset(
    [
        "alt_text",
        "duration_ms",
        "height",
        "media_key",
        "non_public_metrics",
        "organic_metrics",
        "preview_image_url",
        "promoted_metrics",
        "public_metrics",
        "type",
        "url",
        "variants",
        "width",
    ]
)
EXPANSIONS = frozenset(
    [
        "article.cover_media",
        "article.media_entities",
        "attachments.media_keys",
        "attachments.media_source_tweet",
        "attachments.poll_ids",
        "author_id",
        "edit_history_tweet_ids",
        "entities.mentions.username",
        "geo.place_id",
        "in_reply_to_user_id",
        "pinned_tweet_id",
        "referenced_posts",
        "referenced_tweets.id",
        "referenced_tweets.id.author_id",
        "username",
    ]
)
SHOWN = {
    "tweet.fields": POST_FIELDS,
    "post.fields": POST_FIELDS,
    "user.fields": USER_FIELDS,
    "media.fields": MEDIA_FIELDS,
    "poll.fields": frozenset(
        [
            "duration_minutes",
            "end_datetime",
            "id",
            "options",
            "voting_status",
        ]
    ),
    "place.fields": frozenset(
        [
            "contained_within",
            "country",
            "country_code",
            "full_name",
            "geo",
            "id",
            "name",
            "place_type",
        ]
    ),
    "expansions": EXPANSIONS,
}
PAGED = frozenset(
    [
        "max_results",
        "pagination_token",
        "since_id",
        "until_id",
        "start_time",
        "end_time",
    ]
)


class XError(Exception):
    """An X API answer that is not a success."""

    def __init__(
        self, status: int, body: Mapping[str, Any], headers: Mapping[str, str] = {}
    ) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = dict(body)
        self.headers = dict(headers)


def problem(status: int, title: str, detail: str) -> XError:
    """A problem without a type of its own, as most of X's are."""
    return XError(
        status,
        {"title": title, "detail": detail, "type": "about:blank", "status": status},
    )


def invalid(name: str, value: str, message: str) -> XError:
    """400: a parameter cannot be used; X names it and its value."""
    return XError(
        400,
        {
            "errors": [{"parameters": {name: [value]}, "message": message}],
            "title": "Invalid Request",
            "detail": "One or more parameters to your request was invalid.",
            "type": INVALID,
        },
    )


def missing(kind: str, value: str, parameter: str = "id") -> dict[str, Any]:
    """An entry of ``errors`` in an answer 200: what was asked for is not there."""
    return {
        "value": value,
        "detail": f"Could not find {kind} with {parameter}: [{value}].",
        "title": "Not Found Error",
        "resource_type": kind,
        "parameter": parameter,
        "resource_id": value,
        "type": INVALID.replace("invalid-request", "resource-not-found"),
    }


def known_parameters(request: Request, allowed: frozenset[str]) -> None:
    """Refuse parameters that the endpoint does not have, as X does."""
    for name, value in request.query_params.items():
        if name not in allowed:
            known = ",".join(sorted(allowed))
            message = f"The query parameter [{name}] is not one of [{known}]"
            raise invalid(name, value, message)


def wanted(request: Request) -> Wanted:
    """The fields and expansions asked for."""
    asked = {
        name: _listed(request, name, allowed)
        for name, allowed in SHOWN.items()
        if name in request.query_params
    }
    empty: frozenset[str] = frozenset()
    posts = asked.get("tweet.fields", empty) | asked.get("post.fields", empty)
    return Wanted(
        post_fields=posts,
        user_fields=asked.get("user.fields", empty),
        media_fields=asked.get("media.fields", empty),
        expansions=asked.get("expansions", empty),
        new_names="post.fields" in asked,
    )


def _listed(request: Request, name: str, allowed: frozenset[str]) -> frozenset[str]:
    given = request.query_params[name]
    names = frozenset(given.split(","))
    for each in names - allowed:
        known = ",".join(sorted(allowed))
        message = f"The `{name}` query parameter value [{each}] is not one of [{known}]"
        raise invalid(name, given, message)
    return names


@dataclass(frozen=True, slots=True)
class PageAsked:
    """One page of a list that is given newest first."""

    size: int
    since_id: int = 0
    until_id: int = 2**63
    below: int = 2**63  # from the pagination token
    start: datetime | None = None
    end: datetime | None = None


def page_asked(request: Request, smallest: int, token: str = "") -> PageAsked:
    """Read the paging parameters; ``token`` names another one for the page token."""
    given = request.query_params
    text = given.get("max_results", "10")
    if not text.isdigit() or not smallest <= int(text) <= 100:
        raise invalid(
            "max_results",
            text,
            f"The `max_results` query parameter value [{text}] is not between"
            f" {smallest} and 100",
        )
    mark = given.get("pagination_token") or given.get(token or "pagination_token")
    return PageAsked(
        size=int(text),
        since_id=_id(given, "since_id", 0),
        until_id=_id(given, "until_id", 2**63),
        below=from_token(mark) if mark else 2**63,
        start=_time(given, "start_time"),
        end=_time(given, "end_time"),
    )


def _id(given: Mapping[str, str], name: str, default: int) -> int:
    text = given.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        raise invalid(
            name,
            text,
            f"The `{name}` query parameter value [{text}] does not match"
            " ^[0-9]{1,19}$",
        )
    return int(text)


def _time(given: Mapping[str, str], name: str) -> datetime | None:
    text = given.get(name)
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        message = f"The `{name}` query parameter value [{text}] is not a valid date"
        raise invalid(name, text, message)
    return at


_HEX = re.compile(r"[0-9a-f]{1,16}")
_TOKEN = "7140dibdnow9c7btw3w"  # noqa: S105 - how every page token of X begins


def to_token(last_id: int) -> str:
    """A page token: the next page is what lies below ``last_id``."""
    return f"{_TOKEN}{last_id:x}"


def from_token(token: str) -> int:
    """Read a page token.

    Raises:
        XError: it is none of ours.
    """
    digits = token.removeprefix(_TOKEN)
    if digits == token or not _HEX.fullmatch(digits):
        message = f"The `pagination_token` query parameter value [{token}] is not valid"
        raise invalid("pagination_token", token, message)
    return int(digits, 16)
