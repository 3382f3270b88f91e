"""Talks that take time, by a running clock: voices in frames of 20 ms, and calls cut by anybody."""

import asyncio
import base64
import json
import re
import wave
from datetime import timedelta

import numpy as np
import pytest

from inkbatch.sandbox import Dialogue, Line, Outcome

NEITHER = {"X-Use-Inkbox-Text-To-Speech": "false", "X-Use-Inkbox-Speech-To-Text": "false"}
SPEECH_ONLY = {"X-Use-Inkbox-Text-To-Speech": "true"}
EARS_ONLY = {"X-Use-Inkbox-Speech-To-Text": "true"}
SILENCE = b"\xff"
VOICE = bytes(range(16, 112)) * 10


def hangs_up_at(seconds, *lines):
    """Build a dialogue that is over after so many seconds."""
    return Dialogue(lines=(*lines, Line(at=timedelta(seconds=seconds), hangs_up=True)))


def audio_of(agent):
    """Return all PCMU that an agent was sent."""
    return b"".join(base64.b64decode(m["media"]["payload"]) for m in agent.events("media"))


async def send_voice(agent, pcmu):
    """Send PCMU in one message."""
    await agent.send(event="media", media={"payload": base64.b64encode(pcmu).decode()})


async def listen(_agent, _message):
    """Say nothing."""


def recorded(folder, call_id):
    """Return the samples of the recording of a call."""
    with wave.open(str(folder / f"{call_id}.wav")) as recording:
        assert recording.getframerate() == 8000
        return np.frombuffer(recording.readframes(recording.getnframes()), "<i2")


async def test_a_callee_plays_a_recording(start_agent, open_line):
    """What an agent hears is the recording to the byte, in frames of 20 ms, then silence."""
    agent, url = await start_agent(listen, headers=NEITHER)
    line = await open_line(hangs_up_at(0.3, Line(recording=VOICE)))
    call_id = await line.place(url)
    assert (await line.ends.next()).hangup_reason == "remote"
    await agent.hung_up.wait()
    payloads = [base64.b64decode(m["media"]["payload"]) for m in agent.events("media")]
    heard = b"".join(payloads)
    assert {len(payload) for payload in payloads} == {160}
    assert VOICE in heard
    assert set(heard.replace(VOICE, b"")) == set(SILENCE)
    assert agent.events("stop") == [{"event": "stop", "reason": "remote"}]
    assert (await line.transcript(call_id))["frames_sent"] == len(payloads)


async def test_frames_come_as_fast_as_people_speak(start_agent, open_line):
    """A call of half a second has 25 frames, however they are bundled: time does not drift."""
    agent, url = await start_agent(listen, headers=NEITHER)
    line = await open_line(hangs_up_at(0.5))
    await line.place(url)
    talked = (await line.ends.next()).talk
    await agent.hung_up.wait()
    assert len(agent.events("media")) <= talked / timedelta(milliseconds=20) + 1
    assert len(agent.events("media")) >= 25


async def test_what_the_agent_says_is_recorded(start_agent, open_line, tmp_path):
    """Audio sent at once is heard one after the other, and kept as WAV with nothing lost."""

    async def speak(agent, message):
        if message["event"] == "start":
            await send_voice(agent, VOICE)
            await send_voice(agent, VOICE)
            await agent.send(event="audio_done")
            await agent.send(event="stop")

    agent, url = await start_agent(speak, headers=NEITHER)
    line = await open_line(Dialogue(), media={"recordings": tmp_path})
    call_id = await line.place(url)
    ended = await line.ends.next()
    await agent.hung_up.wait()
    samples = recorded(tmp_path, call_id)
    assert len(samples) == pytest.approx(2 * len(VOICE), abs=160)
    assert np.abs(samples).max() > 1000
    assert ended.hangup_reason == "local"
    assert ended.talk >= timedelta(seconds=2 * len(VOICE) / 8000)


