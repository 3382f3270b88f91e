"""The scripted agent talks: which way each conversation takes, and what is posted in the end."""

import base64
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tenacity import wait_none

from inkbatch.agent import Pipeline, ResultsClient, agent_app
from inkbatch.agent.pcmu import FRAME_BYTES, tone
from inkbatch.agent.script import load_script, scripted_handler
from tests.as_inkbox import KEY, START, connect, hear, receive, rest, send, served, sound, spoken
from tests.integration.agent.conftest import CLOCK
from tests.results_server import TOKEN, results_server

SAMPLE = Path(__file__).parents[3] / "campaigns" / "appointment_reminder" / "agent.toml"
QUIET = bytes([0xFF]) * FRAME_BYTES
PATIENT = "silence_seconds = 60\n"
HASTY = "silence_seconds = 0.05\n"

QUESTION = """
name = "trial"
{more}
[steps.ask]
say = "Will you come?"
audio = {{ tone_hz = 440, seconds = 0.04 }}
on = {{ yes = "good", time = "good" }}
[steps.good]
say = "Good."
audio = {{ tone_hz = 880, seconds = 0.02 }}
result = "good"
effect = "success"
"""


@asynccontextmanager
async def agent(path, *faults, pipeline=None, posts=True, **options):
    """Serve a script beside a results server; gives the port, the server and the lines said."""
    async with results_server(*faults) as (server, url):
        script, lines = load_script(path, pipeline=pipeline), []
        client = ResultsClient(url, TOKEN, back_off=wait_none(), tries_max=2)
        handler = scripted_handler(script, clock=CLOCK, say_line=lines.append, posts=posts)
        app = agent_app(
            handler,
            pipeline=script.document.pipeline,
            signing_keys=[KEY],
            results=client,
            clock=CLOCK,
            **{"characters_per_second": 1e9, **options},
        )
        async with served(app) as port, client:
            yield port, server, lines


def question(tmp_path, more=""):
    path = tmp_path / "agent.toml"
    path.write_text(QUESTION.format(more=more), "utf-8")
    return path


async def test_the_sample_reminds_a_person_who_says_yes():
    """By first name and clinic, as inkbatch knows them; the success is posted with the talk."""
    async with agent(SAMPLE) as (port, server, lines), connect(port) as socket:
        await send(socket, **START)
        greeting = await spoken(socket)
        await hear(socket, "Yes, of course")
        assert "look forward" in await spoken(socket)
        assert await rest(socket) == [{"event": "stop"}]
        await server.arrived.wait()
    assert greeting.startswith("Hello Dagny, ")
    assert "Harbour Dental" in greeting
    [posted] = server.results
    assert (posted["attempt_id"], posted["result"]) == ("a1", "confirmed")
    assert posted["effect"] == "success"
    said = [(each["party"], each["text"]) for each in posted["transcript"]]
    assert said[:2] == [("local", greeting), ("remote", "Yes, of course")]
    [line] = lines
    assert "+1•••••••0132  confirmed (success)  1 turns" in line
    assert line.endswith("posted")
    assert "Dagny" not in line


WAYS_OUT = {
    "no": (["No, I can't"], "canceled", "success", None),
    "later, with a time": (["I'm driving", "at 5 pm"], "call_back", "call_back", "17:00"),
    "a time at once": (
        ["Call me tomorrow at 10 a.m."], "call_back", "call_back", "2026-11-03T10:00:00-08:00"),
    "never": (["Take me off your list"], "do_not_call", "do_not_call", None),
    "never, asked late": (["later", "stop calling me!"], "do_not_call", "do_not_call", None),
    "somebody else": (["You have the wrong person"], "wrong_number", "do_not_call", None),
    "not understood, then yes": (["Blue", "yes"], "confirmed", "success", None),
    "never understood": (["Blue", "Green", "Red"], "not_understood", "none", None),
}  # fmt: skip


@pytest.mark.parametrize(("said", "result", "effect", "at"), WAYS_OUT.values(), ids=WAYS_OUT)
async def test_the_sample_finds_each_way_out(said, result, effect, at):
    """Whatever people answer, in the end something is posted and the agent hangs up."""
    async with agent(SAMPLE) as (port, server, _), connect(port) as socket:
        await send(socket, **START)
        for text in said:
            await spoken(socket)
            await hear(socket, text)
        frames = await rest(socket)
        await server.arrived.wait()
    assert frames[-1] == {"event": "stop"}
    [posted] = server.results
    assert (posted["result"], posted["effect"], posted["call_back_at"]) == (result, effect, at)


