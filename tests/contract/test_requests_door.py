"""The door of the libraries: whose fault it was decides what follows."""

import logging
import traceback
from collections.abc import Iterator
from typing import Any

import pytest

from models.errors import GateClosed, Refused, TryLater
from models.problems import Problem
from models.speech import open_gate
from networks.requests_door import GuardedAdapter
from sandbox.faults import FaultKind
from sandbox.site import Site
from tests.contract.network_kit import NETWORKS, Desk, desk, limits_for


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    with Site.start() as site:
        yield site


@pytest.fixture(params=NETWORKS)
def here(request: pytest.FixtureRequest, running: Site) -> Iterator[Desk]:
    running.reset()
    with desk(request.param, running) as opened:
        yield opened


@pytest.mark.parametrize("fault", [ZeroDivisionError("gate"), KeyError("gate")])
def test_a_fault_of_the_gate_is_ours_and_comes_out_as_it_is(
    here: Desk, fault: Exception
) -> None:
    def broken() -> None:
        raise fault

    post = here.ready()
    with pytest.raises(type(fault)) as raised:
        here.publisher.publish(post, broken)
    assert raised.value is fault
    assert here.texts() == []


def test_a_closed_gate_comes_out_as_it_is(here: Desk) -> None:
    def closed() -> None:
        raise GateClosed(Problem.ACCOUNT_STOPPED)

    post = here.ready()
    with pytest.raises(GateClosed):
        here.publisher.publish(post, closed)


@pytest.mark.parametrize(
    ("address", "more"),
    [
        ("/api", {"json": object()}),
        ("/api", {"headers": {"Authorization": "Bearer rahasia\r\nX-Lain: 1"}}),
        ("/api", {"headers": {"X-Nama": "rahasia \u20ac"}}),
        ("://[rahasia", {}),
    ],
)
def test_what_no_request_can_be_built_of_is_refused_and_nothing_is_sent(
    running: Site, address: str, more: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """It would be the same the next time: to try later would be to try for ever."""
    running.reset()
    door = GuardedAdapter(limits_for(running.url), lambda _reply: None)
    session = door.session()
    with (
        caplog.at_level(logging.ERROR),
        pytest.raises(Refused) as failed,
        door.errand(publishes=True),
    ):
        session.post(running.url + address, **more)
    assert failed.value.problem is Problem.CONTENT_REFUSED
    assert running.requests() == []
    assert "no request could be built" in caplog.text
    shown = caplog.text + "".join(traceback.format_exception(failed.value))
    assert "Bearer rahasia" not in failed.value.detail + caplog.text
    assert "X-Lain" not in shown


def test_a_firewalls_page_is_no_word_of_the_network(here: Desk) -> None:
    post = here.ready()
    page = "<html><h1>403 Forbidden</h1></html>"
    here.site.fault(FaultKind.ANSWER, "*", status=403, body=page, times=9)
    for act in (
        lambda: here.publisher.publish(post, open_gate),
        here.client.whoami,
    ):
        with pytest.raises(TryLater) as failed:
            act()
        assert failed.value.problem is Problem.FORBIDDEN
        assert failed.value.wait