async def test_clear_drops_what_nobody_has_heard_yet(start_agent, open_line, tmp_path):
    """Twelve seconds of audio that are cleared at once are not waited for, nor recorded."""

    async def ramble(agent, message):
        if message["event"] == "start":
            await send_voice(agent, VOICE * 100)
            await agent.send(event="audio_done")
            await agent.send(event="clear")
            await agent.send(event="stop")

    agent, url = await start_agent(ramble, headers=NEITHER)
    line = await open_line(Dialogue(), media={"recordings": tmp_path})
    call_id = await line.place(url)
    assert (await line.ends.next()).talk < timedelta(seconds=12)
    await agent.hung_up.wait()
    written = tmp_path / f"{call_id}.wav"
    assert not written.exists() or len(recorded(tmp_path, call_id)) < 12 * 8000


async def test_a_callee_answers_the_end_of_a_turn_of_audio(start_agent, open_line):
    """audio_done ends the agent's turn, and its own transcript tells the callee what was said."""

    async def ask(agent, message):
        if message["event"] == "start":
            await send_voice(agent, VOICE)
            await agent.send(event="audio_done")
            await agent.send(event="transcript", party="local", text="Is it you?", is_final=True)

    agent, url = await start_agent(ask, headers=NEITHER)
    yes = Line(hears=re.compile("is it you", re.IGNORECASE), recording=VOICE, hangs_up=True)
    line = await open_line(Dialogue(lines=(yes,)))
    call_id = await line.place(url)
    assert (await line.ends.next()).hangup_reason == "remote"
    await agent.hung_up.wait()
    assert VOICE in audio_of(agent)
    assert await line.said(call_id) == ["local: Is it you?"]


async def test_inkbox_may_speak_while_the_agent_listens_itself(start_agent, open_line):
    """With text-to-speech alone the agent sends text and is sent audio, no transcripts."""

    async def ask(agent, message):
        if message["event"] == "start":
            await agent.say("Hi?")

    agent, url = await start_agent(ask, headers=SPEECH_ONLY)
    line = await open_line(
        Dialogue(lines=(Line(hears=re.compile("Hi"), recording=VOICE, hangs_up=True),)),
        media={"words_per_minute": 1500},
    )
    call_id = await line.place(url)
    await line.ends.next()
    await agent.hung_up.wait()
    assert VOICE in audio_of(agent)
    assert not agent.events("transcript")
    assert await line.said(call_id) == ["local: Hi?"]


async def test_inkbox_may_listen_while_the_agent_speaks_itself(start_agent, open_line):
    """With speech-to-text alone the agent is sent transcripts and sends audio, which it hears."""

    async def reply(agent, message):
        if message["event"] == "transcript" and message["is_final"]:
            await send_voice(agent, VOICE)
            await agent.send(event="audio_done")
            await agent.send(event="stop")

    agent, url = await start_agent(reply, headers=EARS_ONLY)
    line = await open_line(
        Dialogue(lines=(Line(say="Hello, hello?"),)), media={"words_per_minute": 1500}
    )
    call_id = await line.place(url)
    assert (await line.ends.next()).hangup_reason == "local"
    await agent.hung_up.wait()
    assert not agent.events("media")
    assert await line.said(call_id) == ["remote: Hello, hello?"]


async def test_speech_is_hurried_as_calls_are(start_agent, open_line):
    """With calls a hundred times as short a talk of 100 words takes a hundredth, too."""
    agent, url = await start_agent(listen)
    line = await open_line(
        Dialogue(lines=(Line(say="word " * 100, hangs_up=True),)), durations=0.01
    )
    call_id = await line.place(url)
    ended = await line.ends.next()
    await agent.hung_up.wait()
    assert ended.hangup_reason == "remote"
    assert ended.talk >= timedelta(seconds=0.4)
    assert (await line.said(call_id))[0].count("word") == 100


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [(Outcome.VOICEMAIL, "voicemail"), (Outcome.TALK_ON, "max_duration")],
)
async def test_a_call_that_ends_by_itself_stops_the_stream(start_agent, open_line, outcome, reason):
    """The agent is told stop with the reason that the call shows."""
    agent, url = await start_agent(listen)
    line = await open_line(Dialogue(), outcome=outcome, durations=0.001)
    await line.place(url)
    assert (await line.ends.next()).hangup_reason == reason
    await agent.hung_up.wait()
    assert agent.events("stop") == [{"event": "stop", "reason": reason}]


