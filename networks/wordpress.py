"""WordPress by its REST API, with an application password.

A post's slug ends with the beginning of the delivery's key, so that a lost answer is
settled by asking for that slug. WordPress knows no idempotency key: a second POST would
be a second post, so nothing is ever repeated.
"""

import base64
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any
from urllib.parse import urlencode, urlsplit

from models.errors import Disconnected, Refused
from models.problems import Problem
from models.speech import Gate, Image, Outgoing, Receipt
from networks.base import AccountSecret, HttpLimits, Purse
from networks.capabilities import (
    Ability,
    Capabilities,
    CountBy,
    LookUp,
    MediaLimit,
    Source,
    Sure,
    TextLimit,
)
from networks.requests_door import GuardedAdapter
from networks.wordpress_verdicts import judge

NAME = "wordpress"
MIB = 1024 * 1024

CAPABILITIES = Capabilities(
    name=NAME,
    title="WordPress",
    icon="world",
    # the office's own bounds: WordPress has none; a server may take smaller pictures
    text=TextLimit(longest=20_000, count_by=CountBy.GRAPHEMES, url_cost=0),
    media=MediaLimit(most=1, image_bytes=8 * MIB, alt_text=1_500),
    settles_by=(LookUp(times=2, apart=timedelta(minutes=1)),),
    secrets=("username", "application_password"),
    shown=frozenset({"username"}),
    needs_base_url=True,
    address_form="https://situs.contoh.go.id",
    edits=Ability(
        True,
        Sure.CONFIRMED,
        Source(
            "https://developer.wordpress.org/rest-api/reference/posts/#update-a-post",
            seen="2026-11-24",
        ),
    ),
    deletes=Ability(
        True,
        Sure.CONFIRMED,
        Source(
            "https://developer.wordpress.org/rest-api/reference/posts/#delete-a-post",
            seen="2026-11-24",
        ),
    ),
    source=Source(
        "https://developer.wordpress.org/rest-api/reference/posts/", seen="2026-11-24"
    ),
    hears=False,
    scopes=("publish_posts", "upload_files"),
)

API = "/wp-json/wp/v2"
LONGEST_SLUG_WORDS = 60
KEY_IN_SLUG = 16  # letters of the key; hex


def connect(
    account: AccountSecret,
    limits: HttpLimits,
    purse: Purse,  # noqa: ARG001 - nothing here costs money
) -> "Client":
    """Open a client for one author of one site; nothing is called yet.

    Raises:
        Disconnected: the address or a key cannot be used.
    """
    return Client(account, limits)


