"""Addresses of pictures that a network fetches from us: signed, and good for an hour.

Who has the address of one picture has that picture for an hour, and nothing else: the
signature covers the office, the picture's hash and the end of its time.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from config.keys import Vault
from models.account import Account
from models.announcement import Media
from models.errors import NotFound
from models.scope import OfficeScope
from models.speech import Image, Video
from pipeline.unit import Store

GOOD_FOR = timedelta(hours=1)  # networks fetch while the container is made

Address = Callable[[Account, Image | Video], str]
"""Where a network can fetch a picture of an account; empty without a public address."""


def no_address(_account: Account, _image: Image | Video) -> str:
    """The office has no public address."""
    return ""


class Addresses:
    """Makes addresses under the office's public one.

    Args:
        public_url: as the settings have it; only ``https`` counts, since the networks
            that fetch take nothing else. Loopback is for trying out.
    """

    def __init__(
        self, public_url: str, vault: Vault, now: Callable[[], datetime]
    ) -> None:
        self._base = public_url.rstrip("/") if _usable(public_url) else ""
        self._vault = vault
        self._now = now

    def __call__(self, account: Account, image: Image | Video) -> str:
        """The address of one picture; empty when nobody outside could reach it."""
        if not self._base:
            return ""
        end = int((self._now() + GOOD_FOR).timestamp())
        named = _named(account.office_id, image.sha256, end)
        kind = image.media_type.rpartition("/")[2]
        return f"{self._base}/media/{named}/{self._vault.sign(named)}.{kind}"


def behind(
    store: Store,
    vault: Vault,
    office_id: int,
    sha256: str,
    end: int,
    signature: str,
    now: datetime,
) -> Media:
    """The picture, with its bytes, or the video behind a signed address.

    Raises:
        NotFound: the signature is wrong, its time is over, or there is no such file;
            all look alike from outside.
    """
    signed = vault.signed(_named(office_id, sha256, end), signature)
    if not signed or end <= now.timestamp():
        raise NotFound("no such picture")
    with store.read(OfficeScope(office_id)) as work:
        media = work.announcements.media_named(sha256)
        if media is None:
            raise NotFound("no such picture")
        work.session.refresh(media, ["content"])  # while it can be read
    other = hashlib.sha256(media.content).hexdigest() != sha256
    if other and not media.facts:  # of a video nothing lies in the row
        raise NotFound("no such picture")
    return media


def _usable(public_url: str) -> bool:
    return public_url.startswith(("https://", "http://127.0.0.1", "http://localhost"))


def _named(office_id: int, sha256: str, end: int) -> str:
    return f"{office_id}/{sha256}/{end}"
