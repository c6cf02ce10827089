"""Instagram, by the API with Instagram login: container, then publish.

Instagram fetches pictures from an address of ours, takes no post without one, and can
neither edit nor delete by API.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from models.errors import Refused
from models.problems import Problem
from models.speech import Image, Number, Numbers, Outgoing, Video
from networks.base import AccountSecret, HttpLimits, Purse
from networks.capabilities import (
    Ability,
    Capabilities,
    CountBy,
    Counts,
    LookUp,
    MediaLimit,
    ReadBack,
    Source,
    Sure,
    TextLimit,
    TokenLife,
    VideoAlt,
    VideoLimit,
)
from networks.container_client import (
    PAGE,
    ContainerClient,
    Names,
    described,
    remark_of,
)
from networks.containers import LIFE, fetchable
from networks.counting import must_fit
from networks.graph import (
    Remarks,
    Thread,
    after_of,
    items_of,
)

NAME = "instagram"
MIB = 1024 * 1024

CAPABILITIES = Capabilities(
    name=NAME,
    title="Instagram",
    icon="brand-instagram",
    text=TextLimit(longest=2_200, count_by=CountBy.UTF16, url_cost=0),
    media=MediaLimit(
        most=10,
        image_bytes=8 * MIB - 1,
        alt_text=1_000,
        types=frozenset({"image/jpeg"}),
    ),
    video=VideoLimit(
        most_bytes=300 * MIB,
        shortest=timedelta(seconds=3),
        longest=timedelta(minutes=15),
        longest_side=1_920,
        narrowest=0.01,
        widest=10.0,
        frame_rates=(23.0, 60.0),
        video=frozenset({"h264", "hevc"}),
        alt=VideoAlt.NOWHERE,
        sure=Sure.SECONDARY,  # copies of Meta's page
        source=Source(
            "https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media",
            seen="2026-11-24",
        ),
    ),
    settles_by=(
        ReadBack(times=2, apart=timedelta(minutes=1), within=LIFE),
        LookUp(times=2, apart=timedelta(minutes=1)),
    ),
    secrets=("instagram_token",),
    needs_base_url=False,
    edits=Ability(
        False,
        Sure.CONFIRMED,
        Source(
            "https://developers.facebook.com/docs/instagram-platform/reference/instagram-media",
            seen="2026-11-24",
        ),
    ),
    deletes=Ability(
        False,
        Sure.CONFIRMED,
        Source(
            "https://developers.facebook.com/docs/instagram-platform/reference/instagram-media",
            seen="2026-11-24",
        ),
    ),
    source=Source(
        "https://developers.facebook.com/docs/instagram-platform/content-publishing",
        seen="2026-11-24",
    ),
    scopes=(
        "instagram_business_basic",
        "instagram_business_content_publish",
        "instagram_business_manage_comments",
    ),
    needs_picture=True,
    fetches_pictures=True,
    numbers=Counts(
        (Number.LIKES, Number.REPLIES),
        Sure.CONFIRMED,
        Source(
            "https://developers.facebook.com/docs/instagram-platform/reference/instagram-media",
            seen="2026-11-24",
        ),
    ),
    token=TokenLife(
        renews=True,
        least_age=timedelta(hours=24),
        source=Source(
            "https://developers.facebook.com/docs/instagram-platform/reference/refresh_access_token",
            seen="2026-11-24",
        ),
    ),
)

NAMES = Names(
    host="https://graph.instagram.com",
    site="https://www.instagram.com",
    version="v23.0",
    credential="instagram_token",
    renewal="ig_refresh_token",
    own_id="user_id",
    posts="media",
    publish="media_publish",
    quota="content_publishing_limit",
    status="status_code",
    status_fields="status_code",
    text="caption",
    post_fields="id,caption,timestamp,permalink,children{id}",
    profile="/{}/",
)
MOST_TAGS, MOST_MENTIONS = 30, 20
_REMARK = "id,text,username,timestamp"
_BELOW = f"comments.limit({PAGE}){{{_REMARK},replies.limit({PAGE}){{{_REMARK}}}}}"


def connect(
    account: AccountSecret,
    limits: HttpLimits,
    purse: Purse,  # noqa: ARG001 - nothing here costs money
) -> "Client":
    """Open a client for one account; asks nothing of the network yet.

    Raises:
        Disconnected: the token is missing or cannot be one.
    """
    return Client(account, limits)


class Client(ContainerClient):
    """Speaks to Instagram as one professional account."""

    names = NAMES

    @property
    def capabilities(self) -> Capabilities:
        """What Instagram takes."""
        return CAPABILITIES

    def contain(self, post: Outgoing, images: Sequence[Image]) -> str:
        """Put a post into a container, wait until it is ready, and return its id.

        Raises:
            TryLater, Disconnected, Refused: as named; nothing is public.
        """
        must_fit(post.text, self.capabilities.text)
        _few_enough(post.text)
        if post.video is not None:
            return self._reel(post.text, post.video)
        if not images:
            raise Refused(Problem.PICTURE_MISSING, "no picture")
        fetchable(tuple(images))
        self._quota()
        if len(images) == 1:
            made = self._contain(described(images[0]) | {"caption": post.text})
        else:
            children = self._children([described(one) for one in images])
            fields = {"media_type": "CAROUSEL", "children": children}
            made = self._contain(fields | {"caption": post.text})
        return self._await_ready(made)

    def _reel(self, text: str, video: Video) -> str:
        """A container with a video, which Instagram shows as a reel and in the feed."""
        fetchable((video,))
        self._quota()
        fields = {
            "media_type": "REELS",
            "video_url": video.address,
            "caption": text,
            "share_to_feed": "true",
        }
        return self._await_ready(self._contain(fields), video)

    # in

    def numbers(self, remote_ids: Sequence[str]) -> Mapping[str, Numbers | None]:
        """The numbers of own posts, a call each.

        Views are among the insights, which need a permission more; not asked for.

        Raises:
            TryLater, Disconnected, Refused: as named.
        """
        return {one: self._numbers(one) for one in remote_ids}

    def _numbers(self, post_id: str) -> Numbers | None:
        raw = self._graph.look(post_id, post_id, fields="id,like_count,comments_count")
        if raw is None:
            return None
        likes, replies = raw.get("like_count"), raw.get("comments_count")
        return Numbers(likes=likes, replies=replies)

    def threads(self) -> list[Thread]:
        """The newest own posts with what is said below them: one call.

        Raises:
            TryLater, Disconnected: as named.
        """
        path = f"{self.user_id}/media"
        with self._graph.errand():
            found = self._graph.read(path, fields=f"id,{_BELOW}", limit=str(PAGE))
            threads: list[Thread] = []
            for post in items_of(found):
                below = post.get("comments") or {"data": []}
                threads.append(_thread(str(post["id"]), below, "comments"))
                threads += [
                    _thread(str(each["id"]), each["replies"], "replies")
                    for each in items_of(below)
                    if each.get("replies")
                ]
            return threads

    def older(self, thread: Thread, after: str) -> Remarks:
        """The next page below a post or a comment.

        Raises:
            TryLater, Disconnected: as named.
        """
        path, limit = f"{thread.post_id}/{thread.edge}", str(PAGE)
        with self._graph.errand():
            found = self._graph.read(path, fields=_REMARK, limit=limit, after=after)
            return _thread(thread.post_id, found, thread.edge).remarks


def _thread(below: str, page: Mapping[str, Any], edge: str) -> Thread:
    items = tuple(remark_of(each, below) for each in items_of(page))
    return Thread(below, Remarks(items, after_of(page)), edge)


def _few_enough(text: str) -> None:
    """Refuse what Instagram refuses: more than 30 tags or 20 mentions."""
    if text.count("#") > MOST_TAGS or text.count("@") > MOST_MENTIONS:
        detail = f"more than {MOST_TAGS} tags or {MOST_MENTIONS} mentions"
        raise Refused(Problem.CONTENT_REFUSED, detail)
