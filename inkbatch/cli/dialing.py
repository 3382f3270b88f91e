"""`run`: dial a campaign in the foreground."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from inkbatch.cli.forecasting import forecast_sentence
from inkbatch.cli.output import complain, moment, print_json, say, warn
from inkbatch.cli.progress import Progress
from inkbatch.cli.reading import batches_shown, say_what_was_read
from inkbatch.cli.rules import say_rules
from inkbatch.cli.summary import show_summary
from inkbatch.dialer.night_watch import NightWatch, Tell
from inkbatch.dialer.plan import Plan, plan
from inkbatch.dialer.run import PassResult, ShiftResult, run_shift
from inkbatch.dialer.shift import Desk, begin_shift
from inkbatch.domain.campaign import CampaignState
from inkbatch.domain.contact import count_left
from inkbatch.domain.errors import UserMistake
from inkbatch.ports import CampaignCounts, CampaignRecord
from inkbatch.settings import load_service_settings
from inkbatch.showing import forecast_now
from inkbatch.wiring import Ready, Workplace

RELEASES = (
    "INKBATCH_RELEASE_UNFOUND is set: whose dial was never answered for is called again once the "
    "call list has had no such call for INKBATCH_QUIET_SECONDS. Whose call Inkbox lists later than "
    "that is called twice."
)


def add_commands(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.command()(run)


def run(
    folder: Annotated[Path, typer.Argument(help="The campaign's folder.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before dialing.")] = False,
    wait: Annotated[
        bool,
        typer.Option(help="Wait for later hours and budget; --no-wait ends when nothing is due."),
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """Dial a campaign: enroll its call list, then call whoever may be called.

    The key is read from INKBATCH_API_KEY. Ctrl-C stops before the next dial, within ten seconds;
    the same command goes on where it stopped, and calls nobody twice.
    """
    watch = None if as_json else batches_shown
    workplace = Workplace(settings=load_service_settings(), watch=watch)
    if workplace.settings.release_unfound:
        warn(RELEASES)
    ask = not yes and not workplace.settings.is_loopback
    if ask and as_json:
        raise UserMistake("--json leaves nobody to be asked; add --yes to dial without asking.")
    try:
        dialed = asyncio.run(dial(workplace, folder, ask=ask, wait=wait, quiet=as_json))
    except KeyboardInterrupt:
        complain("stopped before anything was dialed.")
        raise typer.Exit(1) from None
    except asyncio.CancelledError:
        complain(
            f"stopped: Inkbox did not answer within {DRAIN_SECONDS} s. What was under way is on "
            f"disk and is looked up, not dialed again, by: inkbatch run {folder}"
        )
        raise typer.Exit(1) from None
    if as_json:
        print_json({"result": dialed.result, "counts": dialed.counts})
    else:
        show_summary(dialed.counts)
        _say_what_next(dialed, folder)
    if dialed.result.problem is not None:
        complain(dialed.result.problem)
        raise typer.Exit(1)


@dataclass(frozen=True, kw_only=True)
class Dialed:
    """What a shift did, and where it left the campaign."""

    result: ShiftResult
    record: CampaignRecord
    counts: CampaignCounts

    @property
    def contacts_left(self) -> int:
        """People who are still to be called or in a call."""
        return count_left(self.counts.contacts)


async def dial(workplace: Workplace, folder: Path, *, ask: bool, wait: bool, quiet: bool) -> Dialed:
    """Enroll a campaign and work one shift at it; with `ask` only after a person said yes."""
    with ExitStack() as hearing:
        async with workplace.desk() as desk:
            ready = await workplace.prepare(desk, folder)
            if ask:
                say_what_was_read(ready.enrolment.call_list)
                _ask(desk, ready)
            async with workplace.notices(ready.campaign, folder) as tell:
                watched = _Watched(tell=tell, quiet=quiet, asked=ask, hearing=hearing)
                linger = None if wait else workplace.settings.linger
                result = await _work_a_shift(desk, ready, linger=linger, watched=watched)
            with desk.store.reading() as tx:
                return Dialed(
                    result=result,
                    record=tx.campaign_by_id(ready.record.id),
                    counts=tx.counts(ready.record.id, now=desk.clock.now()),
                )


@dataclass(frozen=True, kw_only=True)
class _Watched:
    """Who is told of a shift; `hearing` stops it by signals, until all of it is told."""

    tell: Tell
    quiet: bool
    asked: bool
    hearing: ExitStack


async def _work_a_shift(
    desk: Desk, ready: Ready, *, linger: timedelta | None, watched: _Watched
) -> ShiftResult:
    with (
        begin_shift(
            desk,
            campaign=ready.campaign,
            record=ready.record,
            own_numbers=ready.own_numbers,
        ) as shift,
        Progress(
            desk.store,
            campaign=ready.record.name,
            organisation=ready.record.organisation,
            quiet=watched.quiet,
        ) as progress,
    ):
        watch = NightWatch(shift, watched.tell)

        def after_pass(result: PassResult) -> None:
            progress.update(result)
            watch.after_pass(result)

        if not (watched.asked or watched.quiet):
            say_what_was_read(ready.enrolment.call_list)
        watched.hearing.enter_context(stopped_by_signals(shift.stopping))
        return await run_shift(shift, linger=linger, on_pass=after_pass)


DRAIN_SECONDS = 8
"""So long after Ctrl-C or SIGTERM requests under way may be answered; systems kill after ten."""


@contextmanager
def stopped_by_signals(stopping: asyncio.Event) -> Iterator[None]:
    """Stop before the next dial; what Inkbox does not answer in time the next run looks up.

    A signal is heard at once, not in the next turn of the loop: a pass that waits for the database
    would go on to dial before that.
    """
    loop, dialing = asyncio.get_running_loop(), asyncio.current_task()

    def drain() -> None:
        if dialing is not None:
            loop.call_later(DRAIN_SECONDS, dialing.cancel)

    def stop(*_: object) -> None:
        if not stopping.is_set():
            loop.call_soon_threadsafe(drain)
        stopping.set()

    kept = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


def _ask(desk: Desk, ready: Ready) -> None:
    with desk.store.reading() as tx:
        planned = plan(tx, ready.campaign, ready.record, reserve=desk.reserve, now=desk.clock.now())
    show_plan(planned, ready)
    told = forecast_now(
        desk.store, ready.record, clock=desk.clock, reserve=desk.reserve, what_ifs=False
    )
    say(f"  forecast  {forecast_sentence(told)}")
    try:
        with _interruptible():
            agreed = typer.confirm("Dial these people now?", default=False)
    except typer.Abort:
        raise UserMistake(
            "nobody answered the question, so nothing was dialed. Where nobody can, add --yes."
        ) from None
    if not agreed:
        say("Nothing was dialed.")
        raise typer.Exit(1)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let Ctrl-C end a question at once: asyncio keeps it for the next turn of its loop."""
    kept = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, kept)