async def test_an_opt_out_is_posted_while_the_agent_still_speaks():
    """The suppression list must not wait for the end of a call."""
    async with (
        agent(SAMPLE, characters_per_second=1e-6) as (port, server, _),
        connect(port) as socket,
    ):
        await send(socket, **START)
        await spoken(socket)
        await hear(socket, "Do not call me again")
        assert await receive(socket) == {"event": "clear"}
        assert "not be called again" in await spoken(socket)
        await server.arrived.wait()
        assert server.results[0]["effect"] == "do_not_call"
        await send(socket, event="stop")
        await rest(socket)
    assert len(server.results) == 1


async def test_who_says_it_during_the_good_bye_is_not_called_again_either():
    """A last step still listens for as long as it takes to be heard."""
    async with (
        agent(SAMPLE, characters_per_second=1e-6) as (port, server, _),
        connect(port) as socket,
    ):
        await send(socket, **START)
        await spoken(socket)
        await hear(socket, "yes")
        assert await receive(socket) == {"event": "clear"}
        await spoken(socket)
        await hear(socket, "But don't call me again")
        await server.arrived.wait()
        await send(socket, event="stop")
        await rest(socket)
    assert [each["effect"] for each in server.results] == ["do_not_call"]


async def test_without_a_step_for_it_an_opt_out_is_understood_all_the_same(tmp_path):
    """No script can forget it."""
    async with agent(question(tmp_path, PATIENT)) as (port, server, _), connect(port) as socket:
        await send(socket, **START)
        await spoken(socket)
        await hear(socket, "Please never call this number")
        assert "not call again" in await spoken(socket)
        await rest(socket)
    assert [each["effect"] for each in server.results] == ["do_not_call"]


async def test_an_opt_out_stands_whatever_the_script_goes_on_to(tmp_path):
    """A script that talks on after it can make no success of it, in the line neither."""
    path = question(tmp_path, f'{PATIENT}always = {{ do_not_call = "sure" }}\n')
    step = '[steps.sure]\nsay = "Sure?"\non = { yes = "good" }\n'
    path.write_text(f'{path.read_text("utf-8")}{step}result = "out"\neffect = "do_not_call"\n')
    async with agent(path) as (port, server, lines), connect(port) as socket:
        await send(socket, **START)
        await spoken(socket)
        await hear(socket, "unsubscribe")
        assert await spoken(socket) == "Sure?"
        await hear(socket, "no problem")
        assert await spoken(socket) == "Good."
        await rest(socket)
    assert [(each["result"], each["effect"]) for each in server.results] == [("out", "do_not_call")]
    assert "out (do_not_call)" in lines[0]


async def test_a_hello_while_the_agent_speaks_is_no_answer(tmp_path):
    """People say hello when they pick up; a real answer is taken even then."""
    options = {"characters_per_second": 1e-6}
    async with (
        agent(question(tmp_path, PATIENT), **options) as (port, server, _),
        connect(port) as socket,
    ):
        await send(socket, **START)
        assert await spoken(socket) == "Will you come?"
        await hear(socket, "Hello?")
        await hear(socket, "Yes")
        assert await receive(socket) == {"event": "clear"}
        assert await spoken(socket) == "Good."
        await send(socket, event="stop")
        await rest(socket)
        await server.arrived.wait()
    assert [each["result"] for each in server.results] == ["good"]


async def test_silence_is_asked_again_and_then_given_up(tmp_path):
    """As often as `tries` says."""
    path = question(tmp_path, f"{HASTY}tries = 3\n")
    async with agent(path) as (port, server, _), connect(port) as socket:
        await send(socket, **START)
        assert [await spoken(socket) for _ in range(3)] == ["Will you come?"] * 3
        assert await rest(socket) == [{"event": "stop"}]
        await server.arrived.wait()
    assert [each["result"] for each in server.results] == ["not_understood"]


async def test_who_asked_for_a_later_call_and_then_is_silent_is_called_later(tmp_path):
    """The agent gives up, but what was said before it stands."""
    text = (
        f'name = "x"\n{HASTY}tries = 1\ngive_up = "bye"\n'
        '[steps.when]\nsay = "When?"\non = { time = "bye" }\n'
        'result = "busy"\neffect = "call_back"\ncall_back_after = "3h"\n'
        '[steps.bye]\nsay = "Bye."\nresult = "gave_up"\n'
    )
    path = tmp_path / "agent.toml"
    path.write_text(text, "utf-8")
    async with agent(path) as (port, server, lines), connect(port) as socket:
        await send(socket, **START)
        await rest(socket)
        await server.arrived.wait()
    [posted] = server.results
    assert (posted["result"], posted["effect"]) == ("busy", "call_back")
    at = CLOCK.now() + timedelta(hours=3)
    assert datetime.fromisoformat(posted["call_back_at"]) == at
    assert f"busy (at {at:%Y-%m-%d %H:%M} UTC)" in lines[0]


