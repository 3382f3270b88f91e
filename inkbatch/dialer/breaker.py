"""The circuit breaker: what fails again and again pauses the campaign, and is named.

A few failures in a row say that something is broken which the next call would find broken too: the
list is not burnt on it. Only a person lets the campaign go on.
"""

import logging
from collections.abc import Sequence

from inkbatch.dialer.logbook import note
from inkbatch.dialer.shift import Shift
from inkbatch.domain.attempt import Attempt
from inkbatch.domain.call import Call
from inkbatch.domain.campaign import CampaignState
from inkbatch.ports import CampaignRecord, Transaction

GO_ON = "go on with `inkbatch resume`."
"""How the breaker's reasons end, by which they are told from what a person said."""


def is_tripped(record: CampaignRecord) -> bool:
    """Return whether the breaker paused a campaign, and nobody resumed it yet."""
    is_paused = record.state is CampaignState.PAUSED
    return is_paused and (record.state_reason or "").endswith(GO_ON)


def trip_if_dials_fail(shift: Shift, tx: Transaction) -> None:
    """Pause where as many dials in a row failed as the campaign bears."""
    failed = shift.trouble.failed_attempts
    if len(failed) >= shift.campaign.breaker:
        why = f"{len(failed)} dials failed in a row ({_named(failed)}). Find out why"
        stop_dialing(shift, tx, reason=f"{why}, then {GO_ON}", attempts=failed)


def note_agent(shift: Shift, tx: Transaction, attempt: Attempt, call: Call) -> None:
    """Pause where people answered so many calls in a row and the agent could not be reached."""
    if attempt.campaign_id != shift.record.id or call.agent_reached is None:
        return
    lacking = shift.trouble.agentless_attempts
    if call.agent_reached:
        lacking.clear()
    elif call.lacked_agent:
        lacking.append(attempt.id)
    if len(lacking) >= shift.campaign.breaker:
        stop_dialing(
            shift,
            tx,
            reason=f"{len(lacking)} people in a row answered and the agent could not be reached "
            f"({_named(lacking)}). Start the agent, check client_websocket_url, then {GO_ON}",
            attempts=lacking,
        )


def stop_dialing(
    shift: Shift, tx: Transaction, *, reason: str, attempts: Sequence[str] = ()
) -> None:
    """Dial nobody more, in this shift or a later one, until a person resumes the campaign.

    `attempts` are those in a row that did it.
    """
    shift.trouble.stop_reason = reason
    shift.trouble.tripped_by = tuple(attempts)
    note(shift, "breaker_tripped", level=logging.ERROR)
    if tx.campaign_by_id(shift.record.id).state is CampaignState.ACTIVE:
        now = shift.clock.now()
        tx.set_campaign_state(shift.record.id, CampaignState.PAUSED, reason=reason, now=now)


def _named(attempts: Sequence[str]) -> str:
    return f"attempts {', '.join(attempts)}"
