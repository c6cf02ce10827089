"""The one error of this package."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence on a wrong name or value; never holds a secret.

    Args:
        said: message id; may name ``values`` in braces.
        where: the name it is about, a file's or a setting's; empty where there is none.
    """

    said: str
    where: str = ""
    values: Mapping[str, object] = field(default_factory=dict)

    def told(self, translate: Callable[[str], str] = str) -> str:
        """The sentence as ``translate`` says it; Indonesian without."""
        said = translate(self.said)
        said = said.format(**self.values) if self.values else said
        return f"{self.where}: {said}" if self.where else said


class SettingsProblem(Exception):
    """``kentongan.toml``, a ``KENTONGAN_…`` variable or the key file cannot be used."""

    def __init__(self, *lines: Line) -> None:
        super().__init__("; ".join(line.told() for line in lines))
        self.lines = tuple(line.told() for line in lines)
        self._lines = lines

    def told(self, translate: Callable[[str], str]) -> list[str]:
        """Each sentence in another language."""
        return [line.told(translate) for line in self._lines]