async def test_a_call_hung_up_by_the_api_stops_the_stream(start_agent, open_line):
    """Hanging up over REST reaches the agent as stop."""
    started = asyncio.Event()

    async def wait(_agent, _message):
        started.set()

    agent, url = await start_agent(wait)
    line = await open_line(Dialogue())
    call_id = await line.place(url)
    await started.wait()
    await line.client.post(f"/calls/{call_id}/hangup")
    reason = (await line.ends.next()).hangup_reason
    await agent.hung_up.wait()
    assert agent.events("stop") == [{"event": "stop", "reason": reason}]


async def test_a_sandbox_that_ends_drops_its_streams(start_agent, open_line, stack):
    """Nothing is left open behind a sandbox that is shut down in the middle of a talk."""
    started = asyncio.Event()

    async def wait(_agent, _message):
        started.set()

    agent, url = await start_agent(wait, headers=NEITHER)
    line = await open_line(Dialogue())
    await line.place(url)
    await started.wait()
    await stack.aclose()
    await agent.hung_up.wait()
    assert agent.socket.state.name == "CLOSED"


@pytest.mark.parametrize(
    "messages",
    [
        ["{", "[]", "null", '"text"', "{}", '{"event": 7}', "[" * 5000],
        ['{"event": "text"}', '{"event": "text", "delta": 5}', '{"event": "media"}'],
        ['{"event": "media", "media": {"payload": "!!"}}', '{"event": "dance"}', b"\x00\xff"],
    ],
)
async def test_garbage_is_ignored_and_counted(start_agent, open_line, messages):
    """What means nothing changes nothing: the same talk goes on, and the count is shown."""

    async def babble(agent, message):
        if message["event"] == "start":
            for garbage in messages:
                await agent.socket.send(garbage)
            await agent.say("Goodbye.")
            await agent.send(event="stop")

    agent, url = await start_agent(babble)
    line = await open_line(Dialogue(), durations=0.01, max_duration=timedelta(hours=2))
    call_id = await line.place(url)
    assert (await line.ends.next()).hangup_reason == "local"
    await agent.hung_up.wait()
    assert await line.said(call_id) == ["local: Goodbye."]
    assert (await line.transcript(call_id))["messages_ignored"] == len(messages)


async def send_too_much(agent):
    """Send one message that is too large."""
    await agent.socket.send(json.dumps({"event": "text", "delta": "x" * 300_000}))


async def send_too_often(agent):
    """Send far more messages than anybody can say."""
    for _ in range(15_000):
        await agent.socket.send('{"event": "clear"}')


async def drop(agent):
    """Close the socket without a word."""
    agent.socket.transport.abort()


@pytest.mark.parametrize("misbehave", [send_too_much, send_too_often, drop])
async def test_an_agent_that_misbehaves_loses_its_stream_not_the_call(
    start_agent, open_line, misbehave
):
    """The socket is closed, the call goes on, and the callee hangs up by itself."""

    async def react(agent, message):
        if message["event"] == "start":
            await misbehave(agent)

    agent, url = await start_agent(react)
    line = await open_line(
        Dialogue(), durations=0.01, talk_sigma=0.0, max_duration=timedelta(hours=2)
    )
    call_id = await line.place(url)
    ended = await line.ends.next()
    await agent.hung_up.wait()
    assert (ended.status, ended.hangup_reason) == ("completed", "remote")
    assert (await line.transcript(call_id))["stream"] == "dropped"


async def test_one_stream_does_not_wait_for_another(start_agent, open_line):
    """An agent that is stuck holds up no other call."""
    never = asyncio.Event()

    async def get_stuck(_agent, _message):
        await never.wait()

    async def leave(agent, message):
        if message["event"] == "start":
            await agent.send(event="stop")

    _, stuck = await start_agent(get_stuck, headers=NEITHER)
    _, quick = await start_agent(leave)
    line = await open_line(Dialogue())
    await line.place(stuck)
    quick_id = await line.place(quick)
    assert str((await line.ends.next()).call_id) == quick_id
    never.set()
