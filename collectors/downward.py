"""Walking down comments that come newest first, below several posts at once.

Meta's cursors may not be kept ("don't store cursors"), so a walk is kept by times and
ids. It goes down to what is known and only then moves; where it was broken off, it goes
on below the oldest comment already stored. Times are exact to a second, so the ids of
that second are kept with it.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from models.speech import Page, Utterance
from networks.graph import Remark, Remarks, Thread

MOST_PAGES = 40  # of one post in one call; a longer walk goes on in the next one
KEPT_POSTS = 400  # walks that are remembered; posts older than these are not asked for


@dataclass(frozen=True, slots=True)
class Mark:
    """A second, and the comments of it that are stored."""

    at: str
    ids: tuple[str, ...]

    @classmethod
    def of(cls, raw: Mapping[str, object] | None) -> "Mark | None":
        if raw is None:
            return None
        ids = raw["ids"]
        assert isinstance(ids, list)
        return cls(str(raw["at"]), tuple(ids))


@dataclass(frozen=True, slots=True)
class Walk:
    """Where the walk below one post stands."""

    since: Mark | None = None  # everything up to here is stored
    newest: Mark | None = None  # where it will stand when it has arrived
    until: Mark | None = None  # the oldest that it has stored

    def is_fresh(self, one: Remark) -> bool:
        """Whether it lies between what is known and what this walk has stored."""
        at = _second(one)
        done = self.until
        if done is not None and (at > done.at or one.id in done.ids):
            return False
        return self.since is None or (
            at >= self.since.at and one.id not in self.since.ids
        )

    def further(self, fresh: Sequence[Remark]) -> "Walk":
        """Where it stands after ``fresh`` was stored."""
        if not fresh:
            return self
        newest = self.newest or _mark(fresh, max(map(_second, fresh)), self.since)
        if self.newest is not None:
            newest = _mark(fresh, self.newest.at, self.newest)
        until = _mark(fresh, min(map(_second, fresh)), self.until)
        return replace(self, newest=newest, until=until)

    def arrived(self) -> "Walk":
        """The walk once it has come down to what is known."""
        return Walk(since=self.newest or self.since)

    def below(self, page: Remarks) -> bool:
        """Whether a page reaches what is known, so that nothing older is new."""
        return self.since is not None and any(
            _second(one) < self.since.at for one in page.items
        )


def _mark(fresh: Sequence[Remark], at: str, before: Mark | None) -> Mark:
    known = before.ids if before is not None and before.at == at else ()
    here = (one.id for one in fresh if _second(one) == at)
    return Mark(at, tuple(dict.fromkeys((*known, *here))))


def _second(one: Remark) -> str:
    return "" if one.at is None else one.at.isoformat()


class Walks:
    """The cursor: one walk a post, the newest posts first."""

    def __init__(self, cursor: str | None) -> None:
        told = json.loads(cursor) if cursor else {}
        self._by_post: dict[str, Walk] = {
            post_id: Walk(*(Mark.of(each) for each in marks))
            for post_id, marks in told.items()
        }

    def of(self, post_id: str) -> Walk:
        return self._by_post.get(post_id, Walk())

    def put(self, post_id: str, walk: Walk) -> None:
        self._by_post[post_id] = walk

    def keep(self, post_ids: Sequence[str]) -> None:
        """Forget posts that are not asked for any more."""
        asked = list(dict.fromkeys((*post_ids, *self._by_post)))[:KEPT_POSTS]
        self._by_post = {
            one: self._by_post[one] for one in asked if one in self._by_post
        }

    def __str__(self) -> str:
        return json.dumps(
            {
                post_id: [
                    None if mark is None else asdict(mark)
                    for mark in (walk.since, walk.newest, walk.until)
                ]
                for post_id, walk in self._by_post.items()
            }
        )


def walked(
    threads: Sequence[Thread],
    cursor: str | None,
    older: Callable[[Thread, str], Remarks],
    heard: Callable[[Sequence[Remark]], tuple[Utterance, ...]],
) -> Iterator[Page]:
    """Yield what is new below each post, each page with the cursor that it needs.

    Args:
        threads: own posts with the first page of comments below each.
        cursor: as it was stored last.
        older: the next page below a post, by the network's own mark of it.
        heard: turns comments into utterances; own ones may be left out.
    """
    walks = Walks(cursor)
    walks.keep([one.post_id for one in threads])
    for thread in threads:
        page = thread.remarks
        for number in range(1, MOST_PAGES + 1):
            walk = walks.of(thread.post_id)
            fresh = [one for one in page.items if walk.is_fresh(one)]
            further = walk.further(fresh)
            last = page.after is None or walk.below(page)
            walks.put(thread.post_id, further.arrived() if last else further)
            if fresh or (last and further != further.arrived()):
                yield Page(heard(fresh), str(walks))
            if last or number == MOST_PAGES:
                break
            assert page.after is not None
            page = older(thread, page.after)
