"""Days of feeds with faults, by a clock of the test: what was published is stored."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from models.source import Revision
from tests.integration.listening_kit import (
    Desk,
    Reply,
    Request,
    conditional,
    count,
    entry,
    rss,
)

DAYS = 2
WINDOW = 30  # articles in a feed; a day has 24
FAULTS: dict[str, Callable[[bytes], Reply]] = {
    "/sehat": Reply,
    "/rusak": lambda _: Reply(status=500),
    "/ramai": lambda _: Reply(status=503, headers={"Retry-After": "1800"}),
    "/putus": lambda body: Reply(body[: len(body) // 2]),
    "/halaman": lambda _: Reply(b"<html><body>sedang dirawat</body></html>"),
    "/kosong": lambda _: Reply(b""),
}


@pytest.mark.long(30)
def test_f25_days_of_feeds_with_faults_lose_and_double_nothing(desk: Desk) -> None:
    start = desk.moment()

    def hour() -> int:
        return int((desk.moment() - start) / timedelta(hours=1))

    def feed(path: str) -> Callable[[Request], Reply]:
        def answer(request: Request) -> Reply:
            last = hour()
            shown = range(max(0, last - WINDOW + 1), last + 1)
            body = rss(*(_article(path, n) for n in reversed(shown)))
            if last % 6 == 5 and last < 24 * DAYS - 8:  # one hour in six
                return FAULTS[path](body)
            script = conditional(body)
            assert callable(script)
            return script(request)

        return answer

    for path in FAULTS:
        desk.site.pages[path] = feed(path)
        desk.subscribe(path)
    while hour() < 24 * DAYS:
        desk.fetch_all(timedelta(minutes=15))
    assert not [path for path in FAULTS if not desk.site.asked(path)]
    stored = Counter(document.title for document in desk.documents())
    assert set(stored.values()) == {1}
    published = {f"{path} {n}" for path in FAULTS for n in range(24 * DAYS - 1)}
    assert published - set(stored) == set()
    assert count(desk.store, Revision) == 0
    statuses = {fetch.status for fetch in desk.fetches()}
    assert {200, 304, 500, 503} <= statuses


def _article(path: str, n: int) -> str:
    """Numbers as guids that are used again each day, and every third undated."""
    at = "" if n % 3 == 0 else f"Mon, 23 Nov 2026 {n % 24:02}:00:00 WIB"
    return entry(f"{path} {n}", f"https://warta.example{path}/{n}", str(n % 24), at)
