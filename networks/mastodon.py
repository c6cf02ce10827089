"""Mastodon, by Mastodon.py on our guarded door.

The library neither waits nor repeats here; limits are the instance's own, read when
the client is opened.
"""

import io
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from typing import Any

from mastodon import Mastodon

from models.errors import Disconnected, TryLater
from models.problems import Problem
from models.speech import Gate, Image, Number, Numbers, Outgoing, Receipt, Video
from networks.base import AccountSecret, HttpLimits, Purse
from networks.capabilities import (
    Ability,
    Capabilities,
    CountBy,
    Counts,
    LookUp,
    MediaLimit,
    Replay,
    Source,
    Sure,
    TextLimit,
    VideoLimit,
)
from networks.counting import must_fit
from networks.forms import film_form
from networks.mastodon_statuses import (
    Notice,
    Status,
    notice_of,
    numbers_of,
    status_of,
)
from networks.mastodon_verdicts import judge
from networks.requests_door import GuardedAdapter, usable_secrets
from networks.verdicts import Absent

NAME = "mastodon"
MIB = 1024 * 1024

CAPABILITIES = Capabilities(
    name=NAME,
    title="Mastodon",
    icon="brand-mastodon",
    text=TextLimit(
        longest=500,
        count_by=CountBy.GRAPHEMES,
        url_cost=23,
        mentions_by_user_part=True,
    ),
    media=MediaLimit(
        most=4, image_bytes=16 * MIB, alt_text=1_500, image_pixels=33_177_600
    ),
    video=VideoLimit(  # of most instances; each tells its own
        most_bytes=99 * MIB,
        longest=timedelta(hours=1),  # none is told: by its bytes
        most_pixels=8_294_400,
        frame_rates=(1.0, 120.0),
        video=frozenset({"h264", "hevc", "av1", "vp9"}),
        audio=frozenset({"aac", "mp3"}),
        sure=Sure.CONFIRMED,
        source=Source(
            "https://docs.joinmastodon.org/entities/Instance/", seen="2026-11-24"
        ),
    ),
    settles_by=(
        Replay(within=timedelta(minutes=50)),  # the key lives for an hour
        LookUp(times=2, apart=timedelta(minutes=1)),
    ),
    secrets=("access_token",),
    needs_base_url=True,
    edits=Ability(
        True,
        Sure.CONFIRMED,
        Source(
            "https://docs.joinmastodon.org/methods/statuses/#edit", seen="2026-11-24"
        ),
    ),
    deletes=Ability(
        True,
        Sure.CONFIRMED,
        Source(
            "https://docs.joinmastodon.org/methods/statuses/#delete", seen="2026-11-24"
        ),
    ),
    source=Source("https://docs.joinmastodon.org/methods/statuses/", seen="2026-07-02"),
    threads=True,
    replies=True,
    limits_at_connect=True,
    numbers=Counts(
        (Number.LIKES, Number.REPOSTS, Number.QUOTES, Number.REPLIES),
        Sure.CONFIRMED,
        Source("https://docs.joinmastodon.org/entities/Status/", seen="2026-07-02"),
    ),
    scopes=("read", "write:statuses", "write:media"),
)

PAGE = 40  # the most a server gives at once
_ASSUMED = "4.3.0"  # so that the library does not ask for the version
_READY_WITHIN = timedelta(seconds=30)
_LOOK_EVERY = 0.5  # seconds, while a picture is processed
_FILM_READY_WITHIN = timedelta(minutes=5)
_FILM_LOOK_EVERY = 3.0  # seconds, while a video is processed
_VIDEO = "video/mp4"


def connect(
    account: AccountSecret,
    limits: HttpLimits,
    purse: Purse,  # noqa: ARG001 - nothing here costs money
) -> "Client":
    """Open a client for one account; reads the instance's own limits once.

    Raises:
        Disconnected: the token is missing or refused, or the address is no instance.
        TryLater: the instance does not answer now.
    """
    client = Client(account, limits)
    client.read_limits()
    return client


