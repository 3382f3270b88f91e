"""Calls in every pipeline, with a plain WebSocket client as Inkbox."""

import asyncio
import base64
import json
import logging
from contextlib import AsyncExitStack

import pytest
from fastapi import FastAPI

from inkbatch.agent import (
    AudioReceived,
    Heard,
    Interrupted,
    Limits,
    Party,
    Pipeline,
    ResultsClient,
    Started,
    Stopped,
    agent_app,
)
from inkbatch.domain.errors import PipelineMismatch, SettingsError, UnknownAttempt
from tests.as_inkbox import (
    START,
    connect,
    handshake,
    hear,
    receive,
    refusal,
    rest,
    send,
    served,
    sound,
    spoken,
)

FRAME = bytes(range(160))
STOP = {"event": "stop"}
DONE = {"event": "text", "done": True}


class Recorder:
    """A handler that notes every event and what became of the call, and does `then` on each."""

    def __init__(self, then=None):
        self.events, self.calls, self.told = [], [], asyncio.Queue()
        self.begun = asyncio.Event()
        self._then = then

    async def __call__(self, call):
        """Note one call to its end."""
        self.calls.append(call)
        async for event in call.events():
            self.events.append(event)
            self.begun.set()
            if self._then is not None:
                await self._then(call, event)
        self.told.put_nowait(call.transcript)


async def echo(call, event):
    """Say again what is heard."""
    match event:
        case Started():
            await call.say("Hello!")
        case Heard(text=text, is_final=True):
            await call.say(f"You said {text}")


async def test_a_talk_in_text_goes_both_ways_and_ends_with_what_inkbox_says(serve):
    """Every event arrives as a typed value in order, and the transcript has both sides."""
    handler = Recorder(echo)
    port = await serve(handler)
    async with connect(port) as socket:
        await send(socket, **START)
        assert await spoken(socket) == "Hello!"
        await hear(socket, "ye", is_final=False)
        await hear(socket, "yes")
        assert await spoken(socket) == "You said yes"
        await send(socket, event="stop", reason="caller_hang_up")
        transcript = await handler.told.get()
        assert await rest(socket) == []
        assert socket.close_code == 1000
    assert handler.events == [
        Started(stream_id="s1", call_control_id="c1"),
        Heard(text="ye", is_final=False, turn_id="t1"),
        Heard(text="yes", is_final=True, turn_id="t1"),
        Stopped(reason="caller_hang_up"),
    ]
    assert [(said.party, said.text) for said in transcript] == [
        (Party.LOCAL, "Hello!"),
        (Party.REMOTE, "yes"),
        (Party.LOCAL, "You said yes"),
    ]
    assert sorted(said.ts_ms for said in transcript) == [said.ts_ms for said in transcript]


@pytest.mark.parametrize(
    ("pipeline", "tts", "stt"),
    [
        (Pipeline.TEXT, "true", "true"),
        (Pipeline.AUDIO, "false", "false"),
        (Pipeline.HEARS_TEXT, "false", "true"),
        (Pipeline.SPEAKS_TEXT, "true", "false"),
    ],
)
async def test_the_pipeline_is_negotiated_in_the_answer(serve, pipeline, tts, stt):
    """Inkbox reads from the response headers who hears and who speaks."""
    port = await serve(Recorder(), pipeline=pipeline)
    async with connect(port) as socket:
        assert socket.response.headers["X-Use-Inkbox-Text-To-Speech"] == tts
        assert socket.response.headers["X-Use-Inkbox-Speech-To-Text"] == stt


async def test_pieces_of_a_model_are_sent_as_they_come(serve):
    """The callee hears the first words while the model still thinks of the last."""
    go_on = asyncio.Event()

    async def words():
        yield "One, "
        await go_on.wait()
        yield ""
        yield "two."

    async def talk(call):
        assert await call.say(words())

    port = await serve(talk)
    async with connect(port) as socket:
        assert await receive(socket) == {"event": "text", "delta": "One, "}
        go_on.set()
        assert await rest(socket) == [{"event": "text", "delta": "two."}, DONE, STOP]


