"""What agents said attempts came to; kept as it came, in the order it came."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from inkbatch.adapters.store.attempts import ATTEMPT, DIALED_STATES, attempt_from
from inkbatch.adapters.store.statements import AnyRow, Statements
from inkbatch.adapters.store.tables import attempt
from inkbatch.adapters.store.tables import attempt_result as table
from inkbatch.domain.attempt import Attempt
from inkbatch.domain.contact import Contact
from inkbatch.domain.result import Effect, Party, Result, Spoken

TOLD = (
    table.c.result_id,
    table.c.attempt_id,
    table.c.word,
    table.c.effect,
    table.c.posted_at,
    table.c.call_back_at,
    table.c.fields,
    table.c.transcript,
)
OF_CONTACT = (
    select(*TOLD).where(table.c.contact_id == bindparam("of_contact")).order_by(table.c.sequence)
)
ADD = {
    dialect: insert(table).on_conflict_do_nothing()
    for dialect, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}
LATEST_MADE = (
    ATTEMPT.where(
        attempt.c.number.in_(bindparam("of_numbers", expanding=True)),
        attempt.c.contact_id == bindparam("of_contact"),
        attempt.c.state.in_(DIALED_STATES),
    )
    .order_by(attempt.c.reserved_at.desc())
    .limit(1)
)


class Results(Statements):
    """The part of a transaction that knows results."""

    def add_result(self, result: Result, *, attempt: Attempt) -> bool:
        """Keep a result; False, changing nothing, where its attempt has one of this id."""
        values = {
            "attempt_id": attempt.id,
            "contact_id": attempt.contact_id,
            "campaign_id": attempt.campaign_id,
            "result_id": result.id,
            "word": result.word,
            "effect": result.effect,
            "call_back_at": result.call_back_at,
            "fields": dict(result.fields),
            "transcript": [asdict(spoken) for spoken in result.transcript],
            "posted_at": result.posted_at,
        }
        return self._change(ADD[self._dialect], values) == 1

    def results_of(self, contact_id: int) -> list[Result]:
        """Return the results of all attempts of a contact, in the order they came."""
        return _results(self._rows(OF_CONTACT, {"of_contact": contact_id}))

    def latest_attempt(self, contact: Contact) -> Attempt | None:
        """Return the contact's latest attempt that is open or ended; None if it has none."""
        wanted = {"of_numbers": list(contact.all_numbers), "of_contact": contact.id}
        row = self._row(LATEST_MADE, wanted)
        return None if row is None else attempt_from(row)


def _results(rows: Sequence[AnyRow]) -> list[Result]:
    return [_result(row) for row in rows]


def _result(row: AnyRow) -> Result:
    return Result(
        id=row.result_id,
        attempt_id=row.attempt_id,
        word=row.word,
        effect=Effect(row.effect),
        posted_at=row.posted_at,
        call_back_at=row.call_back_at,
        fields=row.fields,
        transcript=tuple(map(_spoken, row.transcript)),
    )


def _spoken(entry: dict[str, Any]) -> Spoken:
    return Spoken(party=Party(entry["party"]), text=entry["text"], ts_ms=entry["ts_ms"])
