"""Where the flows of this process work; the demo puts its sandbox and clock here."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from inkbatch.dialer.run import OnPass
from inkbatch.wiring import Workplace


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """The workplace of the environment, unless somebody put up another one."""

    workplace: Workplace = field(default_factory=Workplace)
    on_pass: OnPass | None = None


_current: ContextVar[Surroundings | None] = ContextVar("surroundings", default=None)


def surroundings() -> Surroundings:
    """Return what the flows of this process work with."""
    return _current.get() or Surroundings()


@contextmanager
def within(new: Surroundings) -> Iterator[None]:
    """Let the flows started inside the block work with `new`."""
    token = _current.set(new)
    try:
        yield
    finally:
        _current.reset(token)
