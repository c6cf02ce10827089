"""What a flood at the public page does to the desk: ``python -m bench.flood``.

A dashboard in a process of its own on loopback, with ``--items`` items. First the inbox
alone is asked ``--times`` times; then again while a generator on one core sends forms
to a suggestion box as fast as it can, over ``--connections`` lines, with tickets that
are old enough. Prints the inbox's 95th percentile in both, their ratio, how many forms
were sent and answered, and how many slips were stored beside what the rates allow. The
limits: three times, and nothing beyond.
"""

import argparse
import http.client
import multiprocessing
import os
import re
import statistics
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any
from urllib.parse import urlencode, urlsplit

import uvicorn
from cryptography.fernet import Fernet
from sqlalchemy import func, select

from bench.crash_world import database
from bench.pages import fill, optimise
from config.keys import Vault
from config.memory import keep_for_good
from config.settings import Settings
from models.person import Person
from models.recounting import Recounting
from models.scope import OfficeScope, SystemScope
from models.states import Role
from models.suggestion_box import Slip
from models.tables import metadata
from pipeline import people, suggestions
from pipeline.unit import Store, now_utc
from web.app import create_app
from web.crowd import A_SECOND, AT_ONCE, SLIPS_AT_ONCE

processes = multiprocessing.get_context("spawn")
SAID = "Antrean loket SIM dua jam, tolong buka loket kedua di pagi hari."
MOST_RATIO = 3.0
OK = 200
RIPE = suggestions.SOONEST.total_seconds() + 1  # of a ticket


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.flood")
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument(
        "--database", choices=("sqlite", "postgresql"), default="sqlite"
    )
    given = parser.parse_args()
    with (
        TemporaryDirectory() as folder,
        database(given.database, Path(folder)) as fresh,
        fresh("bench") as url,
    ):
        key = Fernet.generate_key().decode()
        code, link = _prepared(url, given.items)
        pipe, theirs = processes.Pipe()
        server = processes.Process(target=serve, args=(url, key, theirs), daemon=True)
        server.start()
        address = pipe.recv()
        try:
            return _measured(url, address, code, link, given)
        finally:
            server.kill()
            server.join()


def _measured(url: str, address: str, code: str, link: str, given: Any) -> int:
    cookie = _sign_in(address, link)
    _ask(address, cookie, 10)
    quiet = _ask(address, cookie, given.times)
    count: Any = processes.Array("q", [0, 0, 0])
    ended = processes.Event()
    generator = processes.Process(
        target=flood, args=(address, code, given.connections, count, ended), daemon=True
    )
    generator.start()
    time.sleep(3)  # its burst is over
    began = time.monotonic()
    busy = _ask(address, cookie, given.times)
    took = time.monotonic() - began + 3
    ended.set()
    generator.join(10)
    sent, refused, taken = list(count)
    store = Store(url)
    with store.read(SystemScope("bench")) as work:
        stored = work.session.scalar(select(func.count(Slip.id))) or 0
    store.close()
    ratio = busy / quiet
    allowed = int(SLIPS_AT_ONCE) + 1 + int(took / 360)
    good = ratio <= MOST_RATIO and stored <= allowed
    print(
        f"flood: database={given.database} items={given.items} inbox_p95={quiet:.1f} ms"
        f" flooded_p95={busy:.1f} ms ratio={ratio:.2f} limit={MOST_RATIO}"
        f" forms_a_second={sent / took:.0f} let_in<={A_SECOND:.0f}/s+{AT_ONCE:.0f}"
        f" refused={refused} taken={taken} stored={stored} allowed={allowed}"
        f" load={os.getloadavg()[0]:.1f} {'ok' if good else 'OVER'}"
    )
    return 0 if good else 1


def _prepared(url: str, items: int) -> tuple[str, str]:
    """A filled database with one open box; its code, and a link to sign in by."""
    store = Store(url)
    metadata.create_all(store.engine)
    office_id = fill(store, items)
    scope = OfficeScope(office_id)
    with store.write(SystemScope("bench")) as work:
        Recounting(work.session).recount()
        for login, role in (("admin", Role.ADMIN), ("dimas", Role.OFFICER)):
            people.add_user(
                work, office_id, login, login, role, "kentongan-bench", now_utc()
            )
    optimise(store)
    with store.write(scope) as work:
        admin = work.offices.user_by_login("admin")
        officer = work.offices.user_by_login("dimas")
        assert admin is not None
        assert officer is not None
        by = Person(admin.id, office_id, admin.name, admin.role)
        box = suggestions.open_box(work, by, "Loket SIM", None, now_utc())
        code = work.suggestion_boxes.get(box).code
    link = people.make_link(store, scope, officer.id, now_utc())
    store.close()
    return code, link


def serve(url: str, key: str, pipe: Any) -> None:
    """The dashboard, as ``kentongan web`` serves it."""
    app = create_app(Store(url), Settings(), Vault([key]))
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error")
    server = uvicorn.Server(config)
    keep_for_good()

    def tell() -> None:
        while not server.started:
            time.sleep(0.05)
        port = server.servers[0].sockets[0].getsockname()[1]
        pipe.send(f"http://127.0.0.1:{port}")

    Thread(target=tell, daemon=True).start()
    server.run()


def _sign_in(address: str, link: str) -> str:
    line = http.client.HTTPConnection(urlsplit(address).netloc)
    line.request("POST", "/masuk/tautan", urlencode({"kode": link}), _form(address))
    answer = line.getresponse()
    answer.read()
    cookie = (answer.getheader("set-cookie") or "").partition(";")[0]
    assert answer.status == 303, answer.status
    return cookie


def _ask(address: str, cookie: str, times: int) -> float:
    """The 95th percentile of the inbox, in milliseconds, by one person."""
    line = http.client.HTTPConnection(urlsplit(address).netloc)
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        line.request("GET", "/suara", headers={"cookie": cookie})
        answer = line.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
        taken.append((time.perf_counter() - began) * 1000)
    line.close()
    return statistics.quantiles(taken, n=20)[-1]


def flood(address: str, code: str, connections: int, count: Any, ended: Any) -> None:
    """Send forms from one process, so from one core at most."""
    threads = [
        Thread(target=_send, args=(address, code, count, ended), daemon=True)
        for _ in range(connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _send(address: str, code: str, count: Any, ended: Any) -> None:
    line = http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)
    tickets: list[tuple[float, str]] = []
    while not ended.is_set():
        ripe = bool(tickets) and time.monotonic() - tickets[0][0] > RIPE
        ticket = tickets.pop(0)[1] if ripe else ""
        told = {"tiket": ticket, "isi": SAID, "setuju": "ya"}
        try:
            line.request("POST", f"/usul/{code}", urlencode(told), _form(address))
            answer = line.getresponse()
            page = answer.read().decode()
        except (OSError, http.client.HTTPException):
            line.close()
            continue
        with count.get_lock():
            count[0] += 1
            count[1] += answer.status == 429
            count[2] += answer.status == OK
        found = re.search(r'name="tiket" value="([^"]+)"', page)
        if found:
            tickets.append((time.monotonic(), found[1]))
        elif ticket and answer.status != OK:
            tickets.insert(0, (0.0, ticket))  # turned away unread: it is still good


def _form(address: str) -> dict[str, str]:
    kind = "application/x-www-form-urlencoded"
    return {"content-type": kind, "origin": address, "sec-fetch-site": "same-origin"}


if __name__ == "__main__":
    sys.exit(main())
