"""The one error of this package."""

from collections.abc import Sequence


class SettingsProblem(Exception):
    """``kentongan.toml`` or a ``KENTONGAN_…`` variable cannot be used.

    Args:
        lines: one sentence a wrong name or value, Indonesian; never holds a secret.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("; ".join(lines))
        self.lines = tuple(lines)
