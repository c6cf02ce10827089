"""Meta's Graph API by plain calls on our guarded door: one account, one token.

The token travels in the ``Authorization`` header and stands in no address. Answers and
errors are those of https://developers.facebook.com/docs/graph-api (seen 2026-11-24).
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from models.errors import Gone, NetworkError, Refused
from models.problems import Problem
from models.speech import Gate, Image, Video, open_gate
from networks.base import HttpLimits
from networks.forms import film_form
from networks.graph_verdicts import judge
from networks.requests_door import GuardedAdapter
from networks.times import aware

VERSION = "v24.0"


@dataclass(frozen=True, slots=True)
class Remark:
    """One comment below an own post."""

    id: str
    text: str
    handle: str  # a user name, or the number where the network tells no name
    name: str
    at: datetime | None
    url: str
    answers: str  # what it was written below: the post, or another comment
    media_count: int = 0


@dataclass(frozen=True, slots=True)
class Remarks:
    """One page of comments, the newest first; ``after`` leads to older ones."""

    items: tuple[Remark, ...] = ()
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Thread:
    """An own post, or a comment, with the newest of what is said below it."""

    post_id: str
    remarks: Remarks
    edge: str = "comments"  # where older ones are read


class Graph:
    """Calls of one account.

    Args:
        host: address without a slash at the end.
        token: of the account; hidden in every message.
        limits: times and sizes.
        version: of the API, as it stands in addresses.
        films: the host that takes videos, where that is another one.
    """

    def __init__(
        self,
        host: str,
        token: str,
        limits: HttpLimits,
        version: str = VERSION,
        films: str = "",
    ) -> None:
        self._host = host
        self._address = f"{host}/{version}/"
        self._films = f"{films}/{version}/" if films else ""
        self._door = GuardedAdapter(limits, judge, [token])
        self._session = self._door.session()
        self._session.headers.clear()
        self._session.headers["Authorization"] = f"Bearer {token}"

    def errand(
        self, *, publishes: bool = False, gate: Gate = open_gate
    ) -> AbstractContextManager[None]:
        """As ``GuardedAdapter.errand``: every failure inside becomes one of ours."""
        return self._door.errand(publishes=publishes, gate=gate)

    def read(self, path: str, **query: str | None) -> dict[str, Any]:
        """Read an object or one page of an edge."""
        given = {name: value for name, value in query.items() if value is not None}
        answer = self._session.get(self._address + path, params=given).json()
        return _dict(answer)

    def write(
        self, path: str, fields: Mapping[str, str], image: Image | None = None
    ) -> dict[str, Any]:
        """Write to an edge; a picture goes as ``source``."""
        files = None
        if image is not None:
            files = {"source": (image.filename, image.content, image.media_type)}
        address = self._address + path
        answer = self._session.post(address, data=dict(fields), files=files).json()
        return _dict(answer)

    def film(
        self, path: str, fields: Mapping[str, str], video: Video
    ) -> dict[str, Any]:
        """Write a video to an edge as ``source``, read while it is sent."""
        body, kind = film_form(fields, "source", video)
        address = (self._films or self._address) + path
        headers = {"Content-Type": kind}
        return _dict(self._session.post(address, data=body, headers=headers).json())

    def delete(self, object_id: str, gate: Gate) -> None:
        """Take an own object down.

        One refusal says of an object that it is not there, or that it may not be
        deleted; reading it tells which (T).

        Raises:
            GateClosed, TryLater, Disconnected, Refused, Uncertain: as in the contract
                of publishers. Gone: it is not there.
        """
        try:
            with self.errand(publishes=True, gate=gate):
                answer = _dict(self._session.delete(self._address + object_id).json())
                if answer.get("success") is not True:
                    raise ValueError("not deleted")
        except Gone:
            raise
        except Refused as error:
            if self._stands(object_id):
                raise Refused(Problem.NOT_DELETABLE, error.detail) from None
            raise Gone(Problem.NOT_DELETABLE, error.detail) from None

    def _stands(self, object_id: str) -> bool:
        try:
            with self.errand():
                self.read(object_id, fields="id")
        except Refused:
            return False
        except NetworkError:
            return True  # nobody knows, so nobody says that it is gone
        return True

    def look(self, object_id: str, path: str, **query: str) -> dict[str, Any] | None:
        """Read of an own object; None where it is not there.

        One refusal says that it is not there, or that it has no such field; reading
        it plainly tells which (T).

        Raises:
            TryLater, Disconnected, Refused: as named.
        """
        try:
            with self.errand():
                return self.read(path, **query)
        except Refused:
            if self._stands(object_id):
                raise
            return None

    def renew(self, grant_type: str) -> tuple[str, timedelta]:
        """Ask for another long-lived token; return it and how long it lives.

        Its own network asks for it without a version. The token that is renewed goes
        in the header, as ever (T).
        """
        address = f"{self._host}/refresh_access_token"
        answer = self._session.get(address, params={"grant_type": grant_type}).json()
        token, seconds = str(_dict(answer)["access_token"]), int(answer["expires_in"])
        if not token or seconds <= 0:
            raise ValueError("no token")
        self._door.hide(token)
        return token, timedelta(seconds=seconds)

    def close(self) -> None:
        """Release what the session holds."""
        self._session.close()


def id_of(answer: Mapping[str, Any]) -> str:
    """The id that a write gave.

    Raises:
        ValueError: there is none, so nothing is proved.
    """
    found = answer.get("id")
    if not isinstance(found, str) or not found:
        raise ValueError("an object without id")
    return found


def items_of(answer: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
    """The objects of one page."""
    return [each for each in answer["data"] if each.get("id")]


def after_of(answer: Mapping[str, Any]) -> str | None:
    """Where the next page begins; None on the last one."""
    paging = answer.get("paging") or {}
    after = (paging.get("cursors") or {}).get("after")
    return str(after) if after and paging.get("next") else None


def time_of(value: Any) -> datetime | None:
    """A time as Meta writes it: ISO 8601 with ``+0000``."""
    return aware(value)


def _dict(answer: Any) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise TypeError("no object")
    return answer
