"""A little world for the demonstration, played in time: Polres Kota Sukamaju.

``seed`` writes what was said in the last three days; ``play`` lets citizens speak on
and answer what the station publishes. The same seed plays the same world.
"""

import random
import re
import threading
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sandbox.site import Site, Tokens
from sandbox.store import TOLD_ON, Post

FILE = Path(__file__).parent / "data" / "sukamaju.toml"
REPLIES_AT_MOST = 3  # below one announcement
WAITS_UNTIL = 60  # minutes of the story in which a first announcement may come
TICK = 0.25  # seconds between two looks at what is due


@dataclass(frozen=True, slots=True)
class Due:
    """Something that happens ``minute`` minutes after the start."""

    minute: float
    row: Mapping[str, Any]


@cache
def story() -> dict[str, Any]:
    """The world as its file tells it."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def seed(site: Site) -> dict[str, Tokens]:
    """Open the station's accounts and write what was said before the beginning.

    Returns:
        The station's tokens by network.
    """
    told = story()
    tokens = {
        network.value: site.add_account(network, told["station"], told["station_name"])
        for network in TOLD_ON
    }
    now = site.world.store.now()
    for row in sorted(told["past"], key=lambda row: -row["hours_ago"]):
        _say(site, row, at=now - timedelta(hours=row["hours_ago"]))
    for row in told["article"]:
        if "hours_ago" in row:
            at = now - timedelta(hours=row["hours_ago"])
            site.publish_article(row["feed"], row["title"], row["text"], published=at)
    return tokens


def play(
    site: Site,
    speed: float = 1.0,
    stop: threading.Event | None = None,
    *,
    until_stopped: bool = False,
    chance: int = 7,
) -> None:
    """Let the story happen; returns when it is told, or when ``stop`` is set.

    Where nothing was said yet, what was said before the beginning is written first.
    The story waits ``WAITS_UNTIL`` minutes for an announcement of the station.

    Args:
        site: the sandbox.
        speed: minutes of the story that pass in a second; 1 tells it in half a minute.
        stop: ends the play.
        until_stopped: go on answering announcements after the story is told.
        chance: chooses who answers what; the same chance plays the same way.
    """
    if not site.world.store.posts:
        seed(site)
    ended = stop or threading.Event()
    chooser = random.Random(chance)  # noqa: S311 - a story, not a secret
    due = list(_live())
    answered: set[int] = set()
    minute = 0.0
    while not ended.is_set():
        while due and due[0].minute <= minute:
            _happen(site, due.pop(0).row)
        for post in _announcements(site):
            if post.id not in answered:
                answered.add(post.id)
                due += _answers(post, minute, chooser)
                due.sort(key=lambda each: each.minute)
        waiting = until_stopped or (not answered and minute < WAITS_UNTIL)
        if not due and not waiting:
            return
        ended.wait(TICK)
        minute += TICK * speed


def _live() -> Iterator[Due]:
    rows = [*story()["live"], *story()["article"]]
    yield from sorted(
        (Due(row["minute"], row) for row in rows if "minute" in row),
        key=lambda due: due.minute,
    )


def _announcements(site: Site) -> list[Post]:
    """What the station published by itself, oldest first."""
    return [post for post in site.posts(story()["station"]) if not post.draft.reply_to]


def _answers(post: Post, minute: float, chooser: random.Random) -> list[Due]:
    """Who answers an announcement, and when: within ten minutes."""
    text = post.text.casefold()
    fits = [
        row
        for row in story()["reply"]
        if any(word and _has(text, word) for word in row["about"])
    ]
    general = [row for row in story()["reply"] if row["about"] == [""]]
    some = chooser.sample(fits, min(len(fits), REPLIES_AT_MOST)) or general[:1]
    return [
        Due(
            minute + chooser.uniform(0.3, 10),
            {**row, "network": post.network.value, "reply_to": post.id},
        )
        for row in some
    ]


def _has(text: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def _happen(site: Site, row: Mapping[str, Any]) -> None:
    if "title" in row:
        site.publish_article(row["feed"], row["title"], row["text"])
    elif row.get("reply_to", 0) in (0, *site.world.store.posts):
        _say(site, row)


def _say(site: Site, row: Mapping[str, Any], **options: Any) -> Post:
    name = str(row["who"])
    return site.write(
        row["network"],
        name.casefold().replace(" ", "_"),
        str(row["text"]).replace("@stasiun", f"@{story()['station']}"),
        name=name,
        reply_to=row.get("reply_to"),
        **options,
    )
