"""Attempts that one core lives through a second in the simulation, and where its time goes.

A campaign without any fault shows what the dialer, its store and the judge take at least; the
pretend Inkbox alone, asked to place and to list as many calls, what is not theirs.
"""

import asyncio
import time
from dataclasses import replace
from itertools import product

from inkbatch.domain.list_row import Row, RowStatus
from inkbatch.ports import PlaceCall
from inkbatch.sandbox import Exchange, Organisation, PhoneNumber, SandboxOptions
from inkbatch.testing import ExchangeTelephony
from tests.simulation.databases import sqlite_in_memory
from tests.simulation.plan import FROM_NUMBERS, ZONES, draw
from tests.simulation.world import simulate
from tests.unit.sandbox.conftest import VirtualClock

FAULTY = range(40, 60)
WITHOUT = 7
PEOPLE = 500
PAGE = 200


def without_faults():
    """Return the plan of one campaign in which nothing fails and nothing is scarce."""
    plan = draw(WITHOUT)
    people = [f"+1{area}55501{tail:02d}" for area, tail in product(ZONES, range(PEOPLE // 5))]
    rows = tuple(
        Row(ordinal, RowStatus.ACCEPTED, number, (ZONES[number[2:5]],))
        for ordinal, number in enumerate(people, start=2)
    )
    campaign = replace(
        plan.campaigns[0], rows=rows, calls_at_once=100, calls_per_minute=None, shifts_at_once=1
    )
    return replace(
        plan,
        faults=frozenset(),
        campaigns=(campaign,),
        calls_limit=100_000,
        minutes_limit=100_000.0,
        limits_known=True,
    )


def lived(seeds, *, plan=None):
    """Return the attempts of some lives, and the seconds of a core that they took."""
    began, attempts = time.process_time(), 0
    for seed in seeds:
        with sqlite_in_memory() as store:
            attempts += simulate(seed, store, plan=plan).attempts
    return attempts, time.process_time() - began


async def _alone(plan):
    clock = VirtualClock()
    ours = Organisation(
        name="alone",
        api_key="sandbox",
        phone_numbers=tuple(PhoneNumber(number=each) for each in FROM_NUMBERS),
    )
    options = SandboxOptions(
        population=plan.population,
        calls_limit=plan.calls_limit,
        minutes_limit=plan.minutes_limit,
        organisations=(ours,),
    )
    telephony = ExchangeTelephony(Exchange(options, clock=clock), "sandbox", clock=clock)
    own = (await telephony.own_numbers())[0]
    for row in plan.campaigns[0].rows:
        request = PlaceCall(
            from_number=FROM_NUMBERS[0],
            to_number=row.number,
            client_websocket_url="wss://agent.example.com/talk",
            webhook_url=None,
        )
        await telephony.place_call(request)
        clock.advance(seconds=1)
    for offset in range(0, PEOPLE, PAGE):
        await telephony.list_calls(own.id, limit=PAGE, offset=offset)


def test_attempts_a_second_of_a_core():
    """Prints them with faults and without, beside the pretend Inkbox alone."""
    plan = without_faults()
    lived([WITHOUT])  # compiles the statements
    faulty, faulty_seconds = lived(FAULTY)
    whole, whole_seconds = lived([WITHOUT], plan=plan)
    began = time.process_time()
    asyncio.run(_alone(plan))
    alone_seconds = time.process_time() - began
    assert whole >= PEOPLE
    print(
        "\nsimulated attempts a second of a core, SQLite: "
        f"{_told(faulty, faulty_seconds)} with faults (seeds {FAULTY.start} to {FAULTY.stop - 1}), "
        f"{_told(whole, whole_seconds)} without, of {PEOPLE} people with 100 calls at once; "
        "placed and listed by the pretend Inkbox alone "
        f"{_told(PEOPLE, alone_seconds)}"
    )


def _told(attempts, seconds):
    return f"{attempts / seconds:.0f} ({1000 * seconds / attempts:.2f} ms each)"
