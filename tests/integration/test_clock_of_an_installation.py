"""One active clock for a database; what it does ends in rows that a person can see."""

import gc
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from config.settings import Settings
from models.clock import Lease, Tick
from models.errors import Conflict
from models.item import Item
from models.problems import Problem
from models.scope import OfficeScope
from models.states import IDEA_MOVES, IdeaState, Role, move
from pipeline.engine import Engine
from pipeline.heart import Heart, is_dead
from pipeline.lanes import Run
from pipeline.queue import InProcess, TaskName
from pipeline.unit import Store, now_utc
from tests.conftest import NOW, Moment, add_person
from tests.integration.listening_kit import (
    TEST,
    VAULT,
    NewsSite,
    Reply,
    Village,
    Villages,
    connect,
    entry,
    news_site,
    rss,
    settings_for,
)
from tests.integration.reading_kit import RuleEngine
from tests.integration.test_clock_of_one_process import until

SECOND = timedelta(seconds=1)
ROOT = Path(__file__).resolve().parents[2]


def heart(store: Store, now: Moment) -> Heart:
    return Heart(store, now, list, lambda: None)


# ------------------------------------------------------------------- one is active


def test_one_heart_has_the_role_and_another_takes_it_when_it_is_given_back(
    store: Store, moment: Moment
) -> None:
    first, second = heart(store, moment), heart(store, moment)
    first._beat()
    second._beat()
    assert (first.active, second.active) == (True, False)
    first.stop()
    second._beat()
    assert second.active


def test_a_heart_goes_on_beating_when_what_hangs_on_its_beat_fails(
    store: Store, moment: Moment
) -> None:
    beats = []

    def fail() -> None:
        beats.append(1)
        raise OSError("the line to the database is cut")

    beating = Heart(store, moment, list, fail, beat=timedelta(milliseconds=5))
    beating.start()
    assert until(lambda: len(beats) > 2)
    beating.stop()
    assert heart(store, moment)._hold(), "the role was given back"


def test_a_role_that_is_not_kept_goes_to_the_next(store: Store, moment: Moment) -> None:
    first, second = heart(store, moment), heart(store, moment)
    first._beat()
    moment.at += timedelta(seconds=29)
    second._beat()
    assert not second.active
    moment.at += timedelta(seconds=2)
    second._beat()
    assert second.active
    first._beat()
    assert not first.active


def test_a_clock_set_back_does_not_keep_the_role_for_an_hour(
    store: Store, moment: Moment
) -> None:
    first, second = heart(store, moment), heart(store, moment)
    first._beat()
    moment.at -= timedelta(hours=1)
    second._beat()
    assert second.active


def test_a_process_that_was_killed_is_replaced_at_once(
    store: Store, moment: Moment
) -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    dying = heart(store, moment)
    host = dying.holder.partition(":")[0]
    dying.holder = f"{host}:{child.pid}:x"
    dying._beat()
    successor = heart(store, moment)
    successor._beat()
    assert not successor.active
    child.kill()
    child.communicate()
    assert is_dead(dying.holder)
    successor._beat()
    assert successor.active
    assert not is_dead(f"mesin-lain:{child.pid}:x")


