"""The guarded door: where it goes, how long it waits, how much it takes."""

import gzip
import logging
import socket
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from ipaddress import ip_address

import pytest

from models.errors import NetworkError, Refused, TryLater
from models.problems import Problem
from networks.addresses import Guard, is_public
from networks.base import HttpLimits
from networks.http import Http
from networks.wire import decompressed
from tests.contract.answering import Answering, Asked, Said, answering

MIB = 1024 * 1024


def http(server: Answering, total: float = 2, most: int = MIB) -> Http:
    return Http(limits(server.url, total, most))


def limits(url: str, total: float = 2, most: int = MIB) -> HttpLimits:
    return HttpLimits(
        connect=timedelta(seconds=1),
        read=timedelta(seconds=total),
        total=timedelta(seconds=total),
        max_bytes=most,
        inner_hosts=frozenset({url.partition("//")[2]}),
        user_agent="Kentongan/0.1 (+humas@sukamaju.example)",
    )


def failing(call: Callable[[], object], kind: type[NetworkError]) -> Problem:
    with pytest.raises(kind) as failed:
        call()
    return failed.value.problem


@contextmanager
def raw_server(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that speaks below HTTP."""
    line = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            try:
                caller, _ = line.accept()
            except OSError:
                return
            with caller:
                try:
                    caller.recv(65_536)
                    talk(caller)
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{line.getsockname()[1]}"
    ended.set()
    line.shutdown(socket.SHUT_RDWR)
    line.close()
    thread.join(5)


# addresses


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "127.8.8.8",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.9",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:8.8.8.8",
        "::ffff:127.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "3fff::1",
        "fc00::1",
        "fd12::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "103.10.1.1", "172.32.0.1", "2606:4700::1111", "64:ff9b::808:808"],
)
def test_a_public_address_is_not_refused(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/",
        "http://localhost:9/",
        "http://[::1]:9/",
        "http://0x7f.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0177.0.0.1/",
        "http://[::ffff:127.0.0.1]/",
        "http://0.0.0.0:9/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fe80::1]/",
        "http://10.0.0.1/",
    ],
)
def test_an_inner_address_is_refused_in_every_spelling(url: str) -> None:
    assert failing(lambda: Http(HttpLimits()).get(url), Refused) in {
        Problem.ADDRESS_REFUSED,
        Problem.ADDRESS_INVALID,  # 0177.0.0.1 is not read as a number at all
    }


def test_the_refusal_does_not_tell_whether_something_answers() -> None:
    told = []
    with answering(lambda _: Said()) as server:
        for url in (server.url, "http://127.0.0.1:9/", "http://10.255.255.1/"):
            with pytest.raises(Refused) as failed:
                Http(HttpLimits()).get(url)
            told.append((str(failed.value), failed.value.detail))
        assert server.asked == []
    assert len(set(told)) == 1


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example/",
        "file:///etc/passwd",
        "gopher://a.example",
        "javascript:alert(1)",
        "http://",
        "//a.example",
        "a.example",
        "http://[::1",
        "http:///",
        "data:text/plain,a",
        "",
        " ",
        "http://a b.example/",
        "http://a.example:notaport/",
    ],
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    assert failing(lambda: Http(HttpLimits()).get(url), Refused) in {
        Problem.ADDRESS_INVALID,
        Problem.ADDRESS_REFUSED,
    }


def test_one_refused_address_among_many_refuses_the_name() -> None:
    guard = Guard(frozenset(), lambda *_: ["8.8.8.8", "192.168.0.7"])
    assert failing(lambda: guard.addresses("a.example", 80, 1), Refused) is (
        Problem.ADDRESS_REFUSED
    )


def test_f13_a_name_that_changes_after_the_check_has_no_effect(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The connection goes to the checked address; the name is not asked again."""
    called: list[tuple[str, int]] = []

    def refused(address: tuple[str, int], *_: object, **__: object) -> None:
        called.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", refused)
    answers = iter([["8.8.8.8"], ["127.0.0.1"]])
    door = Http(HttpLimits(), Guard(frozenset(), lambda *_: next(answers)))
    assert failing(lambda: door.get("http://berita.example/"), TryLater) is (
        Problem.UNREACHABLE
    )
    assert called == [("8.8.8.8", 80)]
    assert next(answers) == ["127.0.0.1"]


def test_the_name_stands_in_the_request_though_the_address_is_called() -> None:
    with answering(lambda _: Said(b"ya")) as server:
        host = f"berita.example:{server.url.rpartition(':')[2]}"
        guard = Guard(frozenset({host}), lambda *_: ["127.0.0.1"])
        assert Http(HttpLimits(), guard).get(f"http://{host}/").body == b"ya"
        assert server.asked[0].headers["host"] == host


def test_an_allowed_inner_host_is_allowed_on_its_port_only() -> None:
    with answering(lambda _: Said(b"ya")) as server:
        assert http(server).get(server.url).body == b"ya"
        other = Http(limits("http://127.0.0.1:9"))
        assert failing(lambda: other.get(server.url), Refused) is (
            Problem.ADDRESS_REFUSED
        )


def test_a_resolver_that_hangs_ends_by_the_deadline() -> None:
    never = threading.Event()
    guard = Guard(frozenset(), lambda *_: [str(never.wait(5))])
    door = Http(HttpLimits(connect=timedelta(seconds=0.2)), guard)
    began = time.monotonic()
    assert failing(lambda: door.get("http://a.example"), TryLater) is (
        Problem.UNREACHABLE
    )
    assert time.monotonic() - began < 2
    never.set()


def test_a_proxy_of_the_environment_is_not_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with answering(lambda _: Said(b"langsung")) as server:
        assert http(server).get(server.url).body == b"langsung"


# redirects


def redirects(*statuses: int) -> Callable[[Asked], Said]:
    def answer(asked: Asked) -> Said:
        place = int(asked.path.strip("/") or 0)
        if place >= len(statuses):
            return Said(b"tiba")
        return Said(status=statuses[place], headers={"Location": f"/{place + 1}"})

    return answer


@pytest.mark.parametrize(
    ("statuses", "moved"),
    [
        ((), False),
        ((301, 308), True),
        ((301, 302), False),
        ((307, 301), False),
        ((301, 301, 301, 301, 301), True),
    ],
)
def test_hops_are_followed_and_a_permanent_chain_is_told(
    statuses: tuple[int, ...], moved: bool
) -> None:
    with answering(redirects(*statuses)) as server:
        answer = http(server).get(f"{server.url}/0")
        assert answer.body == b"tiba"
        assert [hop.status for hop in answer.hops] == list(statuses)
        end = f"{server.url}/{len(statuses)}"
        assert answer.url == end
        assert answer.permanent_url == (end if moved else None)


def test_f11_the_sixth_hop_is_not_followed() -> None:
    with answering(redirects(*[302] * 6)) as server:
        assert failing(lambda: http(server).get(f"{server.url}/0"), Refused) is (
            Problem.TOO_MANY_REDIRECTS
        )
        assert len(server.asked) == 6


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ("http://127.0.0.1:9/", Problem.ADDRESS_REFUSED),
        ("//169.254.169.254/", Problem.ADDRESS_REFUSED),
        ("file:///etc/passwd", Problem.ADDRESS_INVALID),
        ("gopher://a.example/", Problem.ADDRESS_INVALID),
        ("http://[broken", Problem.ADDRESS_INVALID),
    ],
)
def test_each_hop_is_checked_again(target: str, problem: Problem) -> None:
    leaving = Said(status=302, headers={"Location": target})
    with answering(lambda _: leaving) as server:
        assert failing(lambda: http(server).get(server.url), Refused) is problem


