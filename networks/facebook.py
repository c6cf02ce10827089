"""A Facebook Page, by the Graph API.

Pictures are uploaded unpublished; only the one call to ``/feed`` shows anything. What
was answered by nobody is looked for among the Page's own posts.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from models.errors import Disconnected, NetworkError, Refused
from models.problems import Problem
from models.speech import Gate, Image, Number, Numbers, Outgoing, Receipt, Video
from networks.base import AccountSecret, HttpLimits, Purse, TokenState
from networks.capabilities import (
    Ability,
    Capabilities,
    CountBy,
    Counts,
    LookUp,
    MediaLimit,
    Source,
    Sure,
    TextLimit,
    TokenLife,
    VideoAlt,
    VideoLimit,
)
from networks.counting import must_fit
from networks.facebook_posts import Post, numbers_of, post_of, remark_of, thread_of
from networks.graph import (
    Graph,
    Remarks,
    Thread,
    after_of,
    id_of,
    items_of,
)
from networks.requests_door import usable_secrets

NAME = "facebook"
MIB = 1024 * 1024

CAPABILITIES = Capabilities(
    name=NAME,
    title="Facebook",
    icon="brand-facebook",
    text=TextLimit(longest=63_206, count_by=CountBy.UTF16, url_cost=0),
    media=MediaLimit(most=10, image_bytes=4 * MIB, alt_text=1_000),  # T: all three
    video=VideoLimit(
        most_bytes=1_024 * MIB,  # of one call; larger ones would go in phases
        shortest=timedelta(seconds=1),
        longest=timedelta(minutes=20),
        alt=VideoAlt.NOWHERE,
        sure=Sure.SECONDARY,  # copies of Meta's page
        source=Source(
            "https://developers.facebook.com/docs/video-api/guides/publishing",
            seen="2026-11-24",
        ),
    ),
    settles_by=(LookUp(times=2, apart=timedelta(minutes=1)),),
    secrets=("page_token",),
    needs_base_url=False,
    edits=Ability(
        True,
        Sure.CONFIRMED,
        Source(
            "https://developers.facebook.com/docs/pages-api/posts", seen="2026-11-24"
        ),
    ),
    deletes=Ability(
        True,
        Sure.CONFIRMED,
        Source(
            "https://developers.facebook.com/docs/pages-api/posts", seen="2026-11-24"
        ),
    ),
    source=Source(
        "https://developers.facebook.com/docs/pages-api/posts", seen="2026-11-24"
    ),
    replies=True,
    scopes=("pages_manage_posts", "pages_read_engagement", "pages_read_user_content"),
    numbers=Counts(
        (Number.LIKES, Number.REPOSTS, Number.REPLIES),
        Sure.CONFIRMED,
        Source(
            "https://developers.facebook.com/docs/graph-api/reference/page-post",
            seen="2026-11-24",
        ),
    ),
    token=TokenLife(
        renews=False,
        source=Source(
            "https://developers.facebook.com/docs/graph-api/reference/debug_token",
            seen="2026-11-24",
        ),
    ),
)

HOST = "https://graph.facebook.com"
FILMS = "https://graph-video.facebook.com"
SITE = "https://www.facebook.com"
PAGE = 25
_POST = "id,message,created_time,permalink_url,attachments{media_type,subattachments}"
_REMARK = "id,message,from{id,name},created_time,permalink_url,parent{id},attachment"
_COUNTS = (
    "id,shares,reactions.limit(0).summary(total_count),"
    "comments.limit(0).summary(total_count).filter(stream)"
)
_COUNTS_OF_REMARK = "id,like_count,comment_count"
_NEWEST = ".filter(stream).order(reverse_chronological).limit(25)"


def connect(
    account: AccountSecret,
    limits: HttpLimits,
    purse: Purse,  # noqa: ARG001 - nothing here costs money
) -> "Client":
    """Open a client for one Page; asks nothing of the network yet.

    Args:
        account: ``base_url``, when set, stands in for Meta's own host.
        limits: times and sizes of every call.
        purse: not asked.

    Raises:
        Disconnected: the token is missing or cannot be one.
    """
    return Client(account, limits)


class Client:
    """Speaks to the Graph API as one Page."""

    def __init__(self, account: AccountSecret, limits: HttpLimits) -> None:
        token = usable_secrets(account, CAPABILITIES.secrets)["page_token"]
        base = account.base_url.rstrip("/")
        self._site = base or SITE
        self._token = token
        self._graph = Graph(base or HOST, token, limits, films="" if base else FILMS)

    @property
    def capabilities(self) -> Capabilities:
        """What a Page may do."""
        return CAPABILITIES

    def whoami(self) -> str:
        """Return the Page's user name, or its number; the token is a Page's own.

        Raises:
            Disconnected: the token is refused, or is a person's (``MAY_NOT_POST``).
            TryLater: as named.
        """
        return str(self._me.get("username") or self._me["id"])

    @cached_property
    def _me(self) -> Mapping[str, Any]:
        """The Page. Only a Page has a category; asking a person for it is refused."""
        try:
            with self._graph.errand():
                return self._graph.read("me", fields="id,name,username,category")
        except Refused as error:
            raise Disconnected(Problem.MAY_NOT_POST, error.detail) from None

    def token_state(self) -> TokenState:
        """When the Page's token ends, if ever, and which permissions it lacks.

        The token goes in the body of a read (``method``, T): it stands in no address.

        Raises:
            Disconnected: it is good for nothing. TryLater, Refused: as named.
        """
        asked = {"input_token": self._token, "method": "get"}
        with self._graph.errand():
            found = self._graph.write("debug_token", asked)["data"]
            if not found["is_valid"]:
                raise Disconnected(Problem.TOKEN_REFUSED, "debug_token: not valid")
            ends, granted = int(found.get("expires_at") or 0), found.get("scopes")
        lacks = () if granted is None else set(CAPABILITIES.scopes) - set(granted)
        at = datetime.fromtimestamp(ends, UTC) if ends else None
        return TokenState(at, tuple(sorted(lacks)))

    @property
    def page_id(self) -> str:
        """The Page's own number."""
        return str(self._me["id"])

    def close(self) -> None:
        """Release what the session holds."""
        self._graph.close()

    # out

    def upload(self, image: Image) -> str:
        """Upload one picture unpublished, with its alt text; return its id.

        Raises:
            TryLater, Disconnected, Refused: as named.
        """
        fields = {"published": "false"}
        if image.alt:
            fields["alt_text_custom"] = image.alt
        path = f"{self.page_id}/photos"
        with self._graph.errand():
            return id_of(self._graph.write(path, fields, image))

    def post(self, outgoing: Outgoing, gate: Gate) -> Receipt:
        """Write one post, or one comment where it answers something, once.

        Raises:
            GateClosed, TryLater, Disconnected, Refused, Uncertain: as in the contract
                of publishers.
        """
        must_fit(outgoing.text, self.capabilities.text)
        fields = {"message": outgoing.text}
        if outgoing.reply_to:
            path = f"{outgoing.reply_to}/comments"
            if outgoing.media_ids:  # a comment has room for one
                fields["attachment_id"] = outgoing.media_ids[0]
        else:
            path = f"{self.page_id}/feed"
            attached = [{"media_fbid": one} for one in outgoing.media_ids]
            fields |= {"attached_media": json.dumps(attached)} if attached else {}
        with self._graph.errand(publishes=True, gate=gate):
            return self.receipt(id_of(self._graph.write(path, fields)))

    def post_video(self, outgoing: Outgoing, video: Video, gate: Gate) -> Receipt:
        """Write one post with a video, once: the one call brings it and shows it.

        The last look is before its last piece: until then Meta has no whole request.

        Raises:
            GateClosed, TryLater, Disconnected, Refused, Uncertain: as in the contract
                of publishers.
        """
        must_fit(outgoing.text, self.capabilities.text)
        path, fields = f"{self.page_id}/videos", {"description": outgoing.text}
        with self._graph.errand(publishes=True, gate=gate):
            made = id_of(self._graph.film(path, fields, video))
        return self._post_of(made)

    def _post_of(self, video_id: str) -> Receipt:
        """The post that shows a video; one more read, which may fail."""
        with suppress(NetworkError), self._graph.errand():
            found = self._graph.read(video_id, fields="post_id,permalink_url")
            named = str(found["post_id"])
            post_id = named if "_" in named else f"{self.page_id}_{named}"
            return self.receipt(post_id)
        return self.receipt(video_id)

    def receipt(
        self, remote_id: str, at: datetime | None = None, url: str = ""
    ) -> Receipt:
        """The proof of an own post or comment."""
        return Receipt(remote_id, url or f"{self._site}/{remote_id}", at)

    def delete(self, post_id: str, gate: Gate) -> None:
        """Take an own post down, or an own answer.

        Raises:
            GateClosed, TryLater, Disconnected, Refused, Uncertain: as in the contract
                of publishers. Gone: it is not there.
        """
        self._graph.delete(post_id, gate)

    # in

    def own_posts(
        self, since: datetime, after: str | None = None
    ) -> tuple[list[Post], str | None]:
        """One page of the Page's own posts, newest first; only reads.

        Raises:
            TryLater, Disconnected: as named.
        """
        path = f"{self.page_id}/published_posts"
        with self._graph.errand():
            found = self._graph.read(
                path,
                fields=_POST,
                since=str(int(since.timestamp())),
                limit=str(PAGE),
                after=after,
            )
            return [post_of(each) for each in items_of(found)], after_of(found)

    def numbers(self, remote_ids: Sequence[str]) -> Mapping[str, Numbers | None]:
        """The numbers of own posts, a call each.

        Raises:
            TryLater, Disconnected, Refused: as named.
        """
        return {one: self._numbers(one) for one in remote_ids}

    def _numbers(self, object_id: str) -> Numbers | None:
        try:
            raw = self._graph.look(object_id, object_id, fields=_COUNTS)
        except Refused:  # an answer of ours is a comment, which knows no shares
            raw = self._graph.look(object_id, object_id, fields=_COUNTS_OF_REMARK)
        return None if raw is None else numbers_of(raw)

    def threads(self) -> list[Thread]:
        """The newest own posts, each with the newest comments below it: one call.

        Raises:
            TryLater, Disconnected: as named.
        """
        fields = f"id,comments{_NEWEST}{{{_REMARK}}}"
        path = f"{self.page_id}/published_posts"
        with self._graph.errand():
            found = self._graph.read(path, fields=fields, limit=str(PAGE))
            return [thread_of(each) for each in items_of(found)]

    def remarks(self, object_id: str, after: str | None = None) -> Remarks:
        """One page of the comments below a post or a comment, newest first.

        There are none where the object is gone.

        Raises:
            TryLater, Disconnected: as named.
        """
        asked = {"filter": "stream", "order": "reverse_chronological"}
        path, limit = f"{object_id}/comments", str(PAGE)
        with suppress(Refused), self._graph.errand():
            found = self._graph.read(
                path, fields=_REMARK, limit=limit, after=after, **asked
            )
            items = tuple(remark_of(each, object_id) for each in items_of(found))
            return Remarks(items, after_of(found))
        return Remarks()
