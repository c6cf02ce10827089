"""Which addresses may be connected to: the guard behind every outgoing connection.

A name is resolved once and all of its answers are checked; the connection then goes to
a checked address and not to the name, so an answer that changes in between (DNS
rebinding) has no effect. Every redirect passes through the same check.
"""

import socket
import threading
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from models.errors import Refused, TryLater
from models.problems import Problem

IPAddress = IPv4Address | IPv6Address
Resolver = Callable[[str, int], list[str]]
"""Gives the addresses of a host as text; raises OSError when there are none."""

# ``is_global`` differs between Python releases; what matters is named here as well.
# https://www.iana.org/assignments/iana-ipv4-special-registry (seen 2026-11-24)
_REFUSED_V4 = tuple(
    IPv4Network(net)
    for net in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
# https://www.iana.org/assignments/iana-ipv6-special-registry (seen 2026-11-24)
_REFUSED_V6 = tuple(
    IPv6Network(net)
    for net in (
        "::/96",  # unspecified, loopback, and the old IPv4-compatible form
        "::ffff:0:0/96",  # IPv4-mapped
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",  # 6to4 carries any IPv4 address inside
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")


def is_public(address: IPAddress) -> bool:
    """Whether an address lies in the public internet and may be connected to."""
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in net for net in _REFUSED_V4)
    if address in _NAT64:  # networks without IPv4 reach every IPv4 host this way
        return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    return address.is_global and not any(address in net for net in _REFUSED_V6)


def look_up(host: str, port: int) -> list[str]:
    """Ask the system's resolver for all addresses of ``host``."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


class Guard:
    """Turns a host and port into addresses that may be connected to.

    Args:
        inner_hosts: ``"host:port"`` pairs that may be reached though not public.
        resolver: replaced in tests that rebind a name.
    """

    def __init__(
        self, inner_hosts: frozenset[str], resolver: Resolver = look_up
    ) -> None:
        self._inner_hosts = frozenset(host.lower() for host in inner_hosts)
        self._resolver = resolver

    def addresses(self, host: str, port: int, within: float) -> list[str]:
        """Return the checked addresses of ``host``, in the resolver's order.

        Args:
            host: name or literal address, without brackets.
            port: part of the allow-list's key.
            within: seconds the resolver may take.

        Raises:
            Refused: one of the addresses is not public. The message is the same
                whether or not anything answers there.
            TryLater: the name is unknown or the resolver does not answer.
        """
        found = self._resolve_in_time(host, port, within)
        if self._is_inner(host, port):
            return found
        if not all(_may_connect(address) for address in found):
            raise Refused(Problem.ADDRESS_REFUSED, "the address is not public")
        return found

    def check_literal(self, host: str, port: int) -> None:
        """Refuse a host that is inner by its very name, without asking a resolver.

        That is a literal address in any form that C libraries read (``127.1``,
        ``0x7f000001``, ``::1``) and ``localhost``; other names are looked up, and
        checked, when they are connected to.

        Raises:
            Refused: it is not public, and not allowed by name and port.
        """
        if self._is_inner(host, port):
            return
        bare = host.lower().rstrip(".").strip("[]")
        inner = bare == "localhost" or bare.endswith(".localhost")
        literal = _literal(bare)
        if inner or (literal is not None and not is_public(literal)):
            raise Refused(Problem.ADDRESS_REFUSED, "the address is not public")

    def _is_inner(self, host: str, port: int) -> bool:
        bare = host.lower().rstrip(".")
        return bool({f"{bare}:{port}", f"[{bare}]:{port}"} & self._inner_hosts)

    def _resolve_in_time(self, host: str, port: int, within: float) -> list[str]:
        """Resolve in a thread, because ``getaddrinfo`` knows no time-out."""
        outcome: list[list[str] | OSError | UnicodeError] = []

        def work() -> None:
            try:
                outcome.append(self._resolver(host, port))
            except (OSError, UnicodeError) as error:
                outcome.append(error)

        thread = threading.Thread(target=work, name="resolver", daemon=True)
        thread.start()
        thread.join(within)
        if not outcome:
            raise TryLater(Problem.UNREACHABLE, "the resolver does not answer")
        if not isinstance(outcome[0], list) or not outcome[0]:
            raise TryLater(Problem.UNREACHABLE, "the name has no address")
        return outcome[0]


def _may_connect(address: str) -> bool:
    try:
        return is_public(ip_address(address.partition("%")[0]))
    except ValueError:
        return False


def _literal(host: str) -> IPAddress | None:
    """The address that ``host`` writes out, also as inet_aton(3) reads it."""
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeError, ValueError):
        return None