class Client:
    """Speaks to one instance as one account."""

    def __init__(self, account: AccountSecret, limits: HttpLimits) -> None:
        secrets = usable_secrets(account, CAPABILITIES.secrets)
        if not account.base_url:
            raise Disconnected(Problem.ADDRESS_INVALID, "the instance is not named")
        self._base_url = account.base_url.rstrip("/")
        self._token = secrets["access_token"]
        self._door = GuardedAdapter(limits, judge, secrets.values())
        self._session = self._door.session()
        self._api = Mastodon(
            access_token=self._token,
            api_base_url=self._base_url,
            session=self._session,
            ratelimit_method="throw",
            version_check_mode="created",
            mastodon_version=_ASSUMED,
            request_timeout=limits.total.total_seconds(),
            user_agent=limits.user_agent,
        )
        self._capabilities = CAPABILITIES

    @property
    def capabilities(self) -> Capabilities:
        """What this instance allows."""
        return self._capabilities

    def read_limits(self) -> None:
        """Ask the instance for its limits; an older one by the older address.

        Raises:
            TryLater, Disconnected: as named.
        """
        told = self._configuration("/api/v2/instance")
        if told is None:
            told = self._configuration("/api/v1/instance")
        self._capabilities = with_limits(CAPABILITIES, told or {})

    def _configuration(self, path: str) -> dict[str, Any] | None:
        """The part of an instance's description that holds limits; None without one."""
        try:
            with self._door.errand():
                answer = self._session.get(self._base_url + path).json()
        except TryLater as error:
            if error.problem in {Problem.HTTP_STATUS, Problem.SERVER_FAILED}:
                return None  # an address that this server does not know
            raise
        found = answer.get("configuration") if isinstance(answer, dict) else None
        return found if isinstance(found, dict) else None

    def whoami(self) -> str:
        """Return the account's own handle, without ``@``.

        Raises:
            Disconnected, TryLater: as named.
        """
        return str(self._me["acct"])

    @cached_property
    def _me(self) -> Any:
        with self._door.errand():
            return self._api.account_verify_credentials()

    def close(self) -> None:
        """Release what the session holds."""
        self._session.close()

    # out

    def post_status(self, outgoing: Outgoing, gate: Gate) -> Receipt:
        """Write one status under the post's own key, once.

        Raises:
            GateClosed, TryLater, Disconnected, Refused, Uncertain: as in the contract
                of publishers.
        """
        must_fit(outgoing.text, self.capabilities.text)
        with self._door.errand(publishes=True, gate=gate):
            status = self._api.status_post(
                outgoing.text,
                media_ids=list(outgoing.media_ids) or None,
                in_reply_to_id=outgoing.reply_to,
                language=outgoing.language or None,
                idempotency_key=outgoing.key,
            )
            return receipt_of(status_of(status))

    def delete(self, status_id: str, gate: Gate) -> None:
        """Take an own status down.

        Raises:
            GateClosed, TryLater, Disconnected, Refused, Uncertain: as in the contract
                of publishers. Gone: it is not there.
        """
        with self._door.errand(publishes=True, gate=gate):
            self._api.status_delete(status_id)

    def upload(self, image: Image) -> str:
        """Upload one picture with its alt text and wait until it may be used.

        Nothing of it is public, so a lost answer is ``TryLater``.

        Raises:
            TryLater, Disconnected, Refused: as named.
        """
        until = time.monotonic() + _READY_WITHIN.total_seconds()
        with self._door.errand():
            media = self._api.media_post(
                io.BytesIO(image.content),
                mime_type=image.media_type,
                description=image.alt or None,
                file_name=image.filename,
            )
            media_id = str(media["id"])
            while not media.get("url"):
                if time.monotonic() > until:
                    raise TryLater(Problem.SERVER_FAILED, "the picture is not ready")
                time.sleep(_LOOK_EVERY)
                media = self._api.media(media_id)
        return media_id

    def upload_video(self, video: Video) -> str:
        """Upload a video with its description and wait until it is processed.

        The server answers 202 and 206 while it works. Nothing of it is public, so a
        lost answer is ``TryLater``.

        Raises:
            TryLater: also while it still works after minutes (``VIDEO_NOT_READY``).
            Disconnected, Refused: as named.
        """
        fields = {"description": video.alt} if video.alt else {}
        body, kind = film_form(fields, "file", video)
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": kind}
        address = f"{self._base_url}/api/v2/media"
        with self._door.errand():
            made = self._session.post(address, data=body, headers=headers).json()
            media_id = str(made["id"])
            self._await_processed(media_id, made, video)
        return media_id

    def _await_processed(
        self, media_id: str, media: dict[str, Any], video: Video
    ) -> None:
        until = time.monotonic() + _FILM_READY_WITHIN.total_seconds()
        pause = _LOOK_EVERY
        while not media.get("url"):
            if time.monotonic() > until:
                raise TryLater(Problem.VIDEO_NOT_READY, "still in progress")
            time.sleep(pause)
            video.stay()
            pause = min(2 * pause, _FILM_LOOK_EVERY)
            media = self._api.media(media_id)

    # in

    def own_statuses(self, older_than: str | None = None) -> list[Status]:
        """One page of the account's own statuses, newest first; only reads.

        Raises:
            TryLater, Disconnected: as named.
        """
        me = str(self._me["id"])
        with self._door.errand():
            found = self._api.account_statuses(
                me, exclude_reblogs=True, max_id=older_than, limit=PAGE
            )
            return [status_of(raw) for raw in found]

    def numbers(self, remote_ids: Sequence[str]) -> Mapping[str, Numbers | None]:
        """The numbers of statuses, a call each: not every server takes several.

        Raises:
            TryLater, Disconnected: as named.
        """
        return {one: self._numbers(one) for one in remote_ids}

    def _numbers(self, status_id: str) -> Numbers | None:
        try:
            with self._door.errand():
                return numbers_of(self._api.status(status_id))
        except Absent:
            return None

    def notices(
        self, *, after: str | None = None, before: str | None = None
    ) -> list[Notice]:
        """One page of mentions: the oldest after ``after``, or those before ``before``.

        Some servers ignore both and answer the newest of every type.

        Raises:
            TryLater, Disconnected: as named.
        """
        with self._door.errand():
            found = self._api.notifications(
                min_id=after, max_id=before, types=["mention"], limit=PAGE
            )
            return [notice_of(raw) for raw in found]


