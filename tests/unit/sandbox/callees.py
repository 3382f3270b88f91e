"""Callees whose every second a test knows."""

from datetime import timedelta

from inkbatch.sandbox import Behaviour, Outcome, Population, Script

CALLEE = "+442079460123"


def picks_up(*, outcome=Outcome.ANSWER, ring_seconds=4, talk_seconds=90):
    """Build a population whose callee picks up after a second of dialing and the ring."""
    behaviour = Behaviour(
        outcome=outcome,
        ring=timedelta(seconds=ring_seconds),
        talk=timedelta(seconds=talk_seconds),
    )
    return Population(script=Script(callees={CALLEE: (behaviour,)}))
