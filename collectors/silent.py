"""For doors that only lead out: nothing is heard there."""

from collections.abc import Iterator
from typing import Any

from models.speech import Page


class SilentCollector:
    """Hears nothing; the account is never asked (``Capabilities.hears``)."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def pages(self, cursor: str | None) -> Iterator[Page]:  # noqa: ARG002
        """No page."""
        return iter(())