@pytest.mark.parametrize("how", ["stop", "drop"])
async def test_who_hangs_up_without_an_answer_is_noted(tmp_path, how):
    """It has no effect: the campaign's own rules go on."""
    async with (
        agent(question(tmp_path, PATIENT)) as (port, server, lines),
        connect(port) as socket,
    ):
        await send(socket, **START)
        await spoken(socket)
        if how == "stop":
            await send(socket, event="stop", reason="remote")
            await rest(socket)
        else:
            socket.transport.abort()
        await server.arrived.wait()
    assert [(each["result"], each["effect"]) for each in server.results] == [("hung_up", "none")]
    assert "hung up" in lines[0]


async def test_without_a_look_up_the_urls_query_says_who_it_is(tmp_path):
    """An agent may run where it cannot ask inkbatch; nothing is posted then."""
    path = tmp_path / "agent.toml"
    path.write_text('name = "x"\n[steps.a]\nsay = "Hello {contact.first_name}."', "utf-8")
    async with (
        agent(path, 404, posts=False) as (port, server, lines),
        connect(port, "/?first_name=Ragnar&inkbatch_attempt=a1") as socket,
    ):
        await send(socket, **START)
        assert await spoken(socket) == "Hello Ragnar."
        await rest(socket)
    assert server.results == []
    assert "unknown number" in lines[0]
    assert lines[0].endswith("not posted")


async def test_a_result_that_cannot_be_posted_is_told_in_the_line(tmp_path):
    """Whoever watches the terminal sees that reports will lack it."""
    async with (
        agent(question(tmp_path, PATIENT), None, 500, 500) as (port, _, lines),
        connect(port) as socket,
    ):
        await send(socket, **START)
        await spoken(socket)
        await hear(socket, "yes")
        await rest(socket)
    assert "not posted for attempt a1: inkbatch at 127.0.0.1:" in lines[0]


async def test_an_opt_out_outlasts_an_inkbatch_that_is_away(tmp_path):
    """It is posted until it is taken, beyond the tries that any other result has."""
    away = [None, *[503] * 8]
    async with (
        agent(question(tmp_path, PATIENT), *away) as (port, server, lines),
        connect(port) as socket,
    ):
        await send(socket, **START)
        await spoken(socket)
        await hear(socket, "never call me again")
        await rest(socket)
    assert [each["effect"] for each in server.results] == ["do_not_call"]
    assert lines[0].endswith("posted")


async def test_in_the_audio_pipeline_it_plays_sound_and_hears_that_somebody_speaks(tmp_path):
    """Words are not understood there: a voice and the pause after it are an answer of some kind."""
    more = f'{PATIENT}pipeline = "audio"\ntries = 2\n'
    async with agent(question(tmp_path, more)) as (port, server, _), connect(port) as socket:
        await send(socket, **START)
        first = await _played(socket)
        for frame in [*_frames(tone(200, 0.4)), *[QUIET] * 40]:
            await sound(socket, frame)
        second = await _played(socket)
        for frame in [*_frames(tone(200, 0.4)), *[QUIET] * 40]:
            await sound(socket, frame)
        assert await rest(socket) == [{"event": "stop"}]
        await server.arrived.wait()
    assert first == second == tone(440, 0.04)
    assert [each["result"] for each in server.results] == ["not_understood"]


async def test_recordings_are_answered_in_words_where_inkbox_hears(tmp_path):
    """Sound out, text in: the usual way to play a professional voice."""
    path = question(tmp_path, PATIENT)
    async with (
        agent(path, pipeline=Pipeline.HEARS_TEXT) as (port, server, _),
        connect(port) as socket,
    ):
        await send(socket, **START)
        assert await _played(socket) == tone(440, 0.04)
        await hear(socket, "yes")
        assert await _played(socket) == tone(880, 0.02)
        await rest(socket)
        await server.arrived.wait()
    assert [each["result"] for each in server.results] == ["good"]


async def test_noise_alone_is_no_answer(tmp_path):
    """A line that hums does not keep the agent waiting for ever."""
    path = question(tmp_path, f'{HASTY}pipeline = "audio"\ntries = 1\n')
    async with agent(path) as (port, server, _), connect(port) as socket:
        await send(socket, **START)
        await _played(socket)
        for _ in range(50):
            await sound(socket, QUIET)
        assert await rest(socket) == [{"event": "stop"}]
        await server.arrived.wait()
    assert [each["result"] for each in server.results] == ["not_understood"]


def _frames(pcmu):
    return [pcmu[start : start + FRAME_BYTES] for start in range(0, len(pcmu), FRAME_BYTES)]


async def _played(socket):
    """Return the sound until its `audio_done`."""
    pcmu = b""
    while (frame := await receive(socket))["event"] == "media":
        pcmu += base64.b64decode(frame["media"]["payload"])
    assert frame == {"event": "audio_done"}
    return pcmu
