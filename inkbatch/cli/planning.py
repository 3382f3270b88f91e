"""`plan`: who would be called next, in order, without calling anybody."""

import asyncio
from typing import Annotated, Any

import typer
from rich.table import Table

from inkbatch.adapters.clock import RealClock
from inkbatch.cli.explaining import AsJson, local_time
from inkbatch.cli.output import console, print_json, say
from inkbatch.cli.steering import CampaignName, find_campaign
from inkbatch.dialer.preview import PlannedCall, Preview
from inkbatch.domain.campaign import CampaignState
from inkbatch.domain.errors import UserMistake
from inkbatch.domain.moment import at_and_in, on_the_clock
from inkbatch.domain.phone_number import masked
from inkbatch.settings import load_settings
from inkbatch.showing import foresee
from inkbatch.wiring import Workplace

LIMIT_MAX = 1000


def add_commands(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.command()(plan)


def plan(
    campaign: CampaignName,
    *,
    limit: Annotated[
        int,
        typer.Option(
            min=1, max=LIMIT_MAX, help="How many calls to show at most; a night has about 100."
        ),
    ] = 25,
    as_json: AsJson = False,
) -> None:
    """List who would be called within 24 hours, in order and with the time, dialing nobody.

    The dialer works on a copy in memory, where each call is answered and lasts the predicted
    minutes: exact up to the first call that goes otherwise, and a good guess after it.
    """
    workplace = Workplace(settings=load_settings())
    store = workplace.open_store()
    with store.reading() as tx:
        record = find_campaign(tx, campaign)
    if record.state is CampaignState.CANCELED:
        raise UserMistake(f"campaign {record.name} was canceled, so nobody is called any more.")
    timing = workplace.timing()
    foreseen = asyncio.run(
        foresee(
            store,
            record,
            clock=RealClock(),
            timing=timing,
            limit=limit,
            reserve=workplace.settings.reserve,
        )
    )
    if as_json:
        print_json(_plain(record.name, foreseen))
    else:
        _show(record.name, foreseen)


def _show(name: str, foreseen: Preview) -> None:
    calls = Table("", "leaves", "there", "contact", "number", "row", "try", "from")
    for place, call in enumerate(foreseen.calls, 1):
        calls.add_row(
            f"{place}",
            on_the_clock(call.at, now=foreseen.at),
            local_time(call.at, call.contact.zones),
            f"{call.contact.id}",
            masked(call.contact.dials),
            f"{call.contact.row_number}",
            f"{call.ordinal}",
            masked(call.from_number),
        )
    if foreseen.calls:
        console.print(calls)
    count = len(foreseen.calls)
    say(f"{name}: {count} call{'' if count == 1 else 's'} within 24 hours; then {_then(foreseen)}.")
    say(f"Supposing that {'; '.join(foreseen.assumes)}. Nobody was called and nothing changed.")


def _then(foreseen: Preview) -> str:
    if foreseen.then_at is None:
        return foreseen.then
    return f"on at {at_and_in(foreseen.then_at, now=foreseen.at)}: {foreseen.then}"


def _plain(name: str, foreseen: Preview) -> dict[str, Any]:
    return {
        "campaign": name,
        "at": foreseen.at,
        "minutes_a_call": foreseen.minutes_a_call,
        "assumes": foreseen.assumes,
        "then": foreseen.then,
        "then_at": foreseen.then_at,
        "calls": [_call_plain(call) for call in foreseen.calls],
    }


def _call_plain(call: PlannedCall) -> dict[str, Any]:
    return {
        "at": call.at,
        "there": local_time(call.at, call.contact.zones),
        "contact_id": call.contact.id,
        "number": masked(call.contact.dials),
        "row_number": call.contact.row_number,
        "ordinal": call.ordinal,
        "from_number": call.from_number,
    }
