"""The scripted agent: one handler for all calls, and one line for each."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from inkbatch.agent.app import Handler
from inkbatch.agent.call import AgentCall
from inkbatch.agent.results import Acknowledgement, CalledContact, Result
from inkbatch.agent.script.loading import Script
from inkbatch.agent.script.talk import HUNG_UP, Outcome, Talk
from inkbatch.domain.agent_url import ATTEMPT_PARAMETER
from inkbatch.domain.errors import InkbatchError, ResultsUnavailable
from inkbatch.domain.phone_number import masked
from inkbatch.domain.result import Effect, Party
from inkbatch.ports import Clock

OPT_OUT_POSTS_MAX = 5
"""So often an opt-out is posted while inkbatch is not there, with all the tries of each time."""

LOOK_UP_SECONDS = 3.0
"""The callee has picked up and hears nothing meanwhile."""

SayLine = Callable[[str], None]


def scripted_handler(script: Script, *, clock: Clock, say_line: SayLine, posts: bool) -> Handler:
    """Return a handler that holds the script's conversation; `posts` is whether it tells inkbatch.

    `say_line` is given one line for each call, with a masked number.
    """

    async def handle(call: AgentCall) -> None:
        began = clock.monotonic()
        contact = await _contact(call)
        post = _Posting(call, posts=posts)
        talk = Talk(call, script, contact=contact, clock=clock, reached=post.reached)
        try:
            await talk.run()
        finally:
            outcome = talk.outcome or HUNG_UP
            posted = await post.end(outcome)
            turns = sum(said.party is Party.REMOTE for said in call.transcript)
            lasted = f"{turns} turns, {clock.monotonic() - began:.0f} s"
            who = masked(contact.number) if contact.number else "unknown number"
            say_line(f"{clock.now():%H:%M:%S} UTC  {who}  {_told(outcome)}  {lasted}  {posted}")

    return handle


class _Posting:
    """Posts an opt-out as soon as it stands, anything else when the talk is over; each once."""

    def __init__(self, call: AgentCall, *, posts: bool) -> None:
        self._call = call
        self._posts = posts and call.attempt_id is not None
        self._early: asyncio.Task[str] | None = None

    def reached(self, outcome: Outcome) -> None:
        if outcome.effect is Effect.DO_NOT_CALL and self._early is None:
            self._early = asyncio.create_task(self._post(outcome))

    async def end(self, outcome: Outcome) -> str:
        """Post what was not, and return what a person may be told of it."""
        return await (self._early or self._post(outcome))

    async def _post(self, outcome: Outcome) -> str:
        if not self._posts:
            return "not posted"
        result = Result(
            result=outcome.result,
            effect=outcome.effect,
            call_back_at=outcome.call_back_at,
            fields=outcome.fields,
            transcript=self._call.transcript,
        )
        posts_max = OPT_OUT_POSTS_MAX if outcome.effect is Effect.DO_NOT_CALL else 1
        try:
            told = await self._persist(result, posts_max=posts_max)
        except InkbatchError as error:
            return f"not posted for attempt {self._call.attempt_id}: {error}"
        return "posted" if told.effective else f"posted, without effect: {told.why or 'no reason'}"

    async def _persist(self, result: Result, *, posts_max: int) -> Acknowledgement:
        """Post it again under the same id while inkbatch is not there; raises the last trouble."""
        for _ in range(posts_max - 1):
            with suppress(ResultsUnavailable):
                return await self._call.post_result(result)
        return await self._call.post_result(result)


async def _contact(call: AgentCall) -> CalledContact:
    """Return whom inkbatch knows by the attempt id; else what the agent's URL says."""
    told = {name: value for name, value in call.query.items() if name != ATTEMPT_PARAMETER}
    try:
        async with asyncio.timeout(LOOK_UP_SECONDS):
            known = await call.contact()
    except (InkbatchError, TimeoutError):
        return CalledContact(number="", fields=told)
    return CalledContact(number=known.number, zones=known.zones, fields={**told, **known.fields})


def _told(outcome: Outcome) -> str:
    words = outcome.result.replace("_", " ")
    if outcome.effect is Effect.CALL_BACK:
        at = outcome.call_back_at
        when = f"{at:%Y-%m-%d %H:%M %Z}" if isinstance(at, datetime) else at
        return f"{words} (at {when})"
    return words if outcome.effect is Effect.NONE else f"{words} ({outcome.effect})"