async def test_barge_in_stops_the_model_at_once(serve):
    """The rest is not asked for, the utterance is closed, and the next one begins anew."""
    closed, said = asyncio.Event(), []

    async def endless():
        try:
            while True:
                yield "and "
                await asyncio.Event().wait()
        finally:
            closed.set()

    async def talk(call):
        async for event in call.events():
            match event:
                case Started():
                    said.append(await call.say(endless()))
                case Interrupted():
                    said.append(event)
                    await call.say("Yes?")

    port = await serve(talk)
    async with connect(port) as socket:
        await send(socket, **START)
        assert await receive(socket) == {"event": "text", "delta": "and "}
        await send(
            socket, event="barge_in", trigger="caller_speech", text="wait", tts_interrupted=True
        )
        assert await receive(socket) == DONE
        assert await spoken(socket) == "Yes?"
    assert said == [
        False,
        Interrupted(text="wait", trigger="caller_speech", tts_interrupted=True),
    ]
    assert closed.is_set()


async def test_clear_stops_what_is_said_and_what_waits_to_be(serve):
    """Also from another task than the one that speaks."""
    results = []

    async def endless():
        yield "and "
        await asyncio.Event().wait()

    async def talk(call):
        first = asyncio.create_task(call.say(endless()))
        await asyncio.sleep(0)
        second = asyncio.create_task(call.say("never heard"))
        async for event in call.events():
            if isinstance(event, Heard):
                await call.clear()
                results.extend([await first, await second])
                await call.hang_up()

    port = await serve(talk)
    async with connect(port) as socket:
        assert await receive(socket) == {"event": "text", "delta": "and "}
        await hear(socket, "stop")
        frames = await rest(socket)
    assert results == [False, False]
    assert {"event": "text", "delta": "never heard"} not in frames
    assert sorted(frame["event"] for frame in frames) == ["clear", "stop", "text"]


async def test_a_stop_ends_what_is_being_said(serve):
    """A handler that speaks goes on at once when the callee has hung up."""
    results = []

    async def endless():
        yield "and "
        await asyncio.Event().wait()

    async def talk(call):
        results.extend([await call.say(endless()), await call.say("more"), call.has_ended])

    port = await serve(talk)
    async with connect(port) as socket:
        await receive(socket)
        await send(socket, event="stop", reason="remote")
        assert await rest(socket) == []
    assert results == [False, False, True]


async def test_two_speakers_take_turns(serve):
    """Deltas of two utterances are never mixed."""

    async def slowly(word):
        for _ in range(3):
            yield word
            await asyncio.sleep(0)

    async def talk(call):
        await asyncio.gather(call.say(slowly("a")), call.say("x"), call.say(slowly("b")))

    port = await serve(talk)
    async with connect(port) as socket:
        assert sorted([await spoken(socket) for _ in range(3)]) == ["aaa", "bbb", "x"]


async def test_audio_is_played_in_frames_of_20_ms(serve):
    """160 bytes each, the last filled up with silence, `audio_done` behind it."""
    handler = Recorder()
    sent = b"\x01" * 400

    async def play(call):
        assert await call.play(sent, text="beep")
        assert call.transcript[0].text == "beep"
        await handler(call)

    port = await serve(play, pipeline=Pipeline.AUDIO)
    async with connect(port) as socket:
        frames = [await receive(socket) for _ in range(4)]
        await sound(socket, FRAME)
        await send(socket, event="stop")
        await handler.told.get()
    payloads = [base64.b64decode(frame["media"]["payload"]) for frame in frames[:-1]]
    assert [len(payload) for payload in payloads] == [160] * 3
    assert b"".join(payloads) == sent + b"\xff" * 80
    assert frames[-1] == {"event": "audio_done"}
    assert handler.events == [AudioReceived(pcmu=FRAME), Stopped()]


