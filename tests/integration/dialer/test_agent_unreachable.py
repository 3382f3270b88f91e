"""People answer and nobody talks to them: the campaign pauses before many more do."""

import json

import httpx
import pytest

from inkbatch.domain.campaign import CampaignState
from tests import faults
from tests.trial_campaigns import attempts_of, callees, numbers

KEPT = {"retry": {"failed": "stop"}}


def without_agent(is_down):
    """Make a fault of reads in which answered calls never got an agent, while it is down."""

    async def look(inner, request):
        answer = await inner.handle_async_request(request)
        told = json.loads(await answer.aread())
        if is_down() and isinstance(told, list):
            told = [each | dict.fromkeys(PIPELINES & each.keys()) for each in told]
        return httpx.Response(answer.status_code, json=told, request=request)

    return look


PIPELINES = {"use_inkbox_tts", "use_inkbox_stt"}
LONG_ENOUGH = {"seed": 5, "talk_sigma": 0}


@pytest.mark.parametrize("outcome", ["answer", "voicemail"])
async def test_people_who_answer_in_vain_pause_the_campaign(campaign, rehearse, bounded, outcome):
    """Three in a row: nobody else is called, the reason names all three, and none is reached."""
    trial = await rehearse(
        campaign(numbers(6), breaker=3, attempts=KEPT),
        reads=faults.always(without_agent(lambda: True)),
        population=callees(outcome, **LONG_ENOUGH),
    )

    result = await trial.run(on_pass=bounded)

    if outcome == "voicemail":  # a machine is hung up on, with or without an agent
        assert result.problem is None
        return
    ended = attempts_of(trial)
    assert trial.record().state is CampaignState.PAUSED
    assert "client_websocket_url" in result.problem
    assert len(trial.sandbox.ledger()) == len(ended) == 3
    assert all(each.id in result.problem for each in ended)
    assert {each.disposition for each in ended} == {"failed"}
    assert all("agent could not be reached" in each.reason for each in ended)


async def test_an_agent_that_is_back_breaks_the_row(campaign, rehearse, bounded):
    """Two in vain, one talked with, two in vain: a breaker of three stays closed."""
    trial = await rehearse(
        campaign(numbers(5), breaker=3, attempts=KEPT), population=callees(**LONG_ENOUGH)
    )
    is_down = lambda: len(trial.sandbox.ledger()) != 3  # noqa: E731 (told where it is used)
    trial.workplace.transport.reads = faults.always(without_agent(is_down))

    result = await trial.run(on_pass=bounded)

    assert result.problem is None
    assert trial.counts().attempts == {"failed": 4, "answered": 1}
