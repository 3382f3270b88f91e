"""The control: a store that forgets the one rule that matters, so that people are called twice."""

from contextlib import contextmanager
from dataclasses import replace

from inkbatch.domain.attempt import AttemptState
from inkbatch.domain.contact import ContactState


class Forgetful:
    """A store in which whatever a dead process had reserved is planned again, as if unsent."""

    def __init__(self, store):
        self._store = store

    def __getattr__(self, name):
        return getattr(self._store, name)

    @classmethod
    def around(cls, desk):
        """Put it in the place of a desk's store."""
        return replace(desk, store=cls(desk.store))

    @contextmanager
    def transaction(self, **keys):
        """Begin a transaction that takes a lost reply for a request that never left."""
        with self._store.transaction(**keys) as tx:
            yield _Transaction(tx)


class _Transaction:
    def __init__(self, tx):
        self._tx = tx

    def __getattr__(self, name):
        return getattr(self._tx, name)

    def advance_all(self, *_, **__):
        """Let each be advanced by itself."""
        return False

    def advance(self, attempt, *, from_state):
        """Release what became unconfirmed: the bug that every dialer has at first."""
        if attempt.state is not AttemptState.UNCONFIRMED or from_state is not AttemptState.RESERVED:
            return self._tx.advance(attempt, from_state=from_state)
        again = replace(
            attempt, state=AttemptState.PLANNED, reserved_at=None, lost_at=None, loss=None
        )
        moved = self._tx.advance(again, from_state=from_state)
        self._tx.release_budget(attempt.id)
        self._tx.set_contact(
            attempt.contact_id, ContactState.WAITING, until=attempt.lost_at, why="released"
        )
        return moved