def receipt_of(status: Status) -> Receipt:
    """The proof of an own status."""
    return Receipt(status.id, status.url, status.created_at)


def with_limits(base: Capabilities, told: dict[str, Any]) -> Capabilities:
    """Put an instance's ``configuration`` over the network's limits.

    Source: https://docs.joinmastodon.org/entities/Instance/ (seen 2026-07-02).
    """
    statuses, media = told.get("statuses") or {}, told.get("media_attachments") or {}
    return replace(
        base,
        text=replace(
            base.text,
            longest=_number(statuses, "max_characters", base.text.longest),
            url_cost=_number(
                statuses, "characters_reserved_per_url", base.text.url_cost
            ),
        ),
        media=replace(
            base.media,
            most=_number(statuses, "max_media_attachments", base.media.most),
            image_bytes=_number(media, "image_size_limit", base.media.image_bytes),
            alt_text=_number(media, "description_limit", base.media.alt_text),
            image_pixels=_number(media, "image_matrix_limit", base.media.image_pixels),
        ),
        video=_video(base.video, media),
    )


def _video(base: VideoLimit | None, told: dict[str, Any]) -> VideoLimit | None:
    """What an instance takes of videos; None where it takes no MP4."""
    types = told.get("supported_mime_types")
    if base is None or (isinstance(types, list) and types and _VIDEO not in types):
        return None
    rate = _number(told, "video_frame_rate_limit", int(base.frame_rates[1]))
    return replace(
        base,
        most_bytes=_number(told, "video_size_limit", base.most_bytes),
        most_pixels=_number(told, "video_matrix_limit", base.most_pixels),
        frame_rates=(base.frame_rates[0], float(rate)),
    )


def _number(told: dict[str, Any], name: str, otherwise: int) -> int:
    value = told.get(name)
    return value if isinstance(value, int) and value > 0 else otherwise
