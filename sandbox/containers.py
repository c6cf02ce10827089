"""Containers of Instagram and Threads: made, fetched for, published once, expired.

- C a container holds a post that nobody sees; it lives for 24 hours.
- C pictures are fetched from the address that is given; here really, by HTTP. C the
  real networks want https on a public host; this one takes loopback too.
- C its status: IN_PROGRESS, FINISHED, PUBLISHED, EXPIRED, ERROR.
- T a container that was published is refused with an error, and makes no second post.
- C a video is fetched from ``video_url`` and worked on: IN_PROGRESS, then FINISHED, or
  ERROR for one that cannot be used; S 300 MB and 3 s to 15 min on Instagram, 1 GB and
  5 min on Threads, H.264 or HEVC, the description before the data.
- C a carousel has 2 to 10 (Threads: 20) items, each a container of its own.
"""

import urllib.error
import urllib.request
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from starlette.concurrency import run_in_threadpool

from sandbox.films import VIDEO, film_of
from sandbox.graph import Call, GraphError, invalid, spend
from sandbox.pictures import picture_type
from sandbox.rates import Allowance
from sandbox.store import Draft, Post

LIFE = timedelta(hours=24)
FETCH_WITHIN = 5  # seconds
MOST_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Container:
    """One post before it is published, or one item of a carousel."""

    id: int
    account_id: int
    draft: Draft
    made_at: datetime
    polls_left: int = 0
    published: int | None = None  # the post's id
    item: bool = False
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Films:
    """What a network takes of videos: seconds, and bytes."""

    shortest: float
    longest: float
    most_bytes: int


async def make(
    call: Call, text: str, reply_to: int | None, types: frozenset[str], films: Films
) -> int:
    """Make a container of what is given; return its id.

    Raises:
        GraphError: a picture cannot be fetched or used; children are not there.
    """
    broken = False
    polls = call.world.rules.container_polls
    if call.given.get("media_type") == "CAROUSEL":
        media_ids = _children(call)
    elif call.given.get("video_url"):
        media_id, broken = await _film(call, films)
        media_ids, polls = (media_id,), call.world.rules.video_polls
    elif call.given.get("image_url"):
        media_ids = (await _fetched(call, types),)
    else:
        media_ids = ()
    store = call.world.store
    with store.lock:
        number = store.next_id(call.account.network)
        draft = Draft(text=text, media_ids=media_ids, reply_to=reply_to)
        call.world.containers[number] = Container(
            number,
            call.account.id,
            draft,
            store.now(),
            polls_left=polls,
            broken=broken,
            item=call.given.get("is_carousel_item") == "true",
        )
    return number


async def _fetched(call: Call, types: frozenset[str]) -> int:
    content = await run_in_threadpool(_fetch, call.given["image_url"])
    kind = picture_type(content)
    if kind not in types or len(content) > MOST_BYTES:
        raise GraphError(36_003, "The image cannot be used or is too large")
    alt = call.given.get("alt_text", "")
    return call.world.store.add_media(call.account, kind, content=content, alt=alt).id


async def _film(call: Call, films: Films) -> tuple[int, bool]:
    """Fetch a video; whether it is of no use shows only later."""
    most = films.most_bytes
    content = await run_in_threadpool(_fetch, call.given["video_url"], most)
    film = film_of(content)
    broken = (
        film is None
        or not film.front
        or len(content) > most
        or not films.shortest <= film.seconds <= films.longest
    )
    alt = call.given.get("alt_text", "")
    media = call.world.store.add_media(call.account, VIDEO, content=content, alt=alt)
    return media.id, broken


def _fetch(address: str, most: int = MOST_BYTES) -> bytes:
    try:
        with urllib.request.urlopen(address, timeout=FETCH_WITHIN) as answer:  # noqa: S310 - loopback
            content: bytes = answer.read(most + 1)
    except (OSError, ValueError):
        raise GraphError(
            9_004, "The media could not be fetched from this URI"
        ) from None
    return content


def _children(call: Call) -> tuple[int, ...]:
    names = call.given.get("children", "").split(",")
    found = [_own(call, name) for name in names]
    if not 2 <= len(found) <= call.world.rules.carousel_most:
        raise invalid("wrong number of children")
    if not all(each.item for each in found):
        raise invalid("a child is no carousel item")
    return tuple(media for each in found for media in each.draft.media_ids)


def _own(call: Call, name: str) -> Container:
    number = int(name) if name.isdigit() else 0
    found: Container | None = call.world.containers.get(number)
    if found is None or found.account_id != call.account.id:
        raise invalid(f"container {name} does not exist")
    return found


def status(call: Call, found: Container) -> str:
    """How a container stands; looking brings it nearer to its end."""
    if found.published is not None:
        return "PUBLISHED"
    if call.world.store.now() - found.made_at >= LIFE:
        return "EXPIRED"
    if found.polls_left > 0:
        fewer = replace(found, polls_left=found.polls_left - 1)
        call.world.containers[found.id] = fewer
        return "IN_PROGRESS"
    return "ERROR" if found.broken else "FINISHED"


def publish(call: Call, allowance: Allowance) -> Post:
    """Publish the container that is named, once.

    Raises:
        GraphError: it is not ready, or it was published, or the rate is used up.
    """
    found = _own(call, call.given.get("creation_id", ""))
    spend(call, allowance)
    with call.world.store.lock:
        found = call.world.containers[found.id]
        if found.item or status(call, found) != "FINISHED":
            raise GraphError(9_007, "Media ID is not available")
        post = call.world.store.publish(call.account, found.draft)
        call.world.containers[found.id] = replace(found, published=post.id)
    return post


def quota(call: Call, most: int) -> dict[str, object]:
    """How many posts of the last 24 hours count, and how many may."""
    since = call.world.store.now() - timedelta(hours=24)
    used = call.world.store.select(
        lambda post: post.author_id == call.account.id and post.created_at > since
    )
    config = {"quota_total": most, "quota_duration": 86_400}
    return {"data": [{"quota_usage": len(used), "config": config}]}
