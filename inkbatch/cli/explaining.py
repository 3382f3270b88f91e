"""`why` and `explain`: what holds a campaign back now, and the whole story of one person."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from inkbatch.adapters.clock import RealClock
from inkbatch.cli.number_options import Region, e164
from inkbatch.cli.output import console, moment, print_json, say
from inkbatch.cli.steering import CampaignName, find_campaign, open_store
from inkbatch.dialer.explain import Outlook, Told, outlook, told_of_contact, told_of_number
from inkbatch.dialer.why import Why
from inkbatch.domain.attempt import Attempt
from inkbatch.domain.contact import Contact
from inkbatch.domain.errors import CampaignFileError, StoreError, UserMistake
from inkbatch.domain.moment import at_and_in, how_far
from inkbatch.domain.phone_number import masked
from inkbatch.domain.suppression import Suppression, on_the_list
from inkbatch.ports import Store
from inkbatch.settings import load_settings
from inkbatch.showing import why_now
from inkbatch.wiring import load_campaign

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]


def add_commands(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.command()(why)
    app.command()(explain)


def why(campaign: CampaignName, *, as_json: AsJson = False) -> None:
    """Say why nothing of a campaign is dialing now, or what is.

    One sentence, then every limit in the order in which it would bind, what of the budget comes
    back when, which process dials, and why contacts stand where they stand. Changes nothing.
    """
    store = open_store()
    with store.reading() as tx:
        record = find_campaign(tx, campaign)
    told = why_now(store, record, clock=RealClock(), reserve=load_settings().reserve)
    if as_json:
        print_json(told)
    else:
        _show_why(told)


def _show_why(told: Why) -> None:
    say(f"{told.campaign}: {told.sentence}.")
    limits = Table("limit", "allows now", "again", "because")
    for limit in told.limits:
        calls = "any" if limit.calls is None else f"{limit.calls:,}"
        again = at_and_in(limit.until, now=told.at) if limit.until else ""
        limits.add_row(limit.name, calls, again, limit.why)
    console.print(limits)
    for release in told.releases:
        calls = f"{release.calls} calls" if release.calls != 1 else "1 call"
        when = at_and_in(release.at, now=told.at)
        say(f"Comes back at {when}: {calls}, {release.minutes:.1f} minutes")
    for line in _who_dials(told):
        say(line)
    if told.open_attempts:
        counts = ", ".join(f"{count} {state}" for state, count in told.open_attempts.items())
        say(f"Open attempts: {counts}")
    _show_reasons(told)


def _who_dials(told: Why) -> Iterator[str]:
    for each in told.shifts:
        since = how_far(each.started_at - told.at)
        yield f"Dialed by process {each.pid} on {each.host}, which began {since}."
    if not told.shifts:
        died = "; the last one ended without saying so" if told.died else ""
        yield f"No process holds its dialing lock{died}."


def _show_reasons(told: Why) -> None:
    reasons = Table("contacts", "are", "because")
    for each in told.contacts:
        reasons.add_row(f"{each.contacts:,}", each.state.replace("_", " "), each.why)
    console.print(reasons)
    say(f"{told.waiting:,} contacts wait in all; those never tried have no line above.")


def explain(
    who: Annotated[str, typer.Argument(help="A phone number, or a contact's id such as 17.")],
    *,
    region: Region = None,
    campaign: Annotated[
        str | None, typer.Option(help="Only this campaign, by its name or folder.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tell the whole story of a person: rows, attempts, results, and what holds it back now."""
    store = open_store()
    by_number, number, stories = _stories(store, who, region=region, campaign=campaign)
    explained = [_explained(store, told) for told in stories]
    if as_json:
        print_json([_plain(each, by_number=by_number) for each in explained])
        return
    for each in explained:
        _show(each, by_number=by_number)
    if not explained:
        _show_unknown(store, number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A contact's story and outlook; without the campaign's file, `problem` says why none."""

    told: Told
    outlook: Outlook | None
    problem: str | None


def _stories(
    store: Store, who: str, *, region: str | None, campaign: str | None
) -> tuple[bool, str, list[Told]]:
    """Return the stories asked for, and whether they were asked for by number."""
    text = who.strip()
    with store.reading() as tx:
        only = None if campaign is None else find_campaign(tx, campaign).id
        contact_id = _contact_id(text)
        if contact_id is not None and not region:
            try:
                told = told_of_contact(tx, contact_id)
            except StoreError:
                raise UserMistake(
                    f"there is no contact {text}. Give an id as `inkbatch export` and plan show, "
                    "or a number with plus and country code, or with --region."
                ) from None
            found = [told] if only in (None, told.record.id) else []
            return False, masked(told.contact.number), found
        number = e164(text, region)
        found = told_of_number(tx, number)
        return True, number, [each for each in found if only in (None, each.record.id)]


ID_DIGITS_MAX = 9
"""More digits than that are a number; fewer are one only with a plus or --region."""


def _contact_id(text: str) -> int | None:
    digits = text.removeprefix("#")
    is_id = digits.isascii() and digits.isdigit() and len(digits) <= ID_DIGITS_MAX
    return int(digits) if is_id else None


def _explained(store: Store, told: Told) -> Explained:
    try:
        campaign = load_campaign(Path(told.record.folder))
    except CampaignFileError as error:
        return Explained(told=told, outlook=None, problem=str(error))
    reserve = load_settings().reserve
    ahead = outlook(store, campaign, told, clock=RealClock(), reserve=reserve)
    return Explained(told=told, outlook=ahead, problem=None)


def _show_unknown(store: Store, number: str) -> None:
    say(f"No contact has {number}; no campaign of this database took it from a call list.")
    with store.reading() as tx:
        entry = tx.suppression(number)
    if entry is not None:
        say(_suppression_text(entry))


def _show(explained: Explained, *, by_number: bool) -> None:
    told, contact = explained.told, explained.told.contact
    number = contact.number if by_number else masked(contact.number)
    say(f"{number}, contact {contact.id} of campaign {told.record.name}")
    say(f"  state        {contact.state.replace('_', ' ')}: {contact.why}")
    for row in told.rows:
        remark = f", {row.reason}" if row.reason else ""
        column = f" (column {row.column})" if row.column else ""
        say(
            f"  row          {row.row_number} of {row.file}, {row.status}{remark}{column}, "
            f"taken in {moment(row.enrolled_at)}"
        )
    if contact.numbers:
        say(f"  numbers      {_numbers_text(contact, by_number=by_number)}")
    say(f"  zones        {_zones_text(contact.zones)}")
    say(f"  tries used   {contact.attempts_used}; priority {contact.priority}")
    if contact.expires_at is not None:
        say(f"  deadline     {_both(contact.expires_at, contact.zones)}")
    if told.suppression is not None:
        say(f"  {_suppression_text(told.suppression)}")
    _show_attempts(told)
    for result in told.results:
        back = (
            f", call back {_both(result.call_back_at, contact.zones)}"
            if result.call_back_at
            else ""
        )
        say(f"  result       {result.word} ({result.effect}) at {moment(result.posted_at)}{back}")
    _show_outlook(explained)


def _numbers_text(contact: Contact, *, by_number: bool) -> str:
    return ", ".join(
        (number if by_number else masked(number))
        + (" (called next)" if number == contact.dials else "")
        for number in contact.all_numbers
    )


def _zones_text(zones: tuple[str, ...]) -> str:
    if not zones:
        return "unknown, so it is not called"
    several = "; the calling window must be open in each" if len(zones) > 1 else ""
    return f"{', '.join(zones)}{several}"


def _suppression_text(entry: Suppression) -> str:
    until = "for good" if entry.expires_at is None else f"until {moment(entry.expires_at)}"
    since = moment(entry.added_at)
    return f"suppressed   {on_the_list(entry.reason)}, {until}, since {since}, from {entry.source}"


def _show_attempts(told: Told) -> None:
    if not told.attempts:
        say("  attempts     none")
        return
    table = Table("try", "dialed (UTC)", "there", "came to", "minutes", "call", "ended", "because")
    for attempt in told.attempts:
        table.add_row(*_attempt_cells(attempt, told.contact.zones))
    console.print(table)


def _attempt_cells(attempt: Attempt, zones: tuple[str, ...]) -> tuple[str, ...]:
    dialed = attempt.reserved_at or attempt.created_at
    minutes = "" if attempt.talk_minutes is None else f"{attempt.talk_minutes:.1f}"
    return (
        f"{attempt.ordinal}",
        f"{dialed:%Y-%m-%d %H:%M:%S}",
        local_time(dialed, zones),
        str(attempt.disposition or attempt.state),
        minutes,
        attempt.call_id or "",
        f"{attempt.ended_at:%H:%M:%S}" if attempt.ended_at else "",
        attempt.reason or "",
    )


def _show_outlook(explained: Explained) -> None:
    ahead, zones = explained.outlook, explained.told.contact.zones
    if ahead is None:
        say(f"  what is next cannot be told without the campaign's file: {explained.problem}")
        return
    for each in ahead.obstacles:
        until = "no known end" if each.until is None else at_and_in(each.until, now=ahead.at)
        say(f"  held back    until {until} by {each.rule}: {each.why}")
    if ahead.turn is not None:
        say(f"  turn         {ahead.turn}")
    if ahead.never is not None:
        say(f"  next         never: {ahead.never}")
    elif ahead.next_at is None:
        say(f"  next         no known time: {ahead.binds_last} binds last")
    elif ahead.next_at <= ahead.at:
        say("  next         now: nothing holds it back, and its turn decides")
    else:
        last = f"; {ahead.binds_last} binds last" if ahead.binds_last else ""
        when = at_and_in(ahead.next_at, now=ahead.at)
        say(f"  next         not before {when} ({local_time(ahead.next_at, zones)}){last}")


def _both(at: datetime, zones: tuple[str, ...]) -> str:
    return f"{moment(at)} ({local_time(at, zones)})"


def local_time(at: datetime, zones: tuple[str, ...]) -> str:
    """Return a time on the contact's own clock, the first of its candidate zones."""
    if not zones:
        return "zone unknown"
    return f"{at.astimezone(ZoneInfo(zones[0])):%a %H:%M} {zones[0]}"


def _plain(explained: Explained, *, by_number: bool) -> dict[str, Any]:
    """Return the story as JSON has it; by an id it names nobody."""
    told = explained.told
    contact = told.contact
    if not by_number:
        contact = _nameless(contact)
    attempts = [
        _attempt_plain(each, told.contact.zones, by_number=by_number) for each in told.attempts
    ]
    suppression = told.suppression
    if suppression is not None and not by_number:
        suppression = replace(suppression, number=masked(suppression.number))
    return {
        "campaign": told.record.name,
        "campaign_state": told.record.state,
        "contact": asdict(contact),
        "rows": told.rows,
        "suppression": suppression and asdict(suppression),
        "attempts": attempts,
        "results": told.results,
        "outlook": explained.outlook,
        "problem": explained.problem,
    }


def _nameless(contact: Contact) -> Contact:
    return replace(
        contact,
        number=masked(contact.number),
        called_number=contact.called_number and masked(contact.called_number),
        numbers=tuple(replace(each, number=masked(each.number)) for each in contact.numbers),
        fields={},
    )


def _attempt_plain(attempt: Attempt, zones: tuple[str, ...], *, by_number: bool) -> dict[str, Any]:
    dialed = attempt.reserved_at or attempt.created_at
    number = attempt.number if by_number else masked(attempt.number)
    return {**asdict(attempt), "number": number, "dialed_there": local_time(dialed, zones)}
