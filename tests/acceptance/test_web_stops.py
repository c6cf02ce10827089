"""*Henti*: whoever is signed in stops; who made it or stands above lets go on."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from models.stop import EVERYTHING, Stop, Target
from tests.web_kit import AT, Dashboard, build

EVERYBODY = ("dimas", "ratna", "admin")
WHY = "Akun dicurigai diambil alih."


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Dashboard]:
    built = build(tmp_path)
    yield built
    built.store.close()


def standing(site: Dashboard) -> list[Stop]:
    with site.store.read(site.seeded.office) as work:
        return work.stops.standing(AT)


def stop(site: Dashboard, login: str, what: str = "semua", **more: str) -> int:
    told = {"sasaran": what, "alasan": WHY, **more}
    return site.browser(login).post("/henti", data=told).status_code


@pytest.mark.parametrize("login", EVERYBODY)
def test_everybody_stops_everything_for_a_time(site: Dashboard, login: str) -> None:
    assert stop(site, login, lama="3") == 303
    (one,) = standing(site)
    assert (one.target, one.reason) == (EVERYTHING, WHY)
    assert one.until == AT + timedelta(hours=3)
    shown = site.browser("dimas").get("/henti").text
    assert WHY in shown
    assert "Semua kiriman sedang dihentikan." in site.browser("dimas").get("/").text


def test_a_category_and_an_account_are_stopped_by_their_names(site: Dashboard) -> None:
    account = site.seeded.accounts["x"]
    assert stop(site, "dimas", "jenis-sim_keliling") == 303
    assert stop(site, "dimas", f"akun-{account}") == 303
    told = {one.target for one in standing(site)}
    assert told == {Target(account), Target(category="sim_keliling")}
    shown = site.browser("dimas").get("/henti").text
    assert "Semua SIM keliling" in shown
    assert (
        "Kiriman SIM keliling sedang dihentikan." in site.browser("dimas").get("/").text
    )


@pytest.mark.parametrize(
    ("what", "more", "status"),
    [
        ("jenis-tidak_ada", {}, 404),
        ("akun-0", {}, 404),
        ("akun-999999", {}, 404),
        ("", {}, 400),
        ("semua", {"lama": "99"}, 404),
        ("semua", {"alasan": " "}, 400),
    ],
)
def test_what_is_nothing_to_stop_is_refused_and_nothing_stands(
    site: Dashboard, what: str, more: dict[str, str], status: int
) -> None:
    assert stop(site, "dimas", what, **more) == status
    assert standing(site) == []


def test_an_officer_does_not_end_what_an_approver_stopped(site: Dashboard) -> None:
    assert stop(site, "ratna") == 303
    (one,) = standing(site)
    end = f"/henti/{one.id}/cabut"
    dimas, ratna = site.browser("dimas"), site.browser("ratna")
    assert end not in dimas.get("/henti").text
    assert dimas.post(end).status_code == 403
    assert len(standing(site)) == 1
    assert end in ratna.get("/henti").text
    assert ratna.post(end).is_redirect
    assert standing(site) == []
    assert "dicabut Ratna" in ratna.get("/henti").text
    assert ratna.post(end).status_code == 409


def test_a_stop_that_is_over_says_that_it_ended_by_itself(site: Dashboard) -> None:
    with site.store.write(site.seeded.office) as work:
        work.stops.add(
            Stop(
                office_id=site.seeded.office.office_id,
                account_id=None,
                reason=WHY,
                made_at=AT - timedelta(hours=2),
                until=AT - timedelta(hours=1),
            )
        )
    shown = site.browser("dimas").get("/henti").text
    assert "berakhir sendiri" in shown
    assert "Tidak ada yang dihentikan" in shown


def test_a_form_of_another_site_stops_nothing(site: Dashboard) -> None:
    browser = site.browser("dimas")
    told = {"sasaran": "semua", "alasan": WHY}
    answer = browser.post(
        "/henti", data=told, headers={"origin": "https://lain.example"}
    )
    assert answer.status_code == 403
    assert standing(site) == []
