"""Campaigns of which the real dialer lives through the end that a forecast told of halfway."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from inkbatch.adapters.forecasting.forecasting import trials_of
from inkbatch.dialer.ahead import campaign_ahead
from inkbatch.dialer.run import pass_once
from inkbatch.dialer.shift import NO_RESERVE
from inkbatch.sandbox import Population
from inkbatch.wiring import load_campaign
from tests.trial_campaigns import AREAS, attempts_of, numbers, write_campaign

HOUR = timedelta(hours=1)
PASSES_MAX = 5_000


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One campaign of a seed: how many people, in which hours, with which budget and callees."""

    seed: int

    def write(self, folder):
        """Write the campaign's folder."""
        chance = random.Random(self.seed)
        opens = chance.choice((9, 11, 14))
        keys = {
            "calling_window": {"weekdays": [f"{opens:02d}:00-20:00"], "weekends": []},
            "attempts": {
                "max": chance.choice((2, 3, 4)),
                "retry": dict.fromkeys(
                    ("no_answer", "voicemail", "rejected", "failed"), chance.choice(("3h", "20h"))
                ),
            },
            "pacing": {"calls_at_once": 2, "calls_per_minute": "unlimited"},
            "budget": {"minutes_max": 4.0},
        }
        people = numbers(chance.randint(12, 24), areas=tuple(AREAS)[: chance.choice((1, 3))])
        rows = [{"Phone": each, "Time zone": AREAS[each[2:5]]} for each in people]
        return write_campaign(folder, rows, **keys)

    @property
    def limits(self):
        """The organisation's limits; now calls bind, now minutes."""
        chance = random.Random(f"limits {self.seed}")
        return {"calls_limit": chance.randint(5, 9), "minutes_limit": chance.choice((9, 100))}

    @property
    def callees(self):
        """People whose odds are alike at every hour, and drawn from the prior for each seed.

        A forecast can only be right four times of five about campaigns such as its prior tells of.
        """
        chance = random.Random(f"callees {self.seed}")
        return Population(
            seed=self.seed,
            answer_odds=(min(chance.betavariate(3, 7), 0.9),) * 24,
            talk_median=timedelta(seconds=chance.uniform(25, 70)),
            talk_on_odds=0.0,
        )


def ahead_of(trial):
    """Return where a rehearsed campaign stands now."""
    campaign = load_campaign(trial.folder)
    with trial.desk.store.reading() as tx:
        return campaign_ahead(
            tx,
            campaign,
            trial.record(),
            reserve=NO_RESERVE,
            poll_every=trial.desk.timing.poll_every,
            now=trial.clock.now(),
        )


def place_among_replays(ahead, finished_at: datetime, *, chance: random.Random) -> float:
    """Return where the true finish lies among those of the replays, from 0 to 1.

    Finishes are lumpy: many replays end in the same hour of the same evening. All are told to the
    nearest hour, since the budget comes back whole days after it was used, and a lump around such
    a moment is one. Among those that tie with the truth its place is drawn (a randomised PIT), so
    that for an honest forecast the places are even, and 80 % of them lie within P10 to P90.
    """
    trials = trials_of(ahead)
    finishes = trials.replayed(ahead).finish
    hours = [round((trials.slots.at(int(slot)) - ahead.at) / HOUR) for slot in finishes]
    truth = round((finished_at - ahead.at) / HOUR)
    below, ties = sum(each < truth for each in hours), sum(each == truth for each in hours)
    return (below + chance.random() * (ties + 1)) / (len(hours) + 1)


async def place_of_truth(trial, *, seed):
    """Dial some calls, forecast, dial the rest; return where the truth lies among the replays.

    None where nobody was left to forecast.
    """
    enough = random.Random(f"look {seed}").randint(4, 14)
    async with trial.shift() as shift:
        for _ in range(PASSES_MAX):
            done = await pass_once(shift)
            if len(attempts_of(trial)) >= enough or done.wake_at is None:
                break
            await trial.clock.sleep_until(done.wake_at)
    ahead = ahead_of(trial)
    if not ahead.contacts:
        return None
    await trial.run()
    finished_at = max(each.ended_at for each in attempts_of(trial))
    return place_among_replays(ahead, finished_at, chance=random.Random(seed))
