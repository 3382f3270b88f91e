from inkbatch.sandbox import Population
from tests.ledger_oracle import breaches
from tests.trial_campaigns import AREAS, FROM_NUMBERS, numbers

LIMITS = {"calls_limit": 25, "minutes_limit": 20}
CALLEES = Population(seed=11, dial_failure_rate=0.08)
SUPPRESSED = 3
RULES = {
    "from_numbers": list(FROM_NUMBERS),
    "calling_window": {
        "weekdays": ["09:00-12:30", "13:30-20:00"],
        "weekends": [],
        "friday": ["10:00-12:00"],
    },
    "attempts": {
        "max": 3,
        "per": [{"attempts": 1, "period": "3h"}, {"attempts": 2, "period": "30h"}],
        "retry": {"no_answer": "4h", "voicemail": "20h", "failed": "2h", "dial_failed": "1h"},
    },
    "pacing": {"calls_at_once": 4, "calls_per_minute": 4},
    "budget": {"predicted_minutes": 1.5, "head_room_minutes": 4.0},
    "suppression_files": ["do_not_call.csv"],
}


def write_list(campaign, *, people=40):
    called = numbers(people, areas=tuple(AREAS))
    rows = [{"Phone": number, "Time zone": AREAS[number[2:5]]} for number in called]
    rows += [rows[0], {"Phone": "12", "Time zone": "America/New_York"}]
    folder = campaign(rows, **RULES)
    never = "\n".join(["Phone", *called[:SUPPRESSED]])
    (folder / "do_not_call.csv").write_text(never, "utf-8")
    return folder


async def test_a_whole_campaign_breaks_no_rule_and_its_counts_add_up(campaign, rehearse, bounded):
    """Every row ends with a reason, and the ledger shows no call that was not allowed."""
    folder = write_list(campaign)
    trial = await rehearse(folder, population=CALLEES, poll_seconds=60, **LIMITS)

    result = await trial.run(on_pass=bounded)

    assert result.wake_at is None
    assert result.problem is None
    assert breaches(trial.sandbox, folder, **LIMITS) == []
    counts = trial.counts()
    assert sum(counts.rows.values()) == 42
    assert counts.rows == {"accepted": 37, "suppressed": 3, "duplicate": 1, "rejected": 1}
    assert sum(counts.contacts.values()) == 37
    assert set(counts.contacts) == {"reached", "exhausted"}
    assert counts.open_attempts == {}
    ledger = trial.sandbox.ledger()
    without_a_record = counts.attempts["dial_failed"]
    assert sum(counts.attempts.values()) == len(ledger) + without_a_record
    assert result.placed == len(ledger) - _kept_failures(trial)
    assert {call.from_number for call in ledger} == set(FROM_NUMBERS)


async def test_the_same_seed_gives_the_same_ledger(campaign, rehearse):
    """Nothing in a run depends on chance or on the machine but the ids of its attempts."""
    folder = write_list(campaign, people=14)
    ledgers = []
    for database in ("one.db", "two.db"):
        trial = await rehearse(
            folder, database=database, population=CALLEES, poll_seconds=60, **LIMITS
        )
        await trial.run()
        ledgers.append([_without_attempt(call) for call in trial.sandbox.ledger()])

    assert ledgers[0] == ledgers[1]
    assert len(ledgers[0]) > SUPPRESSED + 14


def _kept_failures(trial):
    """Return how many calls the sandbox answered with 502 though it has a record of them."""
    return sum(
        call.status == "failed" and call.created_at == call.ended_at
        for call in trial.sandbox.ledger()
    )


def _without_attempt(call):
    return {
        name: getattr(call, name)
        for name in ("from_number", "to_number", "created_at", "ended_at", "status")
    }
