"""Our books beside the sandbox's ledger: what must agree whatever happened."""

from collections import Counter

from sqlalchemy import text

from inkbatch.adapters.store import open_store
from tests.ledger_oracle import attempt_id

ATTEMPTS = """
    SELECT attempt.*, contact.number AS contact_number, contact.zones
    FROM attempt JOIN contact ON contact.id = attempt.contact_id
"""


class LedgerLine:
    """A call of the ledger's JSON by attribute, as the oracle reads calls."""

    def __init__(self, call):
        self.__dict__.update(call)


def attempts_in(database_url):
    """Return every attempt with its contact's number and zones."""
    return rows_of(database_url, ATTEMPTS)


def contacts_in(database_url):
    """Return every contact."""
    return rows_of(database_url, "SELECT * FROM contact")


def campaigns_in(database_url):
    """Return the campaigns as they are stored."""
    store = open_store(database_url)
    try:
        with store.reading() as tx:
            return tx.campaigns()
    finally:
        store.close()


def dialed_ids(ledger):
    """Return the attempt id of each call of the ledger."""
    return [attempt_id(LedgerLine(call)) for call in ledger]


def disagreements(ledger, attempts):
    """Return a sentence for each thing on which our books and the ledger differ."""
    ids = Counter(dialed_ids(ledger))
    became_calls = {attempt["id"]: attempt["call_id"] for attempt in attempts if attempt["call_id"]}
    dialed_calls = dict(zip(dialed_ids(ledger), (call["call_id"] for call in ledger), strict=True))
    numbers = {attempt["id"]: attempt["number"] for attempt in attempts}
    return [
        *(f"attempt {id_} was dialed {count} times" for id_, count in ids.items() if count > 1),
        *(f"attempt {id_} was dialed and is not in our books" for id_ in ids.keys() - numbers),
        *(
            f"attempt {call_attempt} was dialed to another number"
            for call_attempt, call in zip(dialed_ids(ledger), ledger, strict=True)
            if numbers.get(call_attempt) != call["to_number"]
        ),
        *(
            f"attempt {id_} has call {became_calls.get(id_)} and the ledger {dialed_calls.get(id_)}"
            for id_ in became_calls.keys() | dialed_calls.keys()
            if became_calls.get(id_) != dialed_calls.get(id_)
        ),
    ]


def miscounts(counts, *, rows, attempts):
    """Return a sentence for each sum of a campaign's counts that does not come out."""
    contacts = sum(counts["contacts"].values())
    accepted = counts["rows"].get("accepted", 0) + counts["rows"].get("repaired", 0)
    counted = sum(counts["attempts"].values()) + sum(counts["open_attempts"].values())
    sums = {
        "rows": (sum(counts["rows"].values()), rows),
        "contacts": (contacts, accepted),
        "attempts": (counted, attempts),
    }
    return [f"{name}: {was}, not {should}" for name, (was, should) in sums.items() if was != should]


def rows_of(database_url, query):
    """Return the rows of a query, each by column name."""
    store = open_store(database_url)
    try:
        with store.engine.connect() as connection:
            return [dict(row) for row in connection.execute(text(query)).mappings()]
    finally:
        store.close()
