"""When a feed is asked again, and when its host must be left alone."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from models.problems import Problem
from models.states import SourceHealth
from networks.feed_health import Look, health_after, learn_gap
from networks.feed_schedule import (
    HostBucket,
    Move,
    Pace,
    adaptive_interval,
    backoff,
    follow_move,
    may_refresh_by_hand,
    next_check,
    paused,
    released,
    taken,
)
from networks.feeds import (
    Fetched,
    FetchState,
    HostPause,
    host_key,
    read_http_date,
    split_credentials,
)

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
PACE = Pace()
URL = "https://warta.example/rss"
HOST = "warta.example:443"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CHANGED = Fetched(URL, NOW, FetchState.CHANGED, 200)
FORBIDDEN = Fetched(URL, NOW, FetchState.FAILED, 403, Problem.FORBIDDEN)


def fetched(**fields) -> Fetched:
    return Fetched(**{"url": URL, "at": NOW, "state": FetchState.CHANGED, **fields})


def wait(what: Fetched, **more) -> timedelta:
    return next_check(what, adaptive=30 * MINUTE, pace=PACE, **more) - NOW


def test_without_other_wishes_the_adaptive_interval_holds():
    assert wait(CHANGED) == 30 * MINUTE


def test_max_age_beats_a_shorter_ttl():
    assert wait(fetched(fresh_for=2 * HOUR), ttl_minutes=30) == 2 * HOUR


def test_a_longer_ttl_beats_all_and_a_year_becomes_a_day():
    assert wait(CHANGED, ttl_minutes=300) == 5 * HOUR
    assert wait(CHANGED, ttl_minutes=10**30) == DAY
    assert wait(fetched(fresh_for=365 * DAY)) == DAY


def test_a_feed_is_never_asked_within_the_floor():
    assert next_check(CHANGED, adaptive=MINUTE, pace=PACE) - NOW == 15 * MINUTE


def test_retry_after_moves_the_next_check():
    pause = HostPause(HOST, NOW + 3 * HOUR)
    assert wait(fetched(state=FetchState.FAILED, pause=pause), failures=1) == 3 * HOUR


@pytest.mark.parametrize(
    ("gap", "interval"),
    [
        (None, 30 * MINUTE),
        (timedelta(), 15 * MINUTE),
        (HOUR, HOUR),
        (3 * DAY, 2 * HOUR),
    ],
)
def test_the_interval_fits_how_often_a_feed_has_news(gap, interval):
    assert adaptive_interval(gap, PACE) == interval


def test_a_feed_whose_window_overflows_is_asked_as_often_as_allowed():
    assert adaptive_interval(DAY, PACE, overfull=True) == PACE.shortest


def test_backoff_doubles_up_to_a_day_and_is_spread_over_all_of_it():
    rng = random.Random(1)
    for failures, most in [(1, 30 * MINUTE), (3, 2 * HOUR), (9, DAY), (10**6, DAY)]:
        drawn = [backoff(failures, PACE, rng) for _ in range(500)]
        assert timedelta() <= min(drawn) < most * 0.05
        assert most * 0.95 < max(drawn) <= most


def test_a_sick_feed_is_asked_at_least_daily():
    failed = fetched(state=FetchState.FAILED, problem=Problem.UNREACHABLE)
    assert 15 * MINUTE <= wait(failed, failures=99) <= DAY


def test_by_hand_a_feed_is_asked_every_half_hour_and_never_inside_retry_after():
    free = HostBucket(HOST)
    blocked = HostBucket(HOST, blocked_until=NOW + MINUTE)
    assert may_refresh_by_hand(NOW, None, free, PACE)
    assert may_refresh_by_hand(NOW, NOW - 30 * MINUTE, free, PACE)
    assert not may_refresh_by_hand(NOW, NOW - 29 * MINUTE, free, PACE)
    assert not may_refresh_by_hand(NOW, None, blocked, PACE)


def test_a_host_gets_one_request_at_a_time_and_a_pause_between_two():
    bucket = taken(HostBucket(HOST), NOW, PACE)
    assert not bucket.may_ask(NOW + MINUTE)
    after = released(bucket, CHANGED, NOW, PACE, random.Random(1))
    assert not after.may_ask(NOW + timedelta(seconds=4.9))
    assert after.may_ask(NOW + timedelta(seconds=7.5))


def test_a_worker_that_died_frees_its_host_in_time():
    assert taken(HostBucket(HOST), NOW, PACE).may_ask(NOW + 2 * MINUTE)


def test_retry_after_blocks_the_whole_host_and_no_success_lifts_it():
    pause = HostPause(HOST, NOW + HOUR)
    limited = fetched(state=FetchState.FAILED, status=429, pause=pause)
    bucket = released(HostBucket(HOST), limited, NOW, PACE)
    bucket = released(bucket, CHANGED, NOW, PACE)
    assert not bucket.may_ask(NOW + HOUR - MINUTE)
    assert bucket.may_ask(NOW + HOUR)


def test_the_host_that_answered_is_the_one_that_is_left_alone():
    other = "cdn.example:443"
    limited = fetched(
        state=FetchState.FAILED, status=429, pause=HostPause(other, NOW + HOUR)
    )
    assert released(HostBucket(HOST), limited, NOW, PACE).may_ask(NOW + MINUTE)
    assert not paused(HostBucket(other), limited).may_ask(NOW + MINUTE)


def test_repeated_403_is_a_soft_limit_that_grows_and_ends_with_a_success():
    bucket, blocked = HostBucket(HOST), []
    for _ in range(30):
        bucket = released(bucket, FORBIDDEN, NOW, PACE)
        blocked.append(bucket.blocked_until)
    assert blocked[:2] == [None, None]
    assert [at - NOW for at in blocked[2:5] if at] == [HOUR, 2 * HOUR, 4 * HOUR]
    assert blocked[-1] == NOW + DAY
    assert released(bucket, CHANGED, NOW, PACE).refusals == 0


def test_a_move_is_believed_at_the_second_sighting():
    new = "https://warta.example/feed"
    moved = fetched(moved_to=new)
    first = follow_move("", moved)
    assert first == Move(sighted=new)
    assert follow_move(first.sighted, moved) == Move(rewrite_to=new)


def test_a_move_is_forgotten_when_the_next_answer_comes_without_it():
    assert follow_move("https://warta.example/feed", CHANGED) == Move()


def test_a_move_to_a_dead_end_is_not_believed():
    new = "https://warta.example/feed"
    dead = fetched(state=FetchState.FAILED, status=404, moved_to=new)
    assert follow_move(new, dead) == Move(sighted=new)


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("Tue, 24 Nov 2026 03:00:00 GMT", NOW),
        ("Tuesday, 24-Nov-26 03:00:00 GMT", NOW),
        ("Tue Nov 24 03:00:00 2026", NOW),
        ("", None),
        ("besok", None),
        ("Tue, 99 Nov 2026 03:00:00 GMT", None),
        ("Fri, 31 Dec 9999 23:00:00 -2300", None),
    ],
)
def test_http_dates_are_read_or_refused(written, date):
    assert read_http_date(written) == date


@pytest.mark.parametrize(
    ("url", "clean", "userinfo"),
    [
        ("https://warta.example/rss", "https://warta.example/rss", ""),
        (
            "https://humas:r%40hasia@warta.example/",
            "https://warta.example/",
            "humas:r@hasia",
        ),
        (
            "https://token@warta.example:8443/x?y=@",
            "https://warta.example:8443/x?y=@",
            "token",
        ),
        ("https://[::1", "https://[::1", ""),
    ],
)
def test_credentials_are_taken_out_of_an_address(url, clean, userinfo):
    assert split_credentials(url) == (clean, userinfo)


def test_feeds_of_one_host_and_port_share_a_bucket():
    assert host_key("https://Warta.Example/a") == host_key(
        "https://warta.example:443/b"
    )
    assert host_key("http://warta.example/") == "warta.example:80"
    assert host_key("bukan alamat") == ""


# ------------------------------------------------------------------------- health


def look(**fields) -> Look:
    return Look(**{"fetched": CHANGED, "failures": 0, "seen": 20, "new": 1, **fields})


FAILED = fetched(state=FetchState.FAILED, problem=Problem.UNREACHABLE)
LIMITED = fetched(
    state=FetchState.FAILED,
    problem=Problem.HOST_RESTING,
    pause=HostPause(HOST, NOW + HOUR),
)


@pytest.mark.parametrize(
    ("seen", "health"),
    [
        (look(), SourceHealth.HEALTHY),
        (look(new=20), SourceHealth.OVERFULL),
        (look(new=20, first=True), SourceHealth.HEALTHY),
        (look(new=1, seen=1), SourceHealth.HEALTHY),
        (look(new=0, silent_for=4 * HOUR, usual_gap=HOUR), SourceHealth.QUIET),
        (look(new=0, silent_for=2 * HOUR, usual_gap=HOUR), SourceHealth.HEALTHY),
        (look(new=0, silent_for=9 * DAY), SourceHealth.HEALTHY),
        (look(fetched=FAILED, failures=3), SourceHealth.SICK),
        (look(fetched=LIMITED, failures=9), SourceHealth.LIMITED),
        (look(fetched=FORBIDDEN, failures=3), SourceHealth.LIMITED),
        (
            look(fetched=fetched(state=FetchState.FAILED, problem=Problem.GONE)),
            SourceHealth.STOPPED,
        ),
    ],
)
def test_the_health_of_a_source_is_told_from_one_look(seen, health):
    assert health_after(seen, SourceHealth.HEALTHY, PACE) is health


def test_the_first_failures_leave_the_health_as_it_was():
    early = look(fetched=FAILED, failures=1)
    for before in (SourceHealth.NEW, SourceHealth.QUIET):
        assert health_after(early, before, PACE) is before


def test_the_usual_gap_is_learned_from_what_arrives():
    gap = learn_gap(None, HOUR, 4)
    assert gap == 15 * MINUTE
    for _ in range(60):
        gap = learn_gap(gap, 2 * HOUR, 1)
    assert gap is not None
    assert abs(gap - 2 * HOUR) < 2 * MINUTE
    assert learn_gap(gap, HOUR, 0) == gap
