"""Talks of text where time is skipped: over at once, yet told with the time they would take."""

import asyncio
import re
import sys
from datetime import timedelta
from uuid import UUID

import pytest

from inkbatch.sandbox import Dialogue, Line, Outcome

WORD = 0.4
"""Seconds a word takes at 150 a minute."""


def hearing(pattern, say="", **line):
    """Build a line that answers what it hears."""
    return Line(hears=re.compile(pattern, re.IGNORECASE), say=say, **line)


def talks(*lines):
    """Build a dialogue that begins with a hello of one word."""
    return Dialogue(lines=(Line(say="Hello?"), *lines))


async def remind(agent, message):
    """Ask when somebody says hello, thank and hang up when they answer."""
    if message["event"] == "transcript" and message["is_final"]:
        if "ello" in message["text"]:
            await agent.say("Will you come to your appointment tomorrow?")
        else:
            await agent.say("Thank you, see you then.")
            await agent.send(event="stop")


async def say_nothing(_agent, _message):
    """Listen only."""


async def test_a_talk_takes_the_time_of_its_words(start_agent, open_still_line):
    """The call lasts as long as its words at 150 a minute, and ends as the agent hung up."""
    agent, url = await start_agent(remind)
    line = await open_still_line(talks(hearing("appointment", "Yes, I will come.")))
    call_id = await line.place(url)
    await line.pass_time(minutes=9)
    call = await line.call(call_id)
    assert await line.said(call_id) == [
        "remote: Hello?",
        "local: Will you come to your appointment tomorrow?",
        "remote: Yes, I will come.",
        "local: Thank you, see you then.",
    ]
    assert (call["status"], call["hangup_reason"]) == ("completed", "local")
    assert (await line.ends.next()).talk == timedelta(seconds=17 * WORD + 0.4)
    assert agent.events("stop") == [{"event": "stop", "reason": "local"}]


async def test_the_transcript_has_the_form_of_webhooks(start_agent, open_still_line):
    """Each turn tells its party, its text, and the milliseconds from the answer to it."""
    _, url = await start_agent(remind)
    line = await open_still_line(talks(hearing("appointment", "Yes.")))
    call_id = await line.place(url)
    await line.pass_time(minutes=9)
    turns = line.sandbox.transcript(UUID(call_id))
    assert turns[:2] == (
        {"party": "remote", "text": "Hello?", "ts_ms": 0},
        {"party": "local", "text": "Will you come to your appointment tomorrow?", "ts_ms": 400},
    )
    assert list(turns) == (await line.transcript(call_id))["entries"]


async def test_the_same_talk_is_the_same_every_time(start_agent, open_still_line):
    """What was said, and the microsecond at which, does not depend on the machine's speed."""
    told = []
    for _ in range(3):
        _, url = await start_agent(remind)
        line = await open_still_line()
        call_id = await line.place(url)
        await line.pass_time(minutes=9)
        told.append(((await line.transcript(call_id)), (await line.ends.next()).talk))
    assert told[0] == told[1] == told[2]
    assert len(told[0][0]["entries"]) > 2


async def test_an_agent_may_think_before_it_speaks(start_agent, open_still_line):
    """Time stands still for an agent that has something else to do before it answers."""

    async def think(agent, message):
        if message["event"] == "transcript" and message["is_final"]:
            thought = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
            await thought.wait()
            await agent.say("Good morning.")
            await agent.send(event="stop")

    _, url = await start_agent(think)
    line = await open_still_line(
        talks(Line(after_silence=timedelta(seconds=3), hangs_up=True)),
        media={"agent_patience": timedelta(minutes=1)},
    )
    call_id = await line.place(url)
    await line.pass_time(minutes=9)
    assert await line.said(call_id) == ["remote: Hello?", "local: Good morning."]


async def test_the_talk_of_a_call_cuts_its_minutes(start_agent, open_still_line):
    """A call might last ten minutes; only what was talked counts against the limit."""
    _, url = await start_agent(remind)
    line = await open_still_line(talks(hearing("appointment", "Yes, I will come.")))
    await line.place(url)
    await line.pass_time(minutes=9)
    body = {"from_number": "+14155550100", "to_number": "+442079460199"}
    usage = (await line.client.post("/place-call", json=body)).json()["rate_limit"]
    assert usage["minutes_used"] == pytest.approx((17 * WORD + 0.4) / 60)


