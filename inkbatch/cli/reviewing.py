"""`review`: what nobody can tell by itself, for a person to look at, release or close."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from inkbatch.cli.output import moment, print_json, say
from inkbatch.cli.steering import CampaignName, find_campaign, open_store
from inkbatch.dialer.review import (
    CLOSED,
    RELEASED,
    ReviewItem,
    close,
    named_in,
    release,
    review_queue,
)
from inkbatch.domain.errors import UserMistake
from inkbatch.ports import CampaignRecord, Store

SHOWN_MAX = 50
"""So many are shown at once; --json has all."""


class Action(StrEnum):
    """What to do with those in review."""

    LIST = "list"
    RELEASE = "release"
    CLOSE = "close"


def add_commands(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.command()(review)


def review(
    campaign: CampaignName,
    action: Annotated[
        Action, typer.Argument(help="list; release: may be called again; close: is not.")
    ] = Action.LIST,
    ids: Annotated[
        list[str] | None,
        typer.Argument(help="Contact ids, or attempt ids (their beginning is enough)."),
    ] = None,
    *,
    everyone: Annotated[bool, typer.Option("--all", help="All that are in review now.")] = False,
    reached: Annotated[
        bool, typer.Option("--reached", help="close: the person was reached, as you found out.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Why, for whoever looks later.")] = "by hand",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """Show whose phone may have rung without anybody knowing, and decide what follows.

    Such a contact is not called again until a person says so. Look its call up at Inkbox, by
    number and time, before you release it: a released contact is called again, at its hours and
    within its caps. A closed one is not.
    """
    store = open_store()
    try:
        with store.reading() as tx:
            record = find_campaign(tx, campaign)
        items = review_queue(store, record)
        if action is Action.LIST:
            if ids or everyone or reached:
                raise UserMistake("list takes no ids and no --all; say release or close with them.")
            _list(record, items, as_json=as_json)
            return
        chosen = _chosen(record, items, ids=ids or [], everyone=everyone)
        moved = _decide(store, record, action, chosen, reached=reached, reason=reason)
    finally:
        store.close()
    if as_json:
        print_json({"action": action, "contacts": moved})
    else:
        say(_done(record, action, moved))


def _decide(
    store: Store,
    record: CampaignRecord,
    action: Action,
    chosen: Sequence[ReviewItem],
    *,
    reached: bool,
    reason: str,
) -> int:
    now, contact_ids = datetime.now(UTC), [item.contact_id for item in chosen]
    if action is Action.CLOSE:
        why = f"{CLOSED}: {reason}"
        return close(store, record, contact_ids, reached=reached, why=why, now=now)
    if reached:
        raise UserMistake("--reached belongs to close: whoever was reached is not called again.")
    return release(store, record, contact_ids, why=f"{RELEASED}: {reason}", now=now)


def _chosen(
    record: CampaignRecord, items: list[ReviewItem], *, ids: Sequence[str], everyone: bool
) -> list[ReviewItem]:
    """Return whom the command names; raises UserMistake, with nothing changed, for the rest."""
    if everyone == bool(ids):
        raise UserMistake("say whom: ids of contacts or attempts, or --all, and not both.")
    if everyone:
        return items
    chosen, unknown = named_in(items, ids)
    if unknown:
        raise UserMistake(
            f"{', '.join(unknown)} is not in review, or the beginning of several ids. Nothing was "
            f"changed. See who is with: inkbatch review {record.name}"
        )
    return chosen


def _list(record: CampaignRecord, items: Sequence[ReviewItem], *, as_json: bool) -> None:
    if as_json:
        print_json([asdict(item) for item in items])
        return
    if not items:
        say(f"Nobody of {record.name} is in review.")
        return
    for item in items[:SHOWN_MAX]:
        _show(item)
    if len(items) > SHOWN_MAX:
        say(f"... and {len(items) - SHOWN_MAX} more; --json has all.")
    say(f"{len(items)} in review. Decide with: inkbatch review {record.name} release|close ID ...")


def _show(item: ReviewItem) -> None:
    say(f"contact {item.contact_id} (row {item.row_number}) at {item.number}: {item.why}")
    if item.attempt_id is None:
        return
    said = [f"dialed {moment(item.dialed_at)} from {item.from_number}"]
    if item.loss is not None:
        said.append(f"{item.loss.replace('_', ' ')}, looked for {_times(item.looks)}")
    if item.call_id is not None:
        said.append(f"call {item.call_id}")
    said.append(f"given up {moment(item.given_up_at)}")
    say(f"  attempt {item.attempt_id}, try {item.ordinal}: {'; '.join(said)}")
    if item.reason:
        say(f"  {item.reason}")


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _done(record: CampaignRecord, action: Action, moved: int) -> str:
    contacts = f"{moved} contact{'' if moved == 1 else 's'}"
    if action is Action.RELEASE:
        return f"{contacts} of {record.name} may be called again by its next run."
    return f"{contacts} of {record.name} closed: not called again."
