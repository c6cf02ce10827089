"""A share with its base and its range, so that none is shown without them."""

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

Z = 1.959964  # two-sided 95 %
FEWEST = 30  # with fewer texts no comparison is made
FEWEST_TOLD = 5  # of fewer texts counts are told, and no share


class Change(StrEnum):
    """Whether a share differs from an earlier one by more than chance."""

    UP = "up"
    DOWN = "down"
    UNSURE = "unsure"  # may well be chance
    FEW = "few"  # too few texts to say


@dataclass(frozen=True, slots=True)
class Share:
    """``count`` of ``base``; ``low`` and ``high`` are Wilson's 95 % bounds.

    Source: Wilson (1927), J. Am. Stat. Assoc. 22, 209-212.
    """

    count: int
    base: int

    @property
    def enough(self) -> bool:
        """Whether there are texts enough to tell a share at all."""
        return self.base >= FEWEST_TOLD

    @property
    def value(self) -> float:
        return self.count / self.base if self.base else 0.0

    @property
    def low(self) -> float:
        return max(0.0, self._centre - self._half)

    @property
    def high(self) -> float:
        return min(1.0, self._centre + self._half) if self.base else 1.0

    @property
    def _centre(self) -> float:
        if not self.base:
            return 0.0
        return (self.value + Z * Z / (2 * self.base)) / (1 + Z * Z / self.base)

    @property
    def _half(self) -> float:
        if not self.base:
            return 0.0
        n, p = self.base, self.value
        return Z / (1 + Z * Z / n) * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))


def change(before: Share, after: Share) -> Change:
    """Compare two shares by the pooled two-proportion test at 95 %."""
    if before.base < FEWEST or after.base < FEWEST:
        return Change.FEW
    pooled = (before.count + after.count) / (before.base + after.base)
    error = sqrt(pooled * (1 - pooled) * (1 / before.base + 1 / after.base))
    gap = after.value - before.value
    if error == 0 or abs(gap) < Z * error:
        return Change.UNSURE
    return Change.UP if gap > 0 else Change.DOWN
