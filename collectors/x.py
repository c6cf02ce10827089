"""Hearing on X: posts that name the account, replies to its own among them.

X answers newest first. The walk goes down to the last post known and only then moves
the cursor; where it was broken off, it goes on from the oldest post already stored.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace

from models.speech import Page, Utterance
from networks import x
from networks.x_posts import Post, PostPage

FIRST_PAGES = 5  # how far back the very first walk goes; each post is billed
PAGE = 20  # posts a page: what a read may cost at most is booked before


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a walk stands; all are ids of posts."""

    since: str | None = None  # everything up to here is stored
    newest: str | None = None  # where the cursor goes when this walk has arrived
    until: str | None = None  # the oldest post this walk has stored

    @classmethod
    def read(cls, cursor: str | None) -> "Walk":
        return cls(**json.loads(cursor)) if cursor else cls()

    def __str__(self) -> str:
        return json.dumps(asdict(self))

    def arrived(self) -> "Walk":
        return Walk(since=self.newest or self.since)


class XCollector:
    """Hears the mentions of one account."""

    def __init__(self, client: x.Client) -> None:
        self._client = client

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """Yield pages of what is new, newest first; see the contract."""
        walk, token = Walk.read(cursor), None
        first_of_all = walk.since is None
        for number in range(1, 10_000):
            page = self._client.mentions(
                since_id=walk.since,
                until_id=None if token else walk.until,
                token=token,
                size=PAGE,
            )
            walk = _further(walk, page)
            token = page.next_token
            if token is None or (first_of_all and number >= FIRST_PAGES):
                yield Page(_heard(page), str(walk.arrived()))
                return
            yield Page(_heard(page), str(walk))


def _further(walk: Walk, page: PostPage) -> Walk:
    if not page.posts:
        return walk
    ids = sorted((post.id for post in page.posts), key=int)
    newest = walk.newest or ids[-1]
    return replace(walk, newest=newest, until=ids[0])


def _heard(page: PostPage) -> tuple[Utterance, ...]:
    return tuple(_utterance(post) for post in page.posts)


def _utterance(post: Post) -> Utterance:
    return Utterance(
        remote_id=post.id,
        url=f"{x.SITE}/i/status/{post.id}",  # names no handle
        text=post.text,
        author=post.username,
        author_name=post.name,
        published_at=post.created_at,
        published_raw=post.created_raw,
        in_reply_to=post.in_reply_to,
        language=post.language,
    )
