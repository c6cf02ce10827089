"""Taking back on *Kiriman* and *Tulis*: who may, what is said, and by hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.outlet import PublicPosts
from models.states import DeliveryState, WithdrawalState
from models.withdrawal import Withdrawal
from tests.web_kit import Dashboard, build

WHY = "Jam layanannya keliru."


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Dashboard]:
    built = build(tmp_path)
    yield built
    built.store.close()


def asked(site: Dashboard, delivery_id: int) -> Withdrawal | None:
    with site.store.read(site.seeded.office) as work:
        return work.withdrawals.of(delivery_id)


def test_an_approver_takes_back_what_stands_and_the_page_says_how_far_it_is(
    site: Dashboard,
) -> None:
    delivery = site.seeded.deliveries["terbit"]
    page, ratna = f"/kiriman/{delivery}", site.browser("ratna")
    assert "Tarik kiriman" in ratna.get(page).text
    assert ratna.post(f"{page}/tarik", data={"alasan": " "}).status_code == 400
    assert asked(site, delivery) is None
    assert ratna.post(f"{page}/tarik", data={"alasan": WHY}).status_code == 303
    shown = ratna.get(page).text
    assert WHY in shown
    assert "Menunggu ditarik" in shown
    assert "Tarik kiriman" not in shown
    assert ratna.post(f"{page}/tarik", data={"alasan": WHY}).status_code == 409


def test_an_officer_does_not_take_back_and_says_what_was_done_by_hand(
    site: Dashboard,
) -> None:
    delivery = site.seeded.deliveries["terbit"]
    page = f"/kiriman/{delivery}"
    dimas, ratna = site.browser("dimas"), site.browser("ratna")
    assert "Penyetuju yang menarik kiriman." in dimas.get(page).text
    assert dimas.post(f"{page}/tarik", data={"alasan": WHY}).status_code == 403
    assert dimas.post(f"{page}/terhapus").status_code == 409
    ratna.post(f"{page}/tarik", data={"alasan": WHY})
    assert "Sudah saya hapus" in dimas.get(page).text
    assert dimas.post(f"{page}/terhapus").status_code == 303
    row = asked(site, delivery)
    assert row is not None
    assert row.state is WithdrawalState.DONE
    with site.store.read(site.seeded.office) as work:
        assert work.deliveries.get(delivery).state is DeliveryState.WITHDRAWN


def test_an_announcement_is_taken_back_everywhere_and_leaves_the_feed_at_once(
    site: Dashboard,
) -> None:
    with site.store.read(site.seeded.office) as work:
        delivery = work.deliveries.get(site.seeded.deliveries["terbit"])
    page, ratna = f"/tulis/{delivery.announcement_id}", site.browser("ratna")
    assert "Tarik dari semua akun" in ratna.get(page).text
    assert "Tarik dari semua akun" not in site.browser("dimas").get(page).text
    assert ratna.post(f"{page}/tarik", data={"alasan": WHY}).status_code == 303
    with site.store.read(site.seeded.office) as work:
        networks = {one.network for one in work.accounts.listed()}
        posts = PublicPosts(work.session).newest(networks, 50)
        mine = [p for p in posts if p.announcement_id == delivery.announcement_id]
        assert [(post.withdrawn, post.text) for post in mine] == [(True, "")]
    assert "Tarik dari semua akun" not in ratna.get(page).text


def test_a_correction_is_begun_from_what_stands_and_each_page_leads_to_the_other(
    site: Dashboard,
) -> None:
    with site.store.read(site.seeded.office) as work:
        delivery = work.deliveries.get(site.seeded.deliveries["terbit"])
    page, dimas = f"/tulis/{delivery.announcement_id}", site.browser("dimas")
    assert "Buat ralat" in dimas.get(page).text
    assert "Masih berdiri tanpa ralat" in dimas.get("/kiriman").text
    answer = dimas.post(f"{page}/ralat")
    assert answer.status_code == 303
    draft = answer.headers["location"].partition("?")[0]
    shown = dimas.get(draft).text
    assert f'href="{page}"' in shown
    assert "[Tulis yang benar di sini.]" in shown
    assert f'href="{draft}"' in dimas.get(page).text
    still = dimas.get("/kiriman?tampil=berdiri").text
    assert delivery.url in still
    assert f'href="{draft}"' in still
    assert dimas.post(f"{draft}/ralat").status_code == 409


def test_another_office_takes_nothing_back(site: Dashboard) -> None:
    ratna = site.browser("ratna")
    assert ratna.post("/kiriman/999999/tarik", data={"alasan": WHY}).status_code == 404
    assert ratna.post("/tulis/999999/tarik", data={"alasan": WHY}).status_code == 404
