"""Who is called, straight from inkbatch's database, for an agent on the same machine."""

import asyncio

from inkbatch.agent.results import AttemptFacts, CalledContact
from inkbatch.domain.errors import UnknownAttempt
from inkbatch.ports import Store
from inkbatch.settings import load_settings
from inkbatch.wiring import open_known_store


def local_contacts(database_url: str | None = None) -> "LocalContacts":
    """Return a look-up in this database, by default that of INKBATCH_DATABASE_URL.

    Raises SettingsError, and StoreError for a database that cannot be used.
    """
    return LocalContacts(open_known_store(load_settings(database_url=database_url).database_url))


class LocalContacts:
    """Fulfils `Attempts` from an open store; reads in threads, so that calls do not wait."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def attempt(self, attempt_id: str) -> AttemptFacts:
        """Return what is stored of an attempt; raises UnknownAttempt and StoreError."""
        return await asyncio.to_thread(self._attempt, attempt_id)

    def close(self) -> None:
        """Close the database."""
        self._store.close()

    def _attempt(self, attempt_id: str) -> AttemptFacts:
        with self._store.reading() as tx:
            attempt = tx.attempt(attempt_id)
            if attempt is None:
                raise UnknownAttempt(
                    "the database knows no attempt of this id. Is INKBATCH_DATABASE_URL the "
                    "database that the campaign runs with?"
                )
            contact = tx.contact(attempt.contact_id)
            campaign = tx.campaign_by_id(attempt.campaign_id)
        return AttemptFacts(
            attempt_id=attempt.id,
            campaign=campaign.name,
            ordinal=attempt.ordinal,
            state=str(attempt.state),
            contact=CalledContact(
                number=contact.number, zones=contact.zones, fields=dict(contact.fields)
            ),
        )
