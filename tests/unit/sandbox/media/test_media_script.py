"""Dialogues in a script file, and the people who talk without one."""

import re
import wave
from datetime import timedelta

import pytest

from inkbatch.sandbox import MediaMode, MediaOptions, ScriptError, load_script
from inkbatch.sandbox.media.dialogue import default_dialogue

CALLEE = "+442079460123"
SCRIPT = """
[callees]
"+442079460123" = [{outcome = "answer", dialogue = "hurried"}, "no_answer"]

[[dialogues.hurried]]
say = "Yes?"
[[dialogues.hurried]]
hears = "appointment|visit"
say = "I will come."
times = 2
[[dialogues.hurried]]
hears = "long"
interrupts = true
wav = "stop.wav"
hangs_up = true
[[dialogues.hurried]]
after_silence_seconds = 4.5
hangs_up = true
[[dialogues.hurried]]
at_seconds = 60
say = "I have to go."
"""


@pytest.fixture
def folder(tmp_path):
    with wave.open(str(tmp_path / "stop.wav"), "wb") as recording:
        recording.setparams((1, 2, 8000, 0, "NONE", ""))
        recording.writeframes(bytes(3200))
    return tmp_path


def load(folder, text):
    path = folder / "script.toml"
    path.write_text(text)
    return load_script(path)


def test_a_script_tells_what_a_callee_says(folder):
    """Each line has its cue, its words or recording, and how often it is said."""
    first, second = load(folder, SCRIPT).callees[CALLEE]
    hello, visit, stop, silent, leave = first.dialogue.lines
    assert second.dialogue is None
    assert hello.is_greeting
    assert visit.hears.search("Your VISIT tomorrow")
    assert (visit.say, visit.times) == ("I will come.", 2)
    assert (stop.interrupts, stop.hangs_up, len(stop.recording)) == (True, True, 1600)
    assert silent.after_silence == timedelta(seconds=4.5)
    assert leave.at == timedelta(minutes=1)


@pytest.mark.parametrize(
    ("was", "becomes", "message"),
    [
        ('dialogue = "hurried"', 'dialogue = "calm"', r"\[\[dialogues.calm\]\]"),
        ('hears = "long"', 'hears = "("', "hears"),
        ('hears = "long"', 'hears = "long"\nat_seconds = 3', "one cue"),
        ('hears = "long"\n', "", "interrupts belongs to"),
        ('wav = "stop.wav"\nhangs_up = true', "", "says something"),
        ('wav = "stop.wav"', 'wav = "none.wav"', r"none\.wav cannot be read"),
        ("times = 2", "times = 0", "times"),
        ("at_seconds = 60", "at_seconds = -1", "at_seconds"),
        ('say = "Yes?"', 'sagt = "Ja?"', "sagt"),
    ],
)
def test_a_mistake_in_a_dialogue_is_named(folder, was, becomes, message):
    """A script that cannot be is refused when it is read, with the key that is wrong."""
    assert was in SCRIPT
    with pytest.raises(ScriptError, match=message):
        load(folder, SCRIPT.replace(was, becomes))


def test_people_without_a_script_are_the_same_for_the_same_seed():
    """A seed makes a person, and different seeds make different ones, who all hang up some day."""
    people = [default_dialogue(f"1:{number}") for number in range(50)]
    assert people[0] == default_dialogue("1:0")
    assert len({person.lines[2].say for person in people}) > 2
    assert all(any(line.hangs_up for line in person.lines) for person in people)


@pytest.mark.parametrize(
    ("url", "is_allowed"),
    [
        ("ws://127.0.0.1:8080/call", True),
        ("ws://127.9.9.9/call", True),
        ("ws://[::1]:8080/call", True),
        ("wss://LOCALHOST/call", True),
        ("ws://agent.test/call", True),
        ("ws://agent.test.example.com/call", False),
        ("ws://127.0.0.1@192.0.2.1/", False),
        ("ws://0.0.0.0/", False),
        ("ws://[::ffff:192.0.2.1]/", False),
        ("ws://[bad/", False),
        ("wss://agent.example.com/call", False),
    ],
)
def test_only_loopback_and_named_hosts_are_streamed_to(url, is_allowed):
    """The host of the URL decides, not what looks like it."""
    options = MediaOptions(mode=MediaMode.REAL, hosts_allowed=frozenset({"agent.test"}))
    assert options.streams_to(url) is is_allowed
    assert not MediaOptions(hosts_allowed=options.hosts_allowed).streams_to(url)


@pytest.mark.parametrize("name", ["words_per_minute", "streams_max", "calls_max"])
def test_figures_that_cannot_be_are_refused(name):
    """A pace of nothing would never end."""
    with pytest.raises(ValueError, match=re.escape(f"{name} is 0")):
        MediaOptions(**{name: 0})
