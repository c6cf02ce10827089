"""Small answers leave at once, not when the kernel has waited for more."""

import http.client
import time
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from cli import serving

DELAY = 0.020  # half of the 40 ms that Linux holds an acknowledgement back


async def in_two_parts(scope: Scope, receive: Receive, send: Send) -> None:
    await Request(scope, receive).body()
    await StreamingResponse(iter(["part", "part"]))(scope, receive, send)


def test_an_answer_in_parts_is_not_held_back() -> None:
    listening = serving.bind("127.0.0.1", 0)
    address = urlsplit(serving.address_of(listening)).netloc
    with serving.serving(in_two_parts, listening):
        line = http.client.HTTPConnection(address)
        taken = []
        for _ in range(20):
            began = time.perf_counter()
            line.request("POST", "/", body=b"{}")
            line.getresponse().read()
            taken.append(time.perf_counter() - began)
        line.close()
    assert min(taken[3:]) < DELAY
