"""Putting a post on a Facebook Page: one visible call; a lost answer is looked up."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from models.errors import Gone, Refused
from models.problems import Problem
from models.speech import Gate, Image, Outgoing, Prepared, Receipt, Standing
from networks import facebook
from networks.facebook_posts import Post
from networks.images import fitted
from networks.matching import same_text
from networks.videos import must_take

BEFORE_ARMED = timedelta(minutes=2)  # our clock may be ahead of the network's
VIDEO = "video:"  # before the hash of a video that the post brings
MOST_PAGES = 4  # of own posts, or of comments, that a look reads


class FacebookPublisher:
    """Writes for one Page."""

    name = facebook.NAME
    capabilities = facebook.CAPABILITIES

    def __init__(self, client: facebook.Client) -> None:
        self._client = client

    def prepare(
        self,
        post: Outgoing,  # its text is sent with the one call
        images: Sequence[Image],
    ) -> Prepared:
        """Upload pictures unpublished, with their alt texts, each made to fit.

        A video is named only: the one call brings it.
        """
        if post.video is not None:
            must_take(post.video.facts, self._client.capabilities.video)
            if post.reply_to is not None:
                raise Refused(Problem.VIDEO_UNSUPPORTED, "a comment brings no video")
            return Prepared((VIDEO + post.video.sha256,))
        limit = self._client.capabilities.media
        ids = (self._client.upload(fitted(image, limit)) for image in images)
        return Prepared(tuple(ids))

    def publish(self, outgoing: Outgoing, gate: Gate) -> Receipt:
        """Write once.

        Raises:
            Refused: also when the video that was prepared is not at hand.
        """
        film = outgoing.video
        if _moves(outgoing):
            if film is None or outgoing.media_ids != (VIDEO + film.sha256,):
                raise Refused(Problem.MEDIA_REFUSED, "the video is not at hand")
            return self._client.post_video(outgoing, film, gate)
        return self._client.post(outgoing, gate)

    def replay(self, outgoing: Outgoing, gate: Gate) -> Receipt:  # noqa: ARG002
        """Never happens: there is no key, so a repeat would be a second post."""
        raise AssertionError(f"{self.name} does not settle by replay: {outgoing.key}")

    def withdraw(self, post: Standing, gate: Gate) -> None:
        """Take it down; gone already is as good."""
        with suppress(Gone):
            self._client.delete(post.receipt.remote_id, gate)

    def look_up(self, outgoing: Outgoing) -> Receipt | None:
        """Find the post among the Page's own, or the answer below what it answers."""
        since = (outgoing.armed_at or datetime.now(UTC)) - BEFORE_ARMED
        if outgoing.reply_to is not None:
            return self._answer(outgoing, outgoing.reply_to, since)
        after: str | None = None
        for _ in range(MOST_PAGES):
            posts, after = self._client.own_posts(since, after)
            for post in posts:
                if _is(post, outgoing) and _since(post.at, since):
                    return self._client.receipt(post.id, post.at, post.url)
            if after is None:
                return None
        return None

    def _answer(
        self, outgoing: Outgoing, below: str, since: datetime
    ) -> Receipt | None:
        after: str | None = None
        for _ in range(MOST_PAGES):
            page = self._client.remarks(below, after)
            for one in page.items:
                own = one.handle == self._client.page_id
                same = same_text(outgoing.text, one.text, is_reply=True)
                if own and same and _since(one.at, since):
                    return self._client.receipt(one.id, one.at, one.url)
            after = page.after
            if after is None:
                return None
        return None


def _since(at: datetime | None, since: datetime) -> bool:
    return at is None or at >= since


def _moves(outgoing: Outgoing) -> bool:
    """Whether a video goes, or went, with it."""
    return any(one.startswith(VIDEO) for one in outgoing.media_ids)


def _is(post: Post, outgoing: Outgoing) -> bool:
    shown = post.moves if _moves(outgoing) else _pictured(post, outgoing)
    return shown and same_text(outgoing.text, post.text, is_reply=False)


def _pictured(post: Post, outgoing: Outgoing) -> bool:
    return post.media_count == len(outgoing.media_ids)