def test_f12_credentials_and_cookies_stay_with_their_origin() -> None:
    with answering(lambda _: Said(b"tiba")) as other:

        def answer(asked: Asked) -> Said:
            there = "/b" if asked.path == "/a" else f"{other.url}/c"
            return Said(status=302, headers={"Location": there})

        with answering(answer) as first:
            both = limits(first.url).inner_hosts | limits(other.url).inner_hosts
            door = Http(HttpLimits(inner_hosts=both))
            url = first.url.replace("//", "//humas:s%40ndi@") + "/a"
            kept = {"Cookie": "a=1", "X-Api": "ya"}
            answered = door.get(url, kept)
            for asked in first.asked:
                assert asked.headers["authorization"] == "Basic aHVtYXM6c0BuZGk="
                assert asked.headers["cookie"] == "a=1"
            (left,) = other.asked
            assert "authorization" not in left.headers
            assert "cookie" not in left.headers
            assert left.headers["x-api"] == "ya"
            assert "ndi" not in repr(answered)


# time


@pytest.mark.parametrize("where", ["headers", "body", "silence"])
def test_f15_a_slow_server_ends_by_the_total_deadline(where: str) -> None:
    stop = threading.Event()

    def talk(caller: socket.socket) -> None:
        if where == "body":
            caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
        if where == "headers":
            caller.sendall(b"HTTP/1.1 200 OK\r\nX-A: ")
        while where != "silence" and not stop.wait(0.05):
            caller.sendall(b"a")
        stop.wait(10)

    with raw_server(talk) as url:
        began = time.monotonic()
        door = Http(limits(url, total=0.6))
        assert failing(lambda: door.get(url), TryLater) is Problem.TOO_SLOW
        assert time.monotonic() - began < 1.5
        stop.set()


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"bukan http\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200_000,
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nabcde",
    ],
)
def test_a_broken_answer_may_be_asked_for_again(said: bytes) -> None:
    with raw_server(lambda caller: caller.sendall(said)) as url:
        door = Http(limits(url))
        assert failing(lambda: door.get(url), TryLater) is Problem.UNREACHABLE


