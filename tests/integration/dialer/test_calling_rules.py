"""Cool-downs, states, other hours and expiry, as the dialer keeps them over days."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from tests.ledger_oracle import by_number
from tests.trial_campaigns import callees, contacts_of, numbers, scripted

HER, HIM, THIRD = numbers(3)
NEW_YORK = ZoneInfo("America/New_York")
EVENING = datetime(2026, 11, 3, 1, 30, tzinfo=UTC)
"""Half past eight in New York, on Monday, 2 November."""


async def test_a_talk_keeps_every_campaign_away_for_its_cool_down(campaign, rehearse, bounded):
    """A campaign without any such rule waits too, until exactly seven days after the hang-up."""
    first = campaign([HER], name="debts", rules=["us-reg-f"])
    trial = await rehearse(first, population=callees(seed=5))
    await trial.run(on_pass=bounded)
    (talk,) = trial.sandbox.ledger()
    other = await rehearse(
        campaign([HER, HIM], name="other"), start=trial.clock.now(), population=callees(seed=5)
    )

    await other.run(on_pass=bounded)

    calls = by_number(other.sandbox.ledger())
    assert len(calls[HIM]) == 1
    (again,) = calls[HER]
    assert again.created_at - talk.ended_at == timedelta(days=7)


async def test_a_campaign_looks_back_at_talks_of_campaigns_without_the_rule(
    campaign, rehearse, bounded
):
    """What it promises counts from the talk, whoever had it."""
    trial = await rehearse(campaign([HER], name="other"), population=callees(seed=5))
    await trial.run(on_pass=bounded)
    (talk,) = trial.sandbox.ledger()
    debts = await rehearse(
        campaign([HER], name="debts", cool_down={"answered": "50h"}),
        start=trial.clock.now(),
        population=callees(seed=5),
    )

    await debts.run(on_pass=bounded)

    (again,) = debts.sandbox.ledger()
    assert again.created_at - talk.ended_at == timedelta(hours=50)


async def test_a_state_rule_holds_for_its_people_and_for_the_unknown(campaign, rehearse, bounded):
    """At half past eight in the evening who lives in New York is called, and no one in Florida."""
    rows = [
        {"Phone": HER, "State": "New York"},
        {"Phone": HIM, "State": "FL"},
        {"Phone": THIRD, "State": ""},
    ]
    folder = campaign(rows, rules=["us-federal", "us-florida"], state_column="state")
    trial = await rehearse(folder, start=EVENING, population=callees(seed=5))

    await trial.run(on_pass=bounded)

    hours = {
        number: calls[0].created_at.astimezone(NEW_YORK).hour
        for number, calls in by_number(trial.sandbox.ledger()).items()
    }
    assert hours == {HER: 20, HIM: 8, THIRD: 8}


async def test_without_a_state_column_a_state_rule_holds_for_everybody(campaign, rehearse, bounded):
    """Where nobody tells who lives there, everybody may."""
    trial = await rehearse(
        campaign([HER], rules=["us-florida"]), start=EVENING, population=callees(seed=5)
    )

    await trial.run(on_pass=bounded)

    (call,) = trial.sandbox.ledger()
    assert call.created_at.astimezone(NEW_YORK).strftime("%d %H:%M") == "03 08:00"


async def test_nobody_is_called_on_a_public_holiday(campaign, rehearse, bounded):
    """Thanksgiving is shut for a contact in New York, and not for one in London."""
    london = "+442079460100"
    folder = campaign(
        [HER, london],
        calling_window={
            "weekdays": ["09:00-20:00"],
            "weekends": ["09:00-20:00"],
            "holidays": "contact",
        },
    )
    start = datetime(2026, 11, 26, 15, 0, tzinfo=UTC)
    trial = await rehearse(folder, start=start, population=callees(seed=5))

    await trial.run(on_pass=bounded)

    days = {call.to_number: call.created_at.day for call in trial.sandbox.ledger()}
    assert days == {HER: 27, london: 26}


async def test_the_next_try_falls_in_another_part_of_the_day(campaign, rehearse, bounded):
    """Morning, then the afternoon, then the evening, then any: each at least 20 hours apart."""
    retry = {"no_answer": {"after": "20h", "other_hour": True}}
    folder = campaign(
        [HER],
        calling_window={"weekdays": ["09:00-20:00"], "weekends": ["09:00-20:00"]},
        attempts={"max": 4, "retry": retry},
    )
    trial = await rehearse(folder, population=callees("no_answer"))

    await trial.run(on_pass=bounded)

    calls = [call.created_at.astimezone(NEW_YORK) for call in trial.sandbox.ledger()]
    assert [call.hour for call in calls] == [10, 12, 17, 13]
    assert all(later - earlier >= timedelta(hours=20) for earlier, later in pairwise(calls))


async def test_who_is_not_reached_in_time_is_expired_with_the_reason(campaign, rehearse, bounded):
    """The retry would come after the last day: the contact is given up when its call ends."""
    folder = campaign(
        [HER, HIM],
        expires="2026-11-03",
        attempts={"max": 9, "retry": {"no_answer": "20h"}},
    )
    trial = await rehearse(folder, population=scripted({HER: ["no_answer"] * 9}))

    await trial.run(on_pass=bounded)

    her, him = contacts_of(trial)
    assert him.state == "reached"
    assert her.state == "expired"
    assert "calls nobody after 2026-11-03" in her.why
    assert len(by_number(trial.sandbox.ledger())[HER]) == 2


async def test_contacts_that_were_never_tried_expire_too(campaign, rehearse, bounded):
    """So long after its import a contact is given up, even where the hours never came."""
    folder = campaign([HER], expires="10h", calling_window={"saturday": ["09:00-20:00"]})
    trial = await rehearse(folder, population=callees(seed=5))

    await trial.run(on_pass=bounded)

    (her,) = contacts_of(trial)
    assert her.state == "expired"
    assert not trial.sandbox.ledger()


async def test_nobody_waits_for_hours_after_the_campaigns_end(campaign, rehearse, bounded):
    """At the end of its last day, at midnight where she lives, the run gives her up and ends."""
    hours = {"saturday": ["09:00-20:00"]}
    folder = campaign([HER], expires="2026-11-04", calling_window=hours)
    trial = await rehearse(folder, population=callees(seed=5))

    await trial.run(on_pass=bounded)

    (her,) = contacts_of(trial)
    assert (her.state, her.why) == ("expired", "the campaign calls nobody after 2026-11-04")
    assert trial.clock.now() == datetime(2026, 11, 5, tzinfo=NEW_YORK)
