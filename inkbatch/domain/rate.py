"""A share of counted cases, with how sure one may be of it."""

from dataclasses import dataclass
from math import sqrt

Z_95 = 1.959963984540054
"""The normal quantile of a two-sided 95 % interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """`hits` of `cases`; every figure is between 0 and 1, or None without a case."""

    hits: int
    cases: int

    def __post_init__(self) -> None:
        if not 0 <= self.hits <= self.cases:
            raise ValueError(f"{self.hits} hits of {self.cases} cases is no share")

    @property
    def share(self) -> float | None:
        """The plain share."""
        return self.hits / self.cases if self.cases else None

    @property
    def low(self) -> float | None:
        """The lower end of the 95 % interval."""
        return max(self._centre - self._reach, 0.0) if self.cases else None

    @property
    def high(self) -> float | None:
        """The upper end of the 95 % interval."""
        return min(self._centre + self._reach, 1.0) if self.cases else None

    # Wilson, E. B. (1927), JASA 22: holds its 95 % for few cases and for shares near 0 and 1.
    @property
    def _centre(self) -> float:
        return (self.hits + Z_95**2 / 2) / (self.cases + Z_95**2)

    @property
    def _reach(self) -> float:
        spread = self.hits * (self.cases - self.hits) / self.cases + Z_95**2 / 4
        return Z_95 * sqrt(spread) / (self.cases + Z_95**2)
