"""The API for an office's own programs: one delivery read, given up, let go on."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from models.api_token import ApiToken
from models.delivery import Delivery
from models.errors import NotAllowed
from models.office import User
from models.person import Person
from models.scope import SystemScope
from models.states import DeliveryState, Role
from pipeline import api_tokens
from tests.conftest import add_office
from tests.terminal import Terminal
from tests.web_kit import AT, Dashboard, build

TEST = SystemScope("test")
S = DeliveryState


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Dashboard]:
    built = build(tmp_path)
    yield built
    built.store.close()


def admin(site: Dashboard) -> Person:
    with site.store.read(TEST) as work:
        user = work.offices.user_by_login("admin")
        assert user is not None
        return Person(user.id, user.office_id, user.name, user.role)


def token(site: Dashboard, role: Role = Role.OFFICER, **more: Any) -> str:
    with site.store.write(site.seeded.office) as work:
        given = {"acts": True} | more
        return api_tokens.make(work, admin(site), "Papan", role, AT, **given)


class Program:
    """A program outside of any browser: no cookie, no origin."""

    def __init__(self, site: Dashboard, key: str) -> None:
        self._browser: TestClient = site.browser()
        del self._browser.headers["origin"]
        self._headers = {"authorization": f"Bearer {key}"}

    def get(self, path: str) -> Any:
        return self._browser.get(f"/api/v1{path}", headers=self._headers)

    def put(self, path: str, body: Any, **headers: str) -> Any:
        given = self._headers | {k.replace("_", "-"): v for k, v in headers.items()}
        return self._browser.put(f"/api/v1{path}", json=body, headers=given)


def one(site: Dashboard, state: DeliveryState) -> int:
    """A delivery of the seeded office, put into this state."""
    with site.store.write(TEST) as work:
        row = work.session.get(Delivery, next(iter(site.seeded.deliveries.values())))
        assert row is not None
        row.state = state
        return row.id


def state(site: Dashboard, number: int) -> DeliveryState:
    with site.store.read(site.seeded.office) as work:
        return work.deliveries.get(number).state


# reading


def test_one_delivery_is_read_with_every_try_and_no_recipient(site: Dashboard) -> None:
    program = Program(site, token(site, acts=False))
    number = one(site, S.HELD)
    told = program.get(f"/deliveries/{number}")
    assert told.status_code == 200
    body = told.json()
    assert body["id"] == number
    assert body["state"] == "held"
    assert body["may_become"] == ["cancelled", "scheduled"]
    assert isinstance(body["tries"], list)
    assert told.headers["etag"]
    assert not {"to_name", "recipient"} & set(body)


def test_a_list_is_chosen_by_state_and_goes_on_page_by_page(site: Dashboard) -> None:
    program = Program(site, token(site))
    seen: list[int] = []
    after = ""
    while True:
        page = program.get(f"/deliveries?after={after}").json()
        seen += [row["id"] for row in page["deliveries"]]
        after = page["next"]
        if after is None:
            break
    with site.store.read(site.seeded.office) as work:
        everything = set(work.session.scalars(select(Delivery.id)))
    assert set(seen) == everything
    assert len(seen) == len(everything)
    held = one(site, S.HELD)
    chosen = program.get("/deliveries?state=held").json()["deliveries"]
    assert held in {row["id"] for row in chosen}
    assert {row["state"] for row in chosen} == {"held"}
    assert program.get("/deliveries?state=ngawur").status_code == 422


def test_the_deliveries_of_another_office_do_not_exist(site: Dashboard) -> None:
    number = one(site, S.HELD)
    other = add_office(site.store, "lain", "Polres Lain")
    with site.store.write(other) as work:
        user = User(
            office_id=other.office_id,
            login="asing",
            name="Asing",
            role=Role.ADMIN,
            created_at=AT,
        )
        by = Person(work.offices.add_user(user), other.office_id, "Asing", Role.ADMIN)
        key = api_tokens.make(work, by, "Lain", Role.OFFICER, AT, acts=True)
    program = Program(site, key)
    assert program.get("/deliveries").json()["deliveries"] == []
    assert program.get(f"/deliveries/{number}").status_code == 404
    told = program.put(f"/deliveries/{number}", {"state": "cancelled"})
    assert told.status_code == 404
    assert state(site, number) is S.HELD


# acting


@pytest.mark.parametrize("before", [S.SCHEDULED, S.HELD, S.REJECTED])
def test_what_has_not_left_is_given_up_once(
    site: Dashboard, before: DeliveryState
) -> None:
    program = Program(site, token(site))
    number = one(site, before)
    wanted = {"state": "cancelled", "reason": "salah tempel"}
    answers = [program.put(f"/deliveries/{number}", wanted) for _ in range(3)]
    assert [one.status_code for one in answers] == [200] * 3
    assert answers[-1].json()["state"] == "cancelled"
    assert answers[-1].json()["reason"] == "salah tempel (API: Papan)"
    with site.store.read(site.seeded.office) as work:
        acts = work.audit.about({Delivery: [number]})
    assert [act.action for act in acts].count("delivery.cancel") == 1


def test_what_is_held_goes_on(site: Dashboard) -> None:
    program = Program(site, token(site))
    number = one(site, S.HELD)
    told = program.put(f"/deliveries/{number}", {"state": "scheduled"})
    assert told.json()["state"] == "scheduled"
    again = program.put(f"/deliveries/{number}", {"state": "scheduled"})
    assert again.status_code == 200


@pytest.mark.parametrize(
    "before",
    [
        *(S.ARMED, S.UNCERTAIN, S.NEEDS_PERSON, S.PUBLISHED, S.CLAIMED, S.PREPARED),
        *(S.MISSED, S.REJECTED, S.CORRECTED, S.WITHDRAWN),
    ],
)
def test_what_may_be_out_is_never_sent_again_by_a_program(
    site: Dashboard, before: DeliveryState
) -> None:
    program = Program(site, token(site))
    number = one(site, before)
    told = program.put(f"/deliveries/{number}", {"state": "scheduled"})
    assert told.status_code == 409
    assert told.json()["error"]["code"] == "conflict"
    assert state(site, number) is before


@pytest.mark.parametrize(
    "before", [S.ARMED, S.UNCERTAIN, S.NEEDS_PERSON, S.PUBLISHED, S.CLAIMED]
)
def test_what_may_be_out_is_not_given_up_by_a_program(
    site: Dashboard, before: DeliveryState
) -> None:
    program = Program(site, token(site))
    number = one(site, before)
    told = program.put(f"/deliveries/{number}", {"state": "cancelled"})
    assert told.status_code == 409
    assert state(site, number) is before


def test_a_change_of_what_was_not_read_is_refused(site: Dashboard) -> None:
    program = Program(site, token(site))
    number = one(site, S.HELD)
    tag = program.get(f"/deliveries/{number}").headers["etag"]
    one(site, S.SCHEDULED)
    wanted = {"state": "cancelled"}
    told = program.put(f"/deliveries/{number}", wanted, if_match=tag)
    assert told.status_code == 412
    assert state(site, number) is S.SCHEDULED
    tag = program.get(f"/deliveries/{number}").headers["etag"]
    told = program.put(f"/deliveries/{number}", wanted, if_match=tag)
    assert told.status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"state": "published"},
        {"state": "scheduled", "due_at": "2020-01-01"},
        {"state": "cancelled", "reason": "x" * 301},
    ],
)
def test_a_body_that_says_something_else_is_refused(site: Dashboard, body: Any) -> None:
    program = Program(site, token(site))
    number = one(site, S.HELD)
    told = program.put(f"/deliveries/{number}", body)
    assert told.status_code == 422
    assert state(site, number) is S.HELD


# tokens


def test_a_token_that_only_reads_changes_nothing(site: Dashboard) -> None:
    program = Program(site, token(site, acts=False))
    number = one(site, S.HELD)
    told = program.put(f"/deliveries/{number}", {"state": "cancelled"})
    assert told.status_code == 403
    assert state(site, number) is S.HELD


def test_a_role_that_may_not_is_told_so(site: Dashboard) -> None:
    program = Program(site, token(site, Role.ADMIN))
    number = one(site, S.HELD)
    told = program.put(f"/deliveries/{number}", {"state": "cancelled"})
    assert told.status_code == 403


@pytest.mark.parametrize("key", ["", "ngawur", "ktg_ngawur", "ktg_" + "a" * 43])
def test_a_token_that_was_made_up_opens_nothing(site: Dashboard, key: str) -> None:
    told = Program(site, key).get("/deliveries")
    assert told.status_code == 401
    assert told.headers["www-authenticate"] == "Bearer"
    assert told.json()["error"]["code"] == "unknown_token"


def test_a_token_ends_by_its_time_by_a_word_and_with_its_maker(
    site: Dashboard,
) -> None:
    short = token(site, lives=timedelta(days=1))
    long, third = token(site), token(site)
    with site.store.write(TEST) as work:
        row = work.session.get(ApiToken, 1)
        assert row is not None
        row.ends_at = AT
    assert Program(site, short).get("/deliveries").status_code == 401
    with site.store.write(site.seeded.office) as work:
        api_tokens.end(work, admin(site), 2, AT)
    assert Program(site, long).get("/deliveries").status_code == 401
    assert Program(site, third).get("/deliveries").status_code == 200
    with site.store.write(site.seeded.office) as work:
        work.offices.user(admin(site).user_id).active = False
    assert Program(site, third).get("/deliveries").status_code == 401


def test_a_program_that_asks_too_often_waits(site: Dashboard) -> None:
    program = Program(site, token(site))
    with site.store.write(TEST) as work:
        row = work.session.get(ApiToken, 1)
        assert row is not None
        row.calls, row.counted_from = api_tokens.MOST_CALLS - 1, AT
    assert program.get("/deliveries").status_code == 200
    told = program.get("/deliveries")
    assert told.status_code == 429
    assert 1 <= int(told.headers["retry-after"]) <= 60
    with site.store.write(TEST) as work:
        row = work.session.get(ApiToken, 1)
        assert row is not None
        row.counted_from = AT + timedelta(days=3)  # a clock was set back
    assert program.get("/deliveries").status_code == 200


def test_the_database_holds_no_token(site: Dashboard) -> None:
    key = token(site)
    with site.store.read(TEST) as work:
        row = work.session.get(ApiToken, 1)
    assert row is not None
    assert key not in "".join(str(value) for value in vars(row).values())
    assert len(row.sha256) == 64


def test_only_an_administrator_makes_one(site: Dashboard) -> None:
    by = admin(site)
    other = Person(by.user_id, by.office_id, by.name, Role.APPROVER)
    with pytest.raises(NotAllowed), site.store.write(site.seeded.office) as work:
        api_tokens.make(work, other, "Papan", Role.OFFICER, AT, acts=False)
    assert site.browser("dimas").get("/kunci").status_code == 403


def test_a_cookie_opens_nothing_and_a_token_opens_no_page(site: Dashboard) -> None:
    signed_in = site.browser("dimas")
    assert signed_in.get("/api/v1/deliveries").status_code == 401
    key = {"authorization": f"Bearer {token(site)}"}
    assert site.browser().get("/kiriman", headers=key).status_code == 303


def test_a_token_is_made_and_taken_back_on_the_page(site: Dashboard) -> None:
    browser = site.browser("admin")
    page = browser.post("/kunci", data={"nama": "Papan", "boleh": "ya", "hari": "30"})
    found = re.search(r'value="(ktg_[\w-]{43})"', page.text)
    assert found
    assert found[1] not in browser.get("/kunci").text, "it is shown once"
    program = Program(site, found[1])
    assert program.get("/deliveries").status_code == 200
    assert browser.post("/kunci/1/cabut").status_code == 303
    assert program.get("/deliveries").status_code == 401
    refused = browser.post("/kunci", data={"nama": " "})
    assert refused.status_code == 400


def test_a_token_is_made_at_a_terminal(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    terminal.init()
    made = terminal.json("token", "make", "--name", "Papan", "--days", "7")
    assert isinstance(made, dict)
    assert made["token"].startswith("ktg_")
    (row,) = terminal.json("token", "list")  # type: ignore[misc]
    assert row["name"] == "Papan"
    assert row["acts"] is False
    assert made["token"] not in str(row)
    terminal.run("token", "end", str(row["id"]))
    (row,) = terminal.json("token", "list")  # type: ignore[misc]
    assert row["lives"] is False
