"""Threads, by its own API: container, then publish.

Threads fetches pictures from an address of ours; a post of text alone needs none.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from models.errors import Refused
from models.problems import Problem
from models.speech import Gate, Image, Number, Numbers, Outgoing, Video
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
from networks.counting import addresses, must_fit
from networks.graph import (
    Remarks,
    Thread,
    after_of,
    items_of,
)

NAME = "threads"
MIB = 1024 * 1024

CAPABILITIES = Capabilities(
    name=NAME,
    title="Threads",
    icon="brand-threads",
    text=TextLimit(longest=500, count_by=CountBy.EMOJI_BYTES, url_cost=0),
    media=MediaLimit(most=20, image_bytes=8 * MIB, alt_text=1_000),
    video=VideoLimit(
        most_bytes=1_024 * MIB,
        longest=timedelta(minutes=5),
        longest_side=1_920,
        narrowest=0.01,
        widest=10.0,
        frame_rates=(23.0, 60.0),
        video=frozenset({"h264", "hevc"}),
        sure=Sure.SECONDARY,  # copies of Meta's page
        source=Source(
            "https://developers.facebook.com/docs/threads/overview",
            seen="2026-11-24",
        ),
    ),
    settles_by=(
        ReadBack(times=2, apart=timedelta(minutes=1), within=LIFE),
        LookUp(times=2, apart=timedelta(minutes=1)),
    ),
    secrets=("threads_token",),
    needs_base_url=False,
    # deletes: read in a copy of Meta's page; edits: no page says how
    edits=Ability(
        False,
        Sure.TO_TEST,
        Source("https://developers.facebook.com/docs/threads/posts", seen="2026-11-24"),
    ),
    deletes=Ability(
        True,
        Sure.SECONDARY,
        Source(
            "https://developers.facebook.com/docs/threads/posts/delete-posts",
            seen="2026-11-24",
        ),
    ),
    source=Source(
        "https://developers.facebook.com/docs/threads/posts", seen="2026-11-24"
    ),
    threads=True,
    replies=True,
    scopes=(
        "threads_basic",
        "threads_content_publish",
        "threads_read_replies",
        "threads_delete",
        "threads_manage_insights",
    ),
    fetches_pictures=True,
    numbers=Counts(
        (Number.VIEWS, Number.LIKES, Number.REPOSTS, Number.QUOTES, Number.REPLIES),
        Sure.CONFIRMED,
        Source(
            "https://developers.facebook.com/docs/threads/insights", seen="2026-11-24"
        ),
        scopes=("threads_manage_insights",),
    ),
    token=TokenLife(
        renews=True,
        least_age=timedelta(hours=24),
        source=Source(
            "https://developers.facebook.com/docs/threads/get-started/long-lived-tokens",
            seen="2026-11-24",
        ),
    ),
)

NAMES = Names(
    host="https://graph.threads.net",
    site="https://www.threads.com",
    version="v1.0",
    credential="threads_token",
    renewal="th_refresh_token",
    own_id="id",
    posts="threads",
    publish="threads_publish",
    quota="threads_publishing_limit",
    status="status",
    status_fields="status,error_message",
    text="text",
    post_fields="id,text,timestamp,permalink,media_type,children{id},replied_to",
    profile="/@{}",
)
HEARD_POSTS = 10  # newest own posts whose answers are read; a call each
MOST_LINKS = 5
_INSIGHTS = ("views", "likes", "replies", "reposts", "quotes")
_REMARK = "id,text,username,timestamp,permalink,replied_to"


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
    """Speaks to Threads as one account."""

    names = NAMES

    @property
    def capabilities(self) -> Capabilities:
        """What Threads takes."""
        return CAPABILITIES

    def contain(self, post: Outgoing, images: Sequence[Image]) -> str:
        """Put a post into a container, wait until it is ready, and return its id.

        Raises:
            TryLater, Disconnected, Refused: as named; nothing is public.
        """
        must_fit(post.text, self.capabilities.text)
        if len(set(addresses(post.text))) > MOST_LINKS:
            raise Refused(Problem.CONTENT_REFUSED, f"more than {MOST_LINKS} links")
        film = post.video
        fetchable(tuple(images) if film is None else (film,))
        self._quota()
        fields = {"text": post.text} if post.text else {}
        if post.reply_to:
            fields["reply_to_id"] = post.reply_to
        fields |= self._pictures(images) if film is None else _film(film)
        return self._await_ready(self._contain(fields), film)

    def _pictures(self, images: Sequence[Image]) -> dict[str, str]:
        if not images:
            return {"media_type": "TEXT"}
        if len(images) == 1:
            return _picture(images[0])
        children = self._children([_picture(one) for one in images])
        return {"media_type": "CAROUSEL", "children": children}

    # out

    def delete(self, post_id: str, gate: Gate) -> None:
        """Take an own post down, or an own answer.

        Raises:
            GateClosed, TryLater, Disconnected, Refused, Uncertain: as in the contract
                of publishers. Gone: it is not there.
        """
        self._graph.delete(post_id, gate)

    # in

    def numbers(self, remote_ids: Sequence[str]) -> Mapping[str, Numbers | None]:
        """The numbers of own posts, a call each.

        Raises:
            TryLater, Refused: as named.
            Disconnected: also where the token lacks ``threads_manage_insights``.
        """
        return {one: self._numbers(one) for one in remote_ids}

    def _numbers(self, post_id: str) -> Numbers | None:
        asked = ",".join(_INSIGHTS)
        raw = self._graph.look(post_id, f"{post_id}/insights", metric=asked)
        if raw is None:
            return None
        told = {one["name"]: one["values"][0]["value"] for one in raw["data"]}
        return Numbers(**{name: told.get(name) for name in _INSIGHTS})

    def threads(self) -> list[Thread]:
        """The newest own posts with what is said below them; a call each.

        Raises:
            TryLater, Disconnected: as named.
        """
        path, limit = f"{self.user_id}/threads", str(HEARD_POSTS)
        with self._graph.errand():
            found = self._graph.read(path, fields="id", limit=limit)
            ids = [str(each["id"]) for each in items_of(found)]
        return [Thread(one, self._remarks(one, None), "conversation") for one in ids]

    def older(self, thread: Thread, after: str) -> Remarks:
        """The next page below a post.

        Raises:
            TryLater, Disconnected: as named.
        """
        return self._remarks(thread.post_id, after)

    def _remarks(self, post_id: str, after: str | None) -> Remarks:
        path, limit = f"{post_id}/conversation", str(PAGE)
        with self._graph.errand():
            found = self._graph.read(
                path, fields=_REMARK, reverse="true", limit=limit, after=after
            )
            items = tuple(remark_of(each, post_id) for each in items_of(found))
            return Remarks(items, after_of(found))


def _picture(image: Image) -> dict[str, str]:
    return {"media_type": "IMAGE"} | described(image)


def _film(video: Video) -> dict[str, str]:
    told = {"media_type": "VIDEO", "video_url": video.address}
    return told | {"alt_text": video.alt} if video.alt else told