def show_plan(planned: Plan, ready: Ready) -> None:
    """Say whom a run will call, from where, when, and with how much budget."""
    waiting = planned.counts.contacts.get("due", 0) + planned.counts.contacts.get("waiting", 0)
    say(f"Campaign {ready.campaign.name}: {waiting} contacts to call.")
    say(f"  from      {', '.join(planned.from_numbers)}")
    say_rules(ready.campaign)
    say(
        f"  budget    {planned.left.calls} calls and {planned.left.minutes:.1f} minutes left now "
        f"of {planned.limits.calls} and {planned.limits.minutes:g} in 24 hours"
    )
    say(f"  first     {moment(planned.opens_at)}")


def _say_what_next(dialed: Dialed, folder: Path) -> None:
    result, record = dialed.result, dialed.record
    if result.problem is not None:
        return
    if not dialed.contacts_left or record.state is CampaignState.CANCELED:
        say(f"Done: {result.why}.")
    elif record.state is CampaignState.PAUSED:
        say(f"Stopped: {result.why}.")
        say(f"Go on with: inkbatch resume {record.name} && inkbatch run {folder}")
    elif result.wake_at is None:
        say(f"Stopped: {result.why}.")
        say(f"Go on with: inkbatch run {folder}")
    else:
        say(f"Until {moment(result.wake_at)}: {result.why}.")
        say(f"Go on then, or at any time, with: inkbatch run {folder}")