class Client:
    """Speaks to one site as one author."""

    capabilities = CAPABILITIES

    def __init__(self, account: AccountSecret, limits: HttpLimits) -> None:
        user = account.secrets.get("username", "").strip()
        password = "".join(account.secrets.get("application_password", "").split())
        token = _token(user, password)
        parts = urlsplit(account.base_url)
        if parts.scheme not in {"https", "http"} or not parts.hostname or parts.query:
            raise Disconnected(Problem.ADDRESS_INVALID, "no http or https address")
        self._base = account.base_url.rstrip("/") + API
        self._door = GuardedAdapter(limits, judge, (password, token))
        self._session = self._door.session()
        self._session.headers["Authorization"] = f"Basic {token}"

    def whoami(self) -> str:
        """The author's name on the site, after their rights have been seen.

        Raises:
            Disconnected: the password is refused (``TOKEN_REFUSED``) or the author may
                not publish (``SCOPE_MISSING``). TryLater: the site does not answer.
        """
        with self._door.errand():
            told = self._get("/users/me", context="edit")
            handle = str(told["slug"])
            may: Mapping[str, Any] = told["capabilities"]
            missing = [name for name in CAPABILITIES.scopes if not may.get(name)]
        if missing:
            raise Disconnected(Problem.SCOPE_MISSING, ", ".join(missing))
        return handle

    def close(self) -> None:
        """Nothing is kept open."""

    def upload(self, image: Image) -> str:
        """Put a picture with its alternative text into the library; not yet public.

        Raises:
            TryLater, Disconnected, Refused: as named.
        """
        query = urlencode({"alt_text": image.alt})
        headers = {
            "Content-Type": image.media_type,
            "Content-Disposition": f'attachment; filename="{image.filename}"',
        }
        address = f"{self._base}/media?{query}"
        with self._door.errand():
            answer = self._session.post(address, data=image.content, headers=headers)
            return str(int(answer.json()["id"]))

    def create_post(self, outgoing: Outgoing, gate: Gate) -> Receipt:
        """Publish, once.

        Raises:
            GateClosed, TryLater, Disconnected, Refused, Uncertain: as named.
        """
        post: dict[str, Any] = {
            "title": outgoing.title,
            "content": markup(outgoing.text),
            "status": "publish",
            "slug": slug_of(outgoing),
        }
        if outgoing.media_ids:
            post["featured_media"] = int(outgoing.media_ids[0])
        with self._door.errand(publishes=True, gate=gate):
            told = self._session.post(f"{self._base}/posts", json=post).json()
            receipt, status = _receipt(told), str(told["status"])
        if status != "publish":
            raise Refused(Problem.CONTENT_REFUSED, f"the site keeps it as {status}")
        return receipt

    def delete(self, post_id: str, gate: Gate) -> None:
        """Put an own post into the site's bin, where the public sees it no more.

        Raises:
            GateClosed, TryLater, Disconnected, Refused, Uncertain: as named. Gone: it
                is not there.
        """
        with self._door.errand(publishes=True, gate=gate):
            address = f"{self._base}/posts/{int(post_id)}"
            if self._session.delete(address).json()["status"] != "trash":
                raise ValueError("not deleted")

    def find(self, outgoing: Outgoing) -> Receipt | None:
        """The post of a delivery, by its slug; only reads.

        Raises:
            TryLater, Disconnected: as named.
        """
        with self._door.errand():
            found = self._get("/posts", slug=slug_of(outgoing))
            return _receipt(found[0]) if found else None

    def _get(self, path: str, **query: str) -> Any:
        return self._session.get(f"{self._base}{path}?{urlencode(query)}").json()


def slug_of(outgoing: Outgoing) -> str:
    """The post's own name in its address: words of the headline, and of the key."""
    plain = unicodedata.normalize("NFKD", outgoing.title.lower())
    words = re.sub("[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode())
    start = words.strip("-")[:LONGEST_SLUG_WORDS].strip("-") or "pengumuman"
    key = re.sub("[^0-9a-z]", "-", outgoing.key.lower())
    base, _, again = key.partition("-")  # ``~2`` after a person sent it again
    return "-".join(filter(None, (start, base[:KEY_IN_SLUG], again)))


def markup(text: str) -> str:
    """Paragraphs at blank lines, line breaks elsewhere; no other markup."""
    paragraphs = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    lines = (escape(part.strip()).replace("\n", "<br />\n") for part in paragraphs)
    return "\n\n".join(f"<p>{line}</p>" for line in lines)


def _token(user: str, password: str) -> str:
    usable = user and password and ":" not in user
    if not usable or not (user + password).isprintable():
        raise Disconnected(Problem.TOKEN_REFUSED, "a key is missing or unusable")
    return base64.b64encode(f"{user}:{password}".encode()).decode()


def _receipt(told: Mapping[str, Any]) -> Receipt:
    """Read a post; its ``date_gmt`` is UTC and does not say so."""
    number = int(told["id"])
    if number < 1:
        raise ValueError("no id")
    link = str(told.get("link") or "")
    at = datetime.fromisoformat(str(told["date_gmt"])).replace(tzinfo=UTC)
    return Receipt(str(number), link if link.startswith("http") else "", at)