async def test_transcripts_come_in_part_and_whole(start_agent, open_still_line):
    """Parts of a turn come before the whole, under the same turn_id; turns have their own."""
    agent, url = await start_agent(remind)
    line = await open_still_line(talks(hearing("appointment", "Yes, I will be there at nine.")))
    await line.place(url)
    await line.pass_time(minutes=9)
    assert [
        (told["text"], told["is_final"], told["turn_id"]) for told in agent.events("transcript")
    ] == [
        ("Hello?", True, "turn-1"),
        ("Yes,", False, "turn-2"),
        ("Yes, I will be", False, "turn-2"),
        ("Yes, I will be there at nine.", True, "turn-2"),
    ]


async def test_a_callee_can_speak_into_the_agents_words(start_agent, open_still_line):
    """Barging in stops the speech at the word it has come to; the rest is said to nobody."""

    async def read_out(agent, message):
        if message["event"] == "start":
            await agent.say("This is a very long text about the weather of tomorrow and more")

    agent, url = await start_agent(read_out)
    line = await open_still_line(
        talks(hearing("long text", "Stop it, please.", interrupts=True, hangs_up=True))
    )
    call_id = await line.place(url)
    await line.pass_time(minutes=9)
    assert agent.events("barge_in") == [
        {
            "event": "barge_in",
            "trigger": "speech",
            "text": "Stop",
            "tts_interrupted": True,
            "turn_id": "turn-2",
        }
    ]
    assert await line.said(call_id) == [
        "remote: Hello?",
        "local: This is a very long text about",
        "remote: Stop it, please.",
    ]
    assert (await line.call(call_id))["hangup_reason"] == "remote"


async def test_a_callee_hangs_up_on_an_agent_that_says_nothing(start_agent, open_still_line):
    """Silence has its own lines, of which the last hangs up: the call ends as remote."""
    agent, url = await start_agent(say_nothing)
    patience = {"agent_patience": timedelta(milliseconds=20)}
    line = await open_still_line(
        talks(
            Line(after_silence=timedelta(seconds=5), say="Anybody there?"),
            Line(after_silence=timedelta(seconds=6), hangs_up=True),
        ),
        media=patience,
    )
    call_id = await line.place(url)
    await line.pass_time(minutes=9)
    assert await line.said(call_id) == ["remote: Hello?", "remote: Anybody there?"]
    assert (await line.call(call_id))["hangup_reason"] == "remote"
    assert (await line.ends.next()).talk == timedelta(seconds=3 * WORD + 5 + 6)
    assert agent.events("stop") == [{"event": "stop", "reason": "remote"}]


async def test_a_talk_that_nobody_ends_lasts_until_the_maximum(start_agent, open_still_line):
    """An agent that never stops is cut off at the maximum duration, and told so."""
    _, url = await start_agent(say_nothing)
    patience = {"agent_patience": timedelta(milliseconds=20)}
    line = await open_still_line(Dialogue(lines=(Line(say="Hello?"),)), media=patience)
    call_id = await line.place(url)
    await line.pass_time(minutes=11)
    assert (await line.call(call_id))["hangup_reason"] == "max_duration"
    assert (await line.ends.next()).talk == timedelta(minutes=10)


async def hang_up_on_anybody(agent, message):
    """Stop as soon as something was heard."""
    if message["event"] == "transcript" and message["is_final"]:
        await agent.send(event="stop")


async def test_a_voicemail_is_one_whoever_hangs_up(start_agent, open_still_line):
    """A machine that the agent hung up on is no conversation, and no campaign counts it as one."""
    _, url = await start_agent(hang_up_on_anybody)
    line = await open_still_line(outcome=Outcome.VOICEMAIL)
    call_id = await line.place(url)
    await line.pass_time(minutes=9)
    assert (await line.call(call_id))["hangup_reason"] == "voicemail"


async def test_a_voicemail_speaks_to_the_agent(start_agent, open_still_line):
    """An answering machine says its greeting and ends the call itself, as voicemail."""
    agent, url = await start_agent(say_nothing)
    patience = {"agent_patience": timedelta(milliseconds=20)}
    line = await open_still_line(outcome=Outcome.VOICEMAIL, media=patience)
    call_id = await line.place(url)
    await line.pass_time(minutes=9)
    assert "leave a message" in (await line.said(call_id))[0]
    assert (await line.call(call_id))["hangup_reason"] == "voicemail"
    assert agent.events("stop") == [{"event": "stop", "reason": "voicemail"}]