async def test_a_stream_of_sound_is_cut_into_frames(serve):
    """Whatever pieces a speech synthesiser yields."""

    async def pieces():
        for size in (1, 159, 200, 40):
            yield b"\x05" * size

    async def talk(call):
        await call.play(pieces())

    port = await serve(talk, pipeline=Pipeline.AUDIO)
    async with connect(port) as socket:
        frames = await rest(socket)
    payloads = [base64.b64decode(each["media"]["payload"]) for each in frames if "media" in each]
    assert [len(payload) for payload in payloads] == [160, 160, 160]
    assert frames[-2:] == [{"event": "audio_done"}, STOP]


@pytest.mark.parametrize("how", ["barge_in", "clear"])
async def test_sound_that_is_interrupted_is_cleared_at_inkbox_too(serve, how):
    """It has been sent frames that nobody wants to hear any more."""
    results = []

    async def endless():
        yield FRAME
        await asyncio.Event().wait()

    async def talk(call):
        playing = asyncio.create_task(call.play(endless()))
        async for event in call.events():
            if isinstance(event, Heard):
                await call.clear()
            if isinstance(event, Heard | Interrupted):
                results.append(await playing)
                await call.hang_up()

    port = await serve(talk, pipeline=Pipeline.HEARS_TEXT)
    async with connect(port) as socket:
        assert (await receive(socket))["event"] == "media"
        if how == "clear":
            await hear(socket, "stop")
        else:
            await send(socket, event="barge_in")
        assert await rest(socket) == [{"event": "clear"}, STOP]
    assert results == [False]


async def test_an_agent_with_ears_of_its_own_reports_what_it_heard(serve):
    """Inkbox gets the transcript, and so does the result."""

    async def talk(call):
        await call.report_heard("yes", turn_id="t7")
        assert [said.text for said in call.transcript] == ["yes"]

    port = await serve(talk, pipeline=Pipeline.AUDIO)
    async with connect(port) as socket:
        heard = {"event": "transcript", "text": "yes", "is_final": True, "turn_id": "t7"}
        assert await rest(socket) == [heard, STOP]


@pytest.mark.parametrize(
    ("pipeline", "verb", "given"),
    [(Pipeline.TEXT, "play", FRAME), (Pipeline.AUDIO, "say", "hello")],
)
async def test_a_verb_that_the_pipeline_does_not_have_says_so(serve, pipeline, verb, given):
    """Rather than sending what Inkbox would drop in silence."""
    raised = []

    async def talk(call):
        with pytest.raises(PipelineMismatch) as error:
            await getattr(call, verb)(given)
        raised.append(str(error.value))

    port = await serve(talk, pipeline=pipeline)
    async with connect(port) as socket:
        assert await rest(socket) == [STOP]
    assert str(pipeline) in raised[0]


async def test_a_handler_that_is_done_hangs_up_after_its_last_words(serve):
    """A socket that is merely closed would leave the callee in silence."""

    async def talk(call):
        await call.say("Bye")

    port = await serve(talk)
    async with connect(port) as socket:
        assert await rest(socket) == [{"event": "text", "delta": "Bye"}, DONE, STOP]


async def test_hanging_up_waits_for_the_last_words_but_not_when_they_are_cut_off(serve):
    """Ten years of speech are left, and a barge-in ends the wait."""
    waiting = asyncio.Event()

    async def talk(call):
        await call.say("Good-bye")
        assert call.speech_seconds_left > 1e6
        waiting.set()
        await call.hang_up()

    limits = Limits(hang_up_wait_seconds_max=1e9)
    port = await serve(talk, characters_per_second=1e-8, limits=limits)
    async with connect(port) as socket:
        assert await spoken(socket) == "Good-bye"
        await waiting.wait()
        await send(socket, event="barge_in")
        assert await rest(socket) == [STOP]