def test_many_processes_ask_at_once_and_one_is_chosen(
    store: Store, moment: Moment
) -> None:
    hearts = [heart(store, moment) for _ in range(8)]
    threads = [threading.Thread(target=one._beat) for one in hearts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(one.active for one in hearts) == 1


# ------------------------------------------------------------------ rows for people


def test_ticks_are_written_coarsely_and_trouble_at_once(
    store: Store, moment: Moment
) -> None:
    engine = Engine(settings_for(store.url), store, VAULT, now=moment)
    lane = engine._clock.lanes.all[0]

    def ran(problem: Problem | None = None) -> None:
        engine._clock.lanes.begin(lane, moment())
        run = Run(moment(), moment(), problem)
        failed = problem is not None
        engine._clock.lanes.end(lane, run, failed=failed, worked=not failed)
        engine._heart._beat()

    def written() -> Tick:
        with store.read(TEST) as work:
            return work.session.scalars(select(Tick)).one()

    ran()
    first = written().started_at
    moment.at += 10 * SECOND
    ran()
    assert written().started_at == first
    ran(Problem.DISK_FULL)
    assert written().problem is Problem.DISK_FULL
    moment.at += 31 * SECOND
    ran()
    assert written().started_at == moment()
    assert written().problem is None
    with store.read(TEST) as work:
        assert work.clockwork.last_tick() == moment()


def test_health_says_what_hangs_fails_and_is_late(store: Store, moment: Moment) -> None:
    engine = Engine(settings_for(store.url), store, VAULT, now=moment)
    engine._heart._beat()
    fetch, hear, label = (
        engine._clock.lanes.of(name)[0]
        for name in (TaskName.FETCH, TaskName.HEAR, TaskName.LABEL)
    )

    def line(task: TaskName) -> tuple[bool, str]:
        lines = {one.name: one for one in engine.healthy(moment())}
        return lines[task.value].ok, lines[task.value].said

    lanes = engine._clock.lanes
    assert line(TaskName.FETCH) == (True, "not yet")
    lanes.begin(fetch, moment())
    assert line(TaskName.FETCH) == (True, "running")
    fetch.began -= 301  # seconds: beyond every deadline
    assert line(TaskName.FETCH) == (False, "hanging")
    lanes.begin(hear, moment())
    lanes.end(hear, Run(moment(), moment(), Problem.DATABASE_LOCKED), failed=True)
    assert line(TaskName.HEAR) == (False, "failing")
    lanes.begin(hear, moment())
    lanes.end(hear, Run(moment(), moment()))
    assert line(TaskName.HEAR) == (False, "failing"), "nothing to do proves little"
    lanes.begin(hear, moment())
    lanes.end(hear, Run(moment(), moment()), worked=True)
    assert line(TaskName.HEAR) == (True, "resting")
    lanes.begin(label, moment())
    lanes.end(label, Run(moment(), moment()))
    moment.at += timedelta(minutes=5)
    assert line(TaskName.LABEL) == (False, "late")


# ----------------------------------------------------------------- the seam of work


def test_a_wish_is_heard_after_the_commit_and_never_after_a_rollback(
    store: Store,
) -> None:
    looked: list[tuple[TaskName, int]] = []

    def look(task: TaskName) -> None:
        with store.read(TEST) as work:
            looked.append((task, len(work.session.scalars(select(Lease)).all())))

    store.queue = InProcess(look)
    with store.write(TEST) as work:
        work.clockwork.lease("peran", "aku", NOW, SECOND)
        work.enqueue(TaskName.FETCH)
        assert looked == []
    with pytest.raises(Conflict):
        _wish_then_fail(store)
    with store.write(TEST) as work:
        work.clockwork.lease("peran", "aku", NOW, SECOND)
    assert looked == [(TaskName.FETCH, 1)], "the look sees what was committed"


def _wish_then_fail(store: Store) -> None:
    with store.write(TEST) as work:
        work.enqueue(TaskName.LABEL)
        move(IDEA_MOVES, IdeaState.DONE, IdeaState.DONE)


# ------------------------------------------------------------- everything together


@contextmanager
def running(
    store: Store, site: NewsSite, villages: Villages, **more: object
) -> Iterator[Engine]:
    settings = settings_for(
        store.url,
        site,
        publish_every=SECOND / 5,
        settle_every=SECOND / 5,
        mentions_every=SECOND / 5,
        feeds_every=SECOND / 5,
        feed_floor=SECOND / 5,
        feed_interval=SECOND / 5,
        host_gap=timedelta(milliseconds=10),
        classify_every=SECOND / 5,
        **more,
    )
    engine = Engine(
        settings, store, VAULT, classifier=RuleEngine(), collectors=villages
    )
    engine.start()
    try:
        yield engine
    finally:
        assert engine.stop(timedelta(seconds=10))


def labelled(store: Store, office: OfficeScope) -> list[str]:
    with store.read(office) as work:
        return sorted(
            work.session.scalars(select(Item.text).where(Item.labelled_by == "rules-1"))
        )


def test_the_engine_fetches_hears_delivers_and_reads_by_itself(
    store: Store, office: OfficeScope
) -> None:
    from pipeline.sources import add_source

    admin = add_person(store, office, Role.ADMIN)
    villages = Villages({"polres_sukamaju": Village()})
    connect(store, office)
    village = villages.by_handle["polres_sukamaju"]
    village.say("antre lama")
    with news_site() as site, running(store, site, villages) as engine:
        site.pages["/rss"] = Reply(rss(entry("Berita", text="petugas ramah")))
        with store.write(office) as work:
            inner = frozenset({site.host})
            add_source(work, admin, site.url(), "", now_utc(), inner_hosts=inner)
        assert until(
            lambda: labelled(store, office) == ["antre lama", "petugas ramah"], 20
        )
        village.say("masih lama")
        assert until(lambda: len(labelled(store, office)) == 3, 20)
        assert engine.alive
        assert all(line.ok for line in engine.healthy(now_utc()))
        mentions = b'kentongan_items_total{way="mention"} 2.0'  # told after the commit
        assert until(lambda: mentions in engine.render_metrics())
        numbers = engine.render_metrics().decode()
        assert 'kentongan_documents_total{what="new"} 1.0' in numbers
        assert "kentongan_deliveries_overdue 0.0" in numbers


def test_a_loaded_language_model_is_no_work_for_the_garbage_collector(
    store: Store, office: OfficeScope, moment: Moment
) -> None:
    with store.write(office) as work:
        work.session.add(
            Item(
                office_id=office.office_id,
                network="feed",
                url="https://contoh.id/1",
                text="antre lama",
                first_seen_at=moment(),
                at=moment(),
                story_key="antre",
            )
        )
    engine = Engine(Settings(engine="linear"), store, VAULT)
    before = gc.get_freeze_count()
    assert engine.understanding.label_next(moment(), 10) == 1
    assert gc.get_freeze_count() > before
