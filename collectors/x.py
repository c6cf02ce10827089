"""Hearing on X: posts that name the account, replies to its own among them.

X answers newest first. The walk goes down to the last post known and only then moves
the cursor; where it was broken off, it goes on from the oldest post already stored.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace

from models.speech import Page, Utterance
from networks import x
from networks.x_posts import Post

FIRST_PAGES = 5  # how far back the very first walk goes; each post is billed
MOST_PAGES = 100  # of one call; a longer walk goes on in the next one
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

    def is_fresh(self, post: Post) -> bool:
        """Whether a post lies between what is known and what this walk has stored."""
        number = int(post.id)
        if self.until is not None and number >= int(self.until):
            return False
        return self.since is None or number > int(self.since)

    def further(self, posts: Sequence[Post]) -> "Walk":
        """Where the walk stands after ``posts``."""
        if not posts:
            return self
        ids = sorted((post.id for post in posts), key=int)
        return replace(self, newest=self.newest or ids[-1], until=ids[0])

    def arrived(self) -> "Walk":
        """The cursor once the walk has come down to what is known."""
        return Walk(since=self.newest or self.since)


class XCollector:
    """Hears the mentions of one account."""

    def __init__(self, client: x.Client) -> None:
        self._client = client

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """Yield pages of what is new, newest first; see the contract."""
        walk, token = Walk.read(cursor), None
        most = FIRST_PAGES if walk.since is None else MOST_PAGES
        for number in range(1, most + 1):
            page = self._client.mentions(
                since_id=walk.since,
                until_id=None if token else walk.until,
                token=token,
                size=PAGE,
            )
            fresh = [post for post in page.posts if walk.is_fresh(post)]
            stuck = bool(page.posts) and not fresh  # it ignores where we stand
            walk, token = walk.further(fresh), page.next_token
            last = token is None or stuck
            if last or (number == most and walk.since is None):
                yield Page(_heard(fresh), str(walk.arrived()))
                return
            yield Page(_heard(fresh), str(walk))


def _heard(posts: Sequence[Post]) -> tuple[Utterance, ...]:
    return tuple(_utterance(post) for post in posts)


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