def test_nobody_there_is_unreachable() -> None:
    with answering(lambda _: Said()) as server:
        gone = server.url
    assert failing(lambda: Http(limits(gone)).get(gone), TryLater) is (
        Problem.UNREACHABLE
    )


# size


def test_a_body_of_exactly_the_limit_is_taken_and_one_byte_more_is_not() -> None:
    with answering(lambda asked: Said(b"a" * int(asked.path[1:]))) as server:
        door = http(server, most=1_000)
        assert len(door.get(f"{server.url}/1000").body) == 1_000
        assert failing(lambda: door.get(f"{server.url}/1001"), Refused) is (
            Problem.TOO_LARGE
        )


def test_f14_a_gzip_bomb_is_cut_within_little_memory() -> None:
    bomb = gzip.compress(bytes(300 * MIB))
    headers = {"Content-Encoding": "gzip"}
    with answering(lambda _: Said(bomb, headers=headers)) as server:
        door = http(server, total=10)
        tracemalloc.start()
        assert failing(lambda: door.get(server.url), Refused) is Problem.TOO_LARGE
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 8 * MIB


def test_an_endless_body_is_cut() -> None:
    def talk(caller: socket.socket) -> None:
        caller.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            caller.sendall(b"a" * 65_536)

    with raw_server(talk) as url:
        door = Http(limits(url, total=10))
        assert failing(lambda: door.get(url), Refused) is Problem.TOO_LARGE


@pytest.mark.parametrize("size", [0, 1, 64 * 1024, 200_000])
@pytest.mark.parametrize(
    "how", ["gzip", "deflate", "raw deflate", "two members", "padded", "identity"]
)
def test_bodies_are_decompressed_in_small_pieces(how: str, size: int) -> None:
    plain = bytes(range(256)) * (size // 256) + bytes(size % 256)
    raw = zlib.compressobj(wbits=-15)
    half = size // 2
    packed = {
        "gzip": gzip.compress(plain),
        "deflate": zlib.compress(plain),
        "raw deflate": raw.compress(plain) + raw.flush(),
        "two members": gzip.compress(plain[:half]) + gzip.compress(plain[half:]),
        "padded": gzip.compress(plain) + bytes(100),
        "identity": plain,
    }[how]
    name = {"identity": "", "deflate": "deflate", "raw deflate": "deflate"}.get(
        how, "gzip"
    )
    for step in (7, 4_096, max(1, len(packed))):
        chunks = (packed[i : i + step] for i in range(0, len(packed), step))
        pieces = list(decompressed(chunks, name))
        assert b"".join(pieces) == plain
        assert max(map(len, pieces), default=0) <= 64 * 1024 or how == "identity"


# what is asked, and what is told


def test_the_door_says_who_we_are_and_keeps_no_line_open() -> None:
    with answering(lambda _: Said(b"ya")) as server:
        http(server).get(f"{server.url}/a?b=1#c", {"If-None-Match": '"v1"'})
        (asked,) = server.asked
    assert asked.path == "/a"
    assert asked.query == [("b", "1")]
    assert asked.headers["user-agent"] == "Kentongan/0.1 (+humas@sukamaju.example)"
    assert asked.headers["connection"] == "close"
    assert asked.headers["if-none-match"] == '"v1"'


@pytest.mark.parametrize("status", [200, 204, 304, 403, 404, 410, 429, 500, 503])
def test_every_status_is_an_answer(status: int) -> None:
    said = Said(status=status, headers={"Retry-After": "5", "X-Two": "a"})
    with answering(lambda _: said) as server:
        answer = http(server).get(server.url)
    assert answer.status == status
    assert answer.headers["retry-after"] == "5"


def test_a_line_break_in_a_header_is_refused() -> None:
    with answering(lambda _: Said()) as server:
        door = http(server)
        assert failing(
            lambda: door.get(server.url, {"X": "a\r\nHost: b"}), Refused
        ) is (Problem.ADDRESS_INVALID)
        assert server.asked == []


def test_f27_credentials_in_an_address_are_never_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    told = []
    with answering(redirects(*[302] * 6)) as server:
        there = server.url.replace("//", "//humas:sangatrahasia@")
        for url in (f"{there}/0", "http://humas:sangatrahasia@127.0.0.1:9/"):
            with pytest.raises(NetworkError) as failed:
                http(server).get(url)
            told.append(f"{failed.value!r} {failed.value.detail}")
    assert "sangatrahasia" not in " ".join(told) + caplog.text
