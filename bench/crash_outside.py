"""What stands outside, in ``bench.crash``: the pretend networks and a mail server.

What is published is told by them alone; the ledger is never asked.
"""

import html
import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

from bench.crash_count import Stood
from pipeline import wiring
from tests.contract.mail_server import PASSWORD, USER, Post, mail_server

WEBHOOK_KEY = "kunci-webhook-0123456789"
HOLD = (0.05, 0.2)
"""Seconds, between which every answer to a write is held."""

WRITES = {
    "x": "/2/tweets",
    "mastodon": "/api/v1/statuses",
    "bluesky": "/xrpc/com.atproto.repo.putRecord",
    "telegram": "/bot*/send*",
    "facebook": "/v24.0/*/feed",
    "instagram": "/v23.0/*/media_publish",
    "threads": "/v1.0/*/threads_publish",
    "webhook": "/webhook",
    "wordpress": "/situs/wp-json/wp/v2/posts",
}
"""Where each network is posted to."""

_MUCH = [1_000_000, 900]
_RATES = ("x_writes", "x_reads", "x_media", "mastodon_calls", "mastodon_media")
_MORE_RATES = ("bluesky_writes", "bluesky_logins", "telegram_writes")
_META_RATES = ("facebook_writes", "instagram_writes", "threads_writes")


@dataclass(frozen=True)
class Outside:
    """The pretend networks in a process of their own, and a mail server."""

    url: str
    mail: Post

    @property
    def places(self) -> frozenset[str]:
        """``host:port`` of everything that workers may connect to."""
        return frozenset({urlsplit(self.url).netloc, self.mail.place})

    def call(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            f"{self.url}/_sandbox/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as reply:
            return json.load(reply)

    def begin(self) -> None:
        """Empty, every answer held, and no help from limits or duplicate checks."""
        self.call("POST", "reset")
        low, high = (round(each * 1000) for each in HOLD)
        self.call("PUT", "hold", {"low_ms": low, "high_ms": high})
        rates: dict[str, Any] = dict.fromkeys((*_RATES, *_MORE_RATES), _MUCH)
        rates |= dict.fromkeys(_META_RATES, _MUCH)
        daily = {"instagram_daily": 1_000_000, "threads_daily": 1_000_000}
        self.call("PUT", "rules", rates | daily | {"x_duplicate_window": 0})
        self.call("PUT", "doors", {"webhook_keys": [WEBHOOK_KEY]})
        self.mail.letters.clear()
        self.mail.mood.hold = HOLD

    def account(self, network: str, handle: str) -> tuple[str, dict[str, str]]:
        """Open an account; its address, and what it signs in with."""
        if network == "mail":
            secrets = {"username": USER, "password": PASSWORD}
            return self.mail.address, secrets | {
                "sender": f"Humas <{handle}@s.example>"
            }
        if network == "webhook":
            url = self.call("GET", "doors")["webhook"]["url"]
            return url, {"secret": WEBHOOK_KEY}
        if network == "wordpress":
            site = self.call("GET", "doors")["wordpress"]
            names = wiring.capabilities(network).secrets
            return site["url"], {name: site[name] for name in names}
        made = self.call("POST", "accounts", {"network": network, "handle": handle})
        names = wiring.capabilities(network).secrets
        return self.url, {name: made[name] for name in names}

    def cut(self, network: str) -> None:
        """The next post is accepted, and its answer is lost."""
        if network == "mail":
            self.mail.mood.cuts = 1
            return
        fault = {"kind": "cut", "path": WRITES[network], "method": "POST"}
        self.call("POST", "faults", fault)

    def stands(self) -> list[Stood]:
        """Everything that stands, oldest first on each network."""
        return [*self._posts(), *self._behind_doors(), *self._letters()]

    def _posts(self) -> Iterator[Stood]:
        posts = self.call("GET", "posts")
        names = {(each["network"], each["id"]): each["remote_id"] for each in posts}
        for each in posts:
            network = each["network"]
            yield Stood(
                network,
                _first_line(each["text"]),
                pictures=len(each["media"]),
                remote_id=each["remote_id"],
                answers=names.get((network, each["reply_to"]), ""),
            )

    def _behind_doors(self) -> Iterator[Stood]:
        doors = self.call("GET", "doors")
        for event in doors["webhook"]["told"]:
            yield Stood("webhook", event["text"], pictures=len(event["media"]))
        for post in doors["wordpress"]["posts"]:
            text = html.unescape(re.sub("<[^>]+>", "", post["content"]))
            yield Stood("wordpress", text, pictures=int(post["media"] > 0))

    def _letters(self) -> Iterator[Stood]:
        for letter, to in zip(self.mail.read(), self.mail.to(), strict=True):
            yield Stood("mail", _words(letter), to=to, pictures=_attached(letter))


def _first_line(text: str) -> str:
    """The announcement; below it some networks have the words of its picture."""
    return text.strip().splitlines()[0]


def _words(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return _first_line(str(body.get_content()))


def _attached(letter: EmailMessage) -> int:
    return sum(1 for _ in letter.iter_attachments())


@contextmanager
def outside() -> Iterator[Outside]:
    """Start both; they end with the bench."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        with mail_server() as mail:
            yield Outside(url, mail)
    finally:
        process.terminate()
        process.communicate()
