"""Signing in to a network: what is asked of a person between the two steps."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Asked:
    """The network waits for a person to open ``address`` and bring back a code."""

    address: str = field(repr=False)  # may hold a request token
    kept: Mapping[str, str] = field(repr=False)  # secret, until the code comes
