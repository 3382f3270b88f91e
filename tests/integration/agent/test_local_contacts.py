"""Who is called, from the database of the campaign that placed the call."""

import sqlite3
from datetime import UTC, datetime

import pytest

from inkbatch.agent import LocalContacts, local_contacts
from inkbatch.domain.agent_url import attempt_id_in
from inkbatch.domain.errors import StoreError, UnknownAttempt, UserMistake
from inkbatch.sandbox import SandboxOptions
from inkbatch.testing import rehearsal
from tests.trial_campaigns import callees, write_campaign

MONDAY = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
PEOPLE = [
    {"First name": "Dagny", "Phone": "+12125550101"},
    {"First name": "Ragnar", "Phone": "+13125550102"},
]


async def test_the_attempt_in_the_agents_url_tells_who_is_called(tmp_path):
    """For each call that was dialed, its own contact with the columns of the call list."""
    folder = write_campaign(tmp_path / "trial", PEOPLE)
    options = SandboxOptions(population=callees())
    database = tmp_path / "trial.db"
    async with rehearsal(folder, start=MONDAY, database=database, sandbox_options=options) as trial:
        await trial.run()
        ledger = trial.sandbox.ledger()
    contacts = local_contacts(f"sqlite:///{database}")
    told = {}
    for call in ledger:
        facts = await contacts.attempt(attempt_id_in(call.client_websocket_url))
        assert (facts.campaign, facts.ordinal, facts.state) == ("trial", 1, "ended")
        assert facts.contact.number == call.to_number
        told[facts.contact.fields["first_name"]] = facts.contact.zones
    assert told == {"Dagny": ("America/New_York",), "Ragnar": ("America/Chicago",)}
    contacts.close()


async def test_an_attempt_of_another_database_is_unknown(store):
    """In both databases; the message says where to look."""
    with pytest.raises(UnknownAttempt, match="INKBATCH_DATABASE_URL"):
        await LocalContacts(store).attempt("a9")


def test_no_database_is_made_where_there_is_none(tmp_path):
    """An agent started in the wrong folder says so."""
    path = tmp_path / "inkbatch.db"
    with pytest.raises(UserMistake, match="there is no database file"):
        local_contacts(f"sqlite:///{path}")
    assert not path.exists()


def test_a_database_of_something_else_is_refused(tmp_path):
    """Nothing is upgraded by looking."""
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE pets (name TEXT)")
    with pytest.raises(StoreError):
        local_contacts(f"sqlite:///{path}")
