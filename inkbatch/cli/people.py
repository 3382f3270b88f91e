"""`erase` and `purge`: forget one person, or everybody with whom nothing happened for long."""

import re
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from inkbatch.cli.number_options import Number, Region, e164
from inkbatch.cli.output import complain, moment, print_json, say
from inkbatch.cli.steering import open_store
from inkbatch.domain.errors import UserMistake
from inkbatch.domain.phone_number import masked
from inkbatch.ports import Erasure, Purge, Scrubbed

if TYPE_CHECKING:
    from inkbatch.adapters.store import SqlStore

CONTACTS_AT_ONCE = 5_000
NOTHING = "nothing"
HASH_STAYS = "Its hash stays, so that it is not dialed when a list has it again."
HASHES_STAY = (
    "The hashes of all these numbers stay, so that none is dialed when a list has it again."
)

Yes = Annotated[bool, typer.Option("--yes", help="Do it, without a question.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts; asks nothing.")]

OUT_OF_REACH = (
    "call lists, uploads and suppression files: delete the person there too",
    "reports, exports and backups that were made before: delete or make them anew",
    "Inkbox, which keeps its own records of the calls: ask for their deletion there",
    "Prefect and logs, which have no more than masked numbers such as +1•••••••0132",
)
"""Where this program cannot erase anything; a sentence each."""


def add_commands(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.command()(erase)
    app.command()(purge)


def erase(
    number: Number, *, region: Region = None, yes: Yes = False, as_json: AsJson = False
) -> None:
    """Forget one person everywhere in the database, and never dial any number of theirs again.

    A person is whoever has the number, as the first or as another one. What is counted stays:
    rows, attempts, the budget. A keyed hash of each number stays as well, by which it is known
    when a list has it again. While a call to one of them is in progress, the person is erased when
    that ends. `inkbatch suppress remove NUMBER` lets a number be called again.
    """
    wanted, store = e164(number, region), open_store()
    if not yes:
        with store.reading() as tx:
            found = tx.erasable(wanted)
        if as_json:
            print_json({"erased": False, **asdict(found)})
            return
        say(f"The database has of {masked(wanted)}: {_of_one(found)}.")
        _say_who_shares(found)
        if not typer.confirm("Forget all of it? It cannot be undone.", default=False):
            say("Nothing was erased.")
            raise typer.Exit(1)
    with store.transaction() as tx:
        found = tx.erase(wanted, now=datetime.now(UTC))
    scrubbed = Scrubbed() if found.waits_for_call else store.scrub()
    if as_json:
        told = {"erased": not found.waits_for_call, **asdict(found)}
        print_json({**told, "scrubbed": bool(scrubbed), "out_of_reach": OUT_OF_REACH})
    else:
        _say_erased(masked(wanted), found)
    _end(scrubbed)


def purge(
    *,
    older_than: Annotated[
        str, typer.Option("--older-than", help="How long ago all of it must be, such as 90d.")
    ],
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it. Without it nothing is changed, only counted.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """Forget who people were with whom nothing happened for long; counts only, without --yes.

    Of contacts that are over, and rows that became none, go numbers, cells and transcripts, and
    webhooks. Figures stay, and a hash of each number: the campaign does not call it once more when
    its list comes again, and caps still count. The suppression list keeps what holds.
    """
    before, store = datetime.now(UTC) - _age(older_than), open_store()
    with store.reading() as tx:
        found = tx.purgeable(before=before)
    scrubbed = Scrubbed()
    if yes:
        found = replace(found, contacts=_purge(store, before=before))
        scrubbed = store.scrub()
    if as_json:
        told = {"purged": yes, "before": before, **asdict(found)}
        print_json({**told, "scrubbed": yes and bool(scrubbed)})
    elif yes:
        say(f"Forgotten, of before {moment(before)}: {_of_all(found)}. Figures and hashes stay.")
        say(f"Not reached: {OUT_OF_REACH[1]}.")
    else:
        say(f"Would be forgotten, of before {moment(before)}: {_of_all(found)}.")
        say("Nothing was changed. Forget them with --yes; it cannot be undone.")
    _end(scrubbed)


def _purge(store: "SqlStore", *, before: datetime) -> int:
    """Forget in transactions that are short, so that runs can go on; return how many contacts."""
    contacts, some = 0, [0]
    while some:
        with store.transaction() as tx:
            some = tx.purge_contacts(before=before, limit=CONTACTS_AT_ONCE, after=some[-1])
        contacts += len(some)
    with store.transaction() as tx:
        tx.purge_the_rest(before=before)
    return contacts


def _age(text: str) -> timedelta:
    age = re.fullmatch(r"([1-9][0-9]{0,3})d", text.strip())
    if age is None:
        raise UserMistake(f"--older-than {text} is no number of days; give one such as 90d")
    return timedelta(days=int(age[1]))


def _say_erased(number: str, found: Erasure) -> None:
    if found.waits_for_call:
        say(f"A call to {number} is in progress. It is not dialed again, and is erased when that")
        say("call ends: by the run that dials, or by the next one.")
    else:
        there_was = _of_one(found)
        is_unknown = there_was == NOTHING
        say(
            f"The database had nothing of {number}."
            if is_unknown
            else f"Erased of {number}: {there_was}."
        )
        say(HASHES_STAY if found.other_numbers else HASH_STAYS)
    _say_who_shares(found)
    say("Not reached, so look there yourself:")
    for place in OUT_OF_REACH:
        say(f"- {place}")
    if found.call_ids:
        say(f"Calls at Inkbox: {', '.join(found.call_ids)}")


def _say_who_shares(found: Erasure) -> None:
    if found.sharers:
        counted = _counted({"other contact": found.sharers})
        say(f"One of the other numbers is also that of {counted}, kept and not called any more.")
        say("Where that is the same person, erase that number too.")


def _of_one(found: Erasure) -> str:
    counts = {
        "contact": found.contacts,
        "other number of the same person": found.other_numbers,
        "row of lists": found.rows,
        "attempt": found.attempts,
        "call": len(found.call_ids),
        "result with its transcript": found.results,
        "webhook": found.events,
        "cell of others": found.mentions,
        "entry of the suppression list": int(found.was_suppressed),
    }
    return _counted(counts)


def _of_all(found: Purge) -> str:
    counts = {
        "contact": found.contacts,
        "result with its transcript": found.results,
        "row that became no contact": found.rows,
        "webhook": found.events,
        "entry of the suppression list that has ended": found.suppressions,
    }
    return _counted(counts)


def _counted(counts: dict[str, int]) -> str:
    parts = [f"{count} {what if count == 1 else _plural(what)}" for what, count in counts.items()]
    return ", ".join(part for part in parts if not part.startswith("0 ")) or NOTHING


def _plural(what: str) -> str:
    if what.startswith("other "):
        return f"other {_plural(what.removeprefix('other '))}"
    first, _, rest = what.partition(" ")
    plural = "entries" if first == "entry" else f"{first}s"
    return f"{plural} {rest}".strip().replace("its transcript", "their transcripts")


def _end(scrubbed: Scrubbed) -> None:
    if scrubbed.problem is not None:
        complain(scrubbed.problem)
        raise typer.Exit(1)