async def test_a_dropped_socket_ends_the_events(serve):
    """The handler learns that it talks to nobody, and its verbs do nothing."""
    handler, results = Recorder(), asyncio.Queue()

    async def talk(call):
        await handler(call)
        results.put_nowait([await call.say("anybody?"), await call.clear()])

    port = await serve(talk)
    socket = await connect(port)
    await send(socket, **START)
    socket.transport.abort()
    assert await results.get() == [False, False]
    assert handler.events[-1] == Stopped(reason="disconnected")


async def test_a_handler_that_raises_hangs_up_and_names_nobody_in_the_log(serve, caplog):
    """The error's own text may hold what was said or who was called."""
    secret = "Dagny +14155550132"

    async def talk(call):
        await call.say("Hello")
        raise ValueError(secret)

    port = await serve(talk)
    with caplog.at_level(logging.DEBUG, "inkbatch"):
        async with connect(port, f"/?inkbatch_attempt=a1&name={secret[:5]}") as socket:
            frames = await rest(socket)
            assert socket.close_code == 1000
    assert frames[-1] == STOP
    logged = [record.getMessage() for record in caplog.records if "inkbatch" in record.name]
    assert len(logged) == 1
    assert "agent_handler_failed error=ValueError handler_line=test_calls.py:" in logged[0]
    assert "call_id=5d0b6a0e-1" in logged[0]
    assert "Dagny" not in caplog.text
    assert "5550132" not in caplog.text


async def test_a_model_that_fails_is_the_handlers_error(serve):
    """It may say something else then; the utterance that broke off is closed."""

    async def broken():
        yield "Well, "
        raise ConnectionError

    async def talk(call):
        with pytest.raises(ConnectionError):
            await call.say(broken())
        await call.say("Sorry.")

    port = await serve(talk)
    async with connect(port) as socket:
        assert await spoken(socket) == "Well, "
        assert await spoken(socket) == "Sorry."
        assert await rest(socket) == [STOP]


async def test_a_call_that_lasts_too_long_is_hung_up(serve):
    """The handler is told, and cut off when it does not end then."""
    events = []

    async def talk(call):
        events.extend([event async for event in call.events()])
        await asyncio.Event().wait()

    limits = Limits(call_seconds_max=0.01, aftermath_seconds_max=0.01)
    port = await serve(talk, limits=limits)
    async with connect(port) as socket:
        assert await rest(socket) == [STOP]
    assert events == [Stopped(reason="too_long")]


async def test_a_handler_that_does_not_listen_loses_audio_and_then_the_call(serve):
    """Audio and guesses are dropped when many wait; a flood of more ends the call."""
    listen, seen = asyncio.Event(), []

    async def talk(call):
        await listen.wait()
        seen.extend([event async for event in call.events()])

    port = await serve(talk, limits=Limits(events_waiting_max=3))
    async with connect(port) as socket:
        for _ in range(10):
            await sound(socket, FRAME)
        for number in range(10):
            await hear(socket, f"{number}")
        assert await receive(socket) == STOP
        listen.set()
        assert await rest(socket) == []
    assert seen == [
        *[AudioReceived(pcmu=FRAME)] * 3,
        *(Heard(text=f"{number}", turn_id="t1") for number in range(3)),
        Stopped(reason="handler_too_slow"),
    ]


async def test_frames_that_make_no_sense_are_passed_over(serve):
    """Also kinds of events that this version does not know."""
    handler = Recorder()
    port = await serve(handler)
    async with connect(port) as socket:
        for frame in ("", "no", "[]", "[" * 60_000, '{"event": "media"}', '{"event": "dtmf"}'):
            await socket.send(frame)
        await socket.send(b"\x00\xff")
        await socket.send('{"event": "media", "media": {"payload": "é"}}')
        await socket.send('{"event": "transcript", "text": 5}')
        await hear(socket, "yes")
        await send(socket, event="stop")
        await handler.told.get()
    assert handler.events == [Heard(text="yes", turn_id="t1"), Stopped()]


