"""Which pages a site lets programs read: robots.txt as RFC 9309 has it.

A file is asked for once a day and host, and kept. What cannot be reached forbids all;
what does not exist allows all. https://www.rfc-editor.org/rfc/rfc9309#section-2.3.1
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from models.errors import NetworkError
from networks.http import Http

AGENT = "Kentongan"
MOST_BYTES = 512_000  # RFC 9309 2.5: at least 500 KiB are read
WITHIN = timedelta(seconds=10)
KEPT = timedelta(hours=24)  # 2.4
_AGAIN = timedelta(hours=1)  # after a file that could not be reached
_OLDEST = timedelta(days=30)  # 2.3.1.4: how long a copy stands for an unreachable file
_LONGEST_PAUSE = timedelta(seconds=60)
_MOST_STARS = 8  # in one rule; more of them take a matcher long
_LONGEST_LINE = 2_000
_RULE = re.compile(r"\s*(dis)?allow\s*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RobotsFile:
    """What is known of one site's file; a row.

    Attributes:
        asked_at: when it was asked for last.
        status: of that answer; None when there was none.
        read_at: when ``body`` was read; None when it never was.
    """

    asked_at: datetime
    status: int | None
    body: str = ""
    read_at: datetime | None = None

    def is_fresh(self, now: datetime) -> bool:
        """Whether it need not be asked for again."""
        kept = KEPT if self._was_told else _AGAIN
        return timedelta() <= now - self.asked_at < kept

    def allows(self, url: str, now: datetime) -> bool:
        """Whether a page may be asked for."""
        if self.status is not None and 400 <= self.status < 500 and self.status != 429:
            return True
        if self.read_at is None or now - self.read_at > _OLDEST:
            return False
        return bool(_parsed(self.body).can_fetch(url, AGENT))

    def pause(self) -> timedelta:
        """The pause between two pages that the file asks for, at most a minute."""
        if not self.body:
            return timedelta()
        asked = _parsed(self.body).crawl_delay(AGENT) or 0
        return min(timedelta(seconds=max(float(asked), 0)), _LONGEST_PAUSE)

    @property
    def _was_told(self) -> bool:
        return self.status is not None and self.status < 500 and self.status != 429


def ask_robots(
    origin: str, http: Http, now: datetime, before: RobotsFile | None = None
) -> RobotsFile:
    """Ask for the file of a site. Raises nothing for what the site does.

    Args:
        origin: "https://warta.example".
        http: a door with :data:`MOST_BYTES` and :data:`WITHIN`.
        now: aware.
        before: what is known; its words stand while the file cannot be reached.
    """
    known = before or RobotsFile(now, None)
    try:
        answer = http.get(f"{origin}/robots.txt", {"accept": "text/plain,*/*;q=0.5"})
    except NetworkError:
        return replace(known, asked_at=now, status=None)
    if answer.status == 200:
        return RobotsFile(now, 200, _bounded(answer.body), now)
    if 400 <= answer.status < 500 and answer.status != 429:
        return RobotsFile(now, answer.status)
    return replace(known, asked_at=now, status=answer.status)


def _bounded(body: bytes) -> str:
    """The text of a file, without rules that would take a matcher long.

    A rule that forbids is cut at its last allowed star, and so forbids more; one that
    allows is left out.
    """
    text = body[:MOST_BYTES].decode("utf-8", errors="replace").replace("\0", "")
    lines = []
    for line in text.removeprefix("\ufeff").splitlines():
        rule = _RULE.match(line)
        cut = line[:_LONGEST_LINE]
        if rule and (cut != line or cut.count("*") > _MOST_STARS):
            if not rule[1]:
                continue
            cut = "*".join(cut.split("*")[: _MOST_STARS + 1])
        lines.append(cut)
    return "\n".join(lines)


def _parsed(body: str) -> Any:
    from protego import Protego

    return Protego.parse(body)