async def test_a_scripted_length_ends_the_talk(start_agent, open_still_line):
    """A callee whose script gives a length of talk hangs up then, in the middle of a word."""
    _, url = await start_agent(remind)
    line = await open_still_line(
        talks(hearing("appointment", "Yes, I will come.")), talk=timedelta(seconds=2)
    )
    call_id = await line.place(url)
    await line.pass_time(minutes=9)
    assert (await line.said(call_id))[1] == "local: Will you come to"
    assert (await line.call(call_id))["hangup_reason"] == "remote"
    assert (await line.ends.next()).talk == timedelta(seconds=2)


async def say_good_bye_and_leave(agent, message):
    """Speak, hang up, and close the socket without waiting to be told that it is over."""
    if message["event"] == "transcript" and message["is_final"]:
        await agent.say("We will see you tomorrow then, good-bye.")
        await agent.send(event="stop")
        await agent.socket.close()


@pytest.mark.parametrize("running", [False, True])
async def test_an_agent_that_hangs_up_and_leaves_has_hung_up(
    start_agent, open_still_line, open_line, running
):
    """Its last words are heard out and the call ends with them, whether its socket lasts or not."""
    _, url = await start_agent(say_good_bye_and_leave)
    line = await (open_line(talks(), durations=0.1) if running else open_still_line(talks()))
    call_id = await line.place(url)
    if not running:
        await line.pass_time(minutes=9)
    ended = await line.ends.next()
    assert ended.hangup_reason == "local"
    assert await line.said(call_id) == [
        "remote: Hello?",
        "local: We will see you tomorrow then, good-bye.",
    ]
    assert (await line.transcript(call_id))["stream"] == "ended"


async def test_an_agent_that_drops_its_socket_leaves_the_call_going_on(
    start_agent, open_still_line
):
    """A dropped socket ends the talk, not the call: the callee hangs up in its own time."""

    async def vanish(agent, message):
        if message["event"] == "transcript":
            await agent.socket.close()

    _, url = await start_agent(vanish)
    line = await open_still_line()
    call_id = await line.place(url)
    await line.pass_time(minutes=9)
    assert (await line.transcript(call_id))["stream"] == "dropped"
    assert (await line.call(call_id))["hangup_reason"] == "remote"
    assert (await line.ends.next()).talk >= timedelta(seconds=10)


async def test_an_agent_of_audio_is_not_hurried(start_agent, open_still_line):
    """Where time is skipped an agent that wants audio is told start and stop, and why is shown."""
    agent, url = await start_agent(say_nothing, headers={})
    line = await open_still_line()
    call_id = await line.place(url)
    await line.pass_time(minutes=9)
    assert [message["event"] for message in agent.heard] == ["start", "stop"]
    assert (await line.transcript(call_id))["stream"] == "skipped"
    call = await line.call(call_id)
    assert (call["use_inkbox_tts"], call["use_inkbox_stt"]) == (False, False)


async def test_only_so_many_calls_are_talked_as_are_asked_for(start_agent, open_still_line):
    """The first that somebody answers; the agent hears of no other, which goes as by its seed."""
    agent, url = await start_agent(remind)
    line = await open_still_line(
        talks(hearing("appointment", "Yes.")), talk=timedelta(seconds=90), media={"calls_max": 2}
    )
    lasted = []
    for _ in range(4):
        call_id = await line.place(url)
        await line.pass_time(minutes=9)
        turns = (await line.transcript(call_id)).get("entries", ())
        lasted.append((len(turns), (await line.ends.next()).talk))
    assert [turns for turns, _ in lasted[:2]] == [4, 4]
    assert all(talk < timedelta(seconds=20) for _, talk in lasted[:2])
    assert lasted[2:] == [(0, timedelta(seconds=90))] * 2
    assert len(agent.handshakes) == 2


async def test_who_does_not_answer_uses_up_none_of_the_talks(start_agent, open_still_line):
    """A voicemail is no talk, where so many talks are asked for."""
    agent, url = await start_agent(remind)
    line = await open_still_line(outcome=Outcome.VOICEMAIL, media={"calls_max": 1})
    await line.place(url)
    await line.pass_time(minutes=9)
    assert (await line.ends.next()).hangup_reason == "voicemail"
    assert agent.handshakes == []
    for last_digits in range(20):  # somebody among them answers
        await line.place(url, to_number=f"+4420794602{last_digits:02}")
        await line.pass_time(minutes=9)
    assert len(agent.handshakes) == 1