async def test_a_flood_of_nonsense_ends_the_call(serve):
    """It is no Inkbox that sends it."""
    handler = Recorder()
    port = await serve(handler, limits=Limits(bad_frames_max=2))
    async with connect(port) as socket:
        for _ in range(3):
            await socket.send("no")
        assert await rest(socket) == [STOP]
    assert handler.events == [Stopped(reason="bad_frames")]


async def test_a_frame_beyond_the_limit_ends_the_call(serve):
    """Before anything reads it."""
    handler = Recorder()
    port = await serve(handler, limits=Limits(frame_characters_max=1000))
    async with connect(port) as socket:
        await hear(socket, "x" * 2000)
        await socket.wait_closed()
        assert socket.close_code == 1009
    assert handler.events == [Stopped(reason="disconnected")]


async def test_more_calls_than_the_limit_are_told_to_come_later(serve):
    """And there is room again once a call has ended."""
    handler = Recorder()
    port = await serve(handler, limits=Limits(calls_max=1))
    async with connect(port) as socket:
        assert (await refusal(port, handshake()))[0] == 503
        await send(socket, event="stop")
        await handler.told.get()
        await socket.wait_closed()
    assert await refusal(port, handshake()) is None


async def test_a_hundred_calls_at_once_do_not_mix(serve):
    """Each hears its own words back, whatever the order in which they speak."""
    port = await serve(Recorder(echo))
    async with AsyncExitStack() as stack:
        sockets = await asyncio.gather(
            *(stack.enter_async_context(connect(port)) for _ in range(100))
        )
        await asyncio.gather(*(hear(each, f"call {i}") for i, each in enumerate(sockets)))
        told = await asyncio.gather(*(spoken(socket) for socket in sockets))
    assert told == [f"You said call {number}" for number in range(100)]


async def test_a_server_that_shuts_down_hangs_up_first():
    """Whoever is on the phone is not left in silence; nobody new is let in."""
    handler = Recorder()
    app = agent_app(handler, verify=False)
    async with served(app) as port, connect(port) as socket:
        await send(socket, **START)
        await handler.begun.wait()
        await app.hang_up_all()
        assert await rest(socket) == [STOP]
        assert (await refusal(port, {}))[0] == 503
    assert handler.events[-1] == Stopped(reason="agent_shut_down")


async def test_an_agent_can_be_mounted_in_an_app_of_ones_own():
    """Beside other routes; the query of the URL arrives."""
    handler, app = Recorder(), FastAPI()
    app.mount("/agent", agent_app(handler, verify=False))
    async with (
        served(app) as port,
        connect(port, "/agent/x?inkbatch_attempt=a7&first_name=D%C3%A1gny") as socket,
    ):
        await send(socket, event="stop")
        await handler.told.get()
    assert handler.calls[0].attempt_id == "a7"
    assert handler.calls[0].query["first_name"] == "Dágny"


async def test_a_call_of_others_has_no_contact_and_no_result(serve):
    """It names no attempt; and an agent without results says what it lacks."""
    raised = []

    async def talk(call):
        for asked in (call.contact, lambda: call.post_result("done")):
            with pytest.raises((UnknownAttempt, SettingsError)) as error:
                await asked()
            raised.append(type(error.value))

    port = await serve(talk, contacts=ResultsClient(token="secret"))
    async with connect(port, "/") as socket:
        await rest(socket)
    assert raised == [UnknownAttempt, SettingsError]


async def test_an_utterance_has_a_limit(serve):
    """A model in a loop does not talk for ever; a long text is sent in pieces."""

    async def talk(call):
        assert await call.say("é" * 9_000)
        with pytest.raises(ValueError, match="20000"):
            await call.say("x" * 20_001)

    port = await serve(talk)
    async with connect(port) as socket:
        first = json.loads(await socket.recv())
        assert len(first["delta"]) == 4_000
        assert await spoken(socket) == "é" * 5_000
        assert (await rest(socket))[-1] == STOP
