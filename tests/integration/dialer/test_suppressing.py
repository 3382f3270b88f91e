"""The suppression list is asked at the moment of dialing, whatever it said at the import."""

from datetime import UTC, datetime, timedelta

import pytest

from inkbatch.dialer.shift import place_together
from inkbatch.domain.suppression import Suppression
from tests.trial_campaigns import callees, contacts_of, numbers, scripted

HER, HIM = numbers(2)
BEFORE_DAWN = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
"""Four in the morning in New York."""

OPENS_AT = BEFORE_DAWN + timedelta(hours=5)
DAYTIME = {"weekdays": ["09:00-17:00"]}


@pytest.fixture
def opt_out():
    """Let somebody be put on the list after the first pass, as another process would."""

    def on_first_pass(trial, number, *, also, expires_at=None):
        def note(result):
            if not also:
                entry = Suppression(
                    number=number,
                    reason="opted out",
                    source="by hand",
                    added_at=trial.clock.now(),
                    expires_at=expires_at,
                )
                with trial.desk.store.transaction() as tx:
                    tx.suppress([entry])
            also(result)

        return note

    return on_first_pass


def dialed(trial):
    return [call.to_number for call in trial.sandbox.ledger()]


async def test_who_opts_out_after_the_import_is_not_called(campaign, rehearse, bounded, opt_out):
    """She was enrolled before dawn and put on the list while everybody waited for the morning."""
    trial = await rehearse(
        campaign([HER, HIM], calling_window=DAYTIME),
        start=BEFORE_DAWN,
        population=callees(seed=5),
    )

    await trial.run(on_pass=opt_out(trial, HER, also=bounded))

    assert dialed(trial) == [HIM]
    hers, his = contacts_of(trial)
    assert (hers.state, hers.why) == ("suppressed", "on the suppression list: opted out")
    assert his.state == "reached"
    assert trial.counts().rows == {"accepted": 2}


async def test_who_opts_out_between_two_tries_is_not_called_again(
    campaign, rehearse, bounded, opt_out
):
    """The first call was not answered; the retry that waits is given up with the reason."""
    trial = await rehearse(
        campaign([HER], attempts={"max": 3, "retry": {"no_answer": "4h"}}),
        population=scripted({HER: ["no_answer"]}, seed=5),
    )

    await trial.run(on_pass=opt_out(trial, HER, also=bounded))

    assert dialed(trial) == [HER]
    (contact,) = contacts_of(trial)
    assert (contact.state, contact.attempts_used) == ("suppressed", 1)


async def test_a_suppression_that_is_over_by_the_dial_keeps_nobody_away(
    campaign, rehearse, bounded, opt_out
):
    """Its last moment is the moment before the window opens: she is called in the morning."""
    trial = await rehearse(
        campaign([HER], calling_window=DAYTIME), start=BEFORE_DAWN, population=callees(seed=5)
    )

    await trial.run(on_pass=opt_out(trial, HER, also=bounded, expires_at=OPENS_AT))

    assert dialed(trial) == [HER]
    assert contacts_of(trial)[0].state == "reached"


async def test_a_suppression_that_lasts_beyond_the_dial_holds_to_its_end(
    campaign, rehearse, bounded, opt_out
):
    """She waits until the list lets her go, an hour into the window, and is called then."""
    trial = await rehearse(
        campaign([HER], calling_window=DAYTIME), start=BEFORE_DAWN, population=callees(seed=5)
    )
    expires_at, waits = OPENS_AT + timedelta(hours=1), set()

    put_on_the_list = opt_out(trial, HER, also=bounded, expires_at=expires_at)

    def watch(result):
        put_on_the_list(result)
        (contact,) = contacts_of(trial)
        waits.add((contact.state, contact.waits_until, contact.why))

    await trial.run(on_pass=watch)

    assert ("waiting", expires_at, "on the suppression list: opted out") in waits
    (call,) = trial.sandbox.ledger()
    assert (call.to_number, call.created_at >= expires_at) == (HER, True)
    assert contacts_of(trial)[0].state == "reached"


async def test_a_suppression_beyond_the_contact_s_deadline_gives_it_up(
    campaign, rehearse, bounded, opt_out
):
    """Where the list lets her go too late to call her, nobody waits for it."""
    trial = await rehearse(
        campaign([{"Phone": HER, "Deadline": "2026-11-02"}], calling_window=DAYTIME),
        start=BEFORE_DAWN,
        population=callees(seed=5),
    )
    expires_at = OPENS_AT + timedelta(days=3)

    await trial.run(on_pass=opt_out(trial, HER, also=bounded, expires_at=expires_at))

    assert dialed(trial) == []
    assert contacts_of(trial)[0].state == "suppressed"


async def test_who_opts_out_while_the_batch_is_on_its_way_is_not_called(
    campaign, rehearse, bounded
):
    """Her attempt is reserved, and the list is asked once more right before the request leaves."""

    async def placing(attempts, place_one):
        if any(attempt.number == HER for attempt in attempts):
            entry = Suppression(
                number=HER, reason="opted out", source="by hand", added_at=trial.clock.now()
            )
            with trial.desk.store.transaction() as tx:
                tx.suppress([entry])
        await place_together(attempts, place_one)

    trial = await rehearse(campaign([HIM, HER]), population=callees(seed=5), placing=placing)

    await trial.run(on_pass=bounded)

    assert dialed(trial) == [HIM]
    assert {contact.state for contact in contacts_of(trial)} == {"reached", "suppressed"}
