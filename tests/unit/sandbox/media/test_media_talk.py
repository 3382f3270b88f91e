"""Conversations as arithmetic: who says what at which second, without any socket or clock."""

import json
import re
from datetime import timedelta

import pytest

from inkbatch.sandbox import Dialogue, HangupReason, Line
from inkbatch.sandbox.media import events
from inkbatch.sandbox.media.playout import QUEUE_SECONDS_MAX
from inkbatch.sandbox.media.talk import NEVER, Pipelines, Talk
from inkbatch.sandbox.media.transcript import Party

TEXT = Pipelines(tts=True, stt=True)
AUDIO = Pipelines(tts=False, stt=False)
SECOND = bytes(8_000)
"""A second of audio."""


class Rehearsal:
    """Runs a talk at 60 words a minute, a second each, and writes down what the agent is told."""

    def __init__(self, *lines, pipelines=TEXT):
        self.talk = Talk(Dialogue(lines=lines), pipelines=pipelines, words_per_minute=60)
        self.now = 0.0
        self.told = []
        self._settle()

    def until(self, moment):
        """Let everything happen up to a moment, each thing at its own."""
        while (due := self.talk.next_moment(self.now)) <= moment and not self.talk.ending:
            assert due >= self.now
            self.now = due
            self._settle()
        self.now = moment
        self._settle()

    def send(self, *sent):
        """Let the agent send what it sends."""
        for event in sent:
            self.talk.take(event, now=self.now)
        self._settle()

    def say(self, text):
        """Let the agent say a whole utterance."""
        self.send(events.SpokenText(text), events.TextDone())

    def said(self):
        """Return the transcript as party, text and second."""
        entries = self.talk.transcript.entries()
        return [(str(entry.party), entry.text, entry.ts_ms / 1000) for entry in entries]

    def heard(self, name):
        """Return when the agent was told messages of a kind, and their text."""
        return [(at, m.get("text")) for at, m in self.told if m["event"] == name]

    def _settle(self):
        self.talk.advance(self.now)
        self.told += [(self.now, json.loads(raw)) for raw in self.talk.take_messages()]


def hears(pattern, say, **line):
    return Line(hears=re.compile(pattern), say=say, **line)


def after(seconds, say="", **line):
    return Line(after_silence=timedelta(seconds=seconds), say=say, **line)


def at(seconds, say="", **line):
    return Line(at=timedelta(seconds=seconds), say=say, **line)


def test_words_take_a_second_each_and_come_in_parts():
    """The first word is told when it was said, then every third, then the whole."""
    talk = Rehearsal(Line(say="one two three four five six"))
    talk.until(10)
    assert talk.heard("transcript") == [
        (1, "one"),
        (4, "one two three four"),
        (6, "one two three four five six"),
    ]


def test_an_answer_follows_the_end_of_the_agents_turn():
    """The callee hears the agent out, takes a moment, and answers what it heard."""
    talk = Rehearsal(hears("three", "yes"))
    talk.say("one two three")
    talk.until(9)
    assert talk.said() == [("local", "one two three", 0), ("remote", "yes", 3.4)]


def test_deltas_are_one_utterance_whatever_their_cuts():
    """Words cut across deltas count once, and the turn ends with done, not with a pause."""
    talk = Rehearsal(hears("three", "yes"))
    talk.send(events.SpokenText("one t"), events.SpokenText("wo th"), events.SpokenText("ree"))
    talk.until(5)
    assert talk.said() == []
    talk.send(events.TextDone())
    talk.until(9)
    assert talk.said() == [("local", "one two three", 0), ("remote", "yes", 5.4)]


def test_a_line_is_said_so_many_times():
    """After its times the next line that hears the same has its turn, then none."""
    talk = Rehearsal(hears("", "again", times=2), hears("", "enough"))
    for _ in range(4):
        talk.say("what")
        talk.until(talk.now + 4)
    assert [text for party, text, _ in talk.said() if party == "remote"] == [
        "again",
        "again",
        "enough",
    ]


def test_what_is_said_while_the_callee_speaks_is_answered_afterwards():
    """A person who was talking answers when done, to all that was said meanwhile."""
    talk = Rehearsal(Line(say="a b c d e f"), hears("really.*truly", "yes"))
    talk.say("really")
    talk.say("truly")
    talk.until(9)
    assert talk.said()[-1] == ("remote", "yes", 6.4)


def test_barging_in_waits_for_the_first_word():
    """Speech stops when the callee's first word is understood; the rest was never said."""
    talk = Rehearsal(hears("three", "stop that", interrupts=True))
    talk.say("one two three four five six")
    talk.until(20)
    assert talk.heard("barge_in") == [(4, "stop")]
    assert talk.said() == [("local", "one two three four", 0), ("remote", "stop that", 3)]


def test_a_line_at_a_time_waits_for_nobody():
    """The callee speaks into the agent's words at the time of its line."""
    talk = Rehearsal(at(2, "sorry"))
    talk.say("one two three four five six")
    talk.until(20)
    assert talk.heard("barge_in") == [(3, "sorry")]


def test_an_agent_that_speaks_into_the_callees_words_is_not_barged_in_on():
    """Barging in is beginning to speak while the agent is heard, not being spoken into."""
    talk = Rehearsal(Line(say="one two three four five"))
    talk.until(1.5)
    talk.say("I speak too")
    talk.until(20)
    assert talk.heard("barge_in") == []
    assert ("local", "I speak too", 1.5) in talk.said()


def test_silence_is_counted_from_whoever_spoke_last():
    """Each silent line waits for its own silence, which any word begins anew."""
    talk = Rehearsal(after(3, "hello"), after(3, "anybody", hangs_up=True))
    talk.until(1)
    talk.say("one")
    talk.until(20)
    assert talk.said() == [("local", "one", 1), ("remote", "hello", 5), ("remote", "anybody", 9)]
    assert talk.talk.ending.reason is HangupReason.REMOTE
    assert talk.talk.ending.at == 10


def test_stop_lets_a_complete_goodbye_be_heard():
    """The call ends when the words before the stop were said."""
    talk = Rehearsal(hears("", "wait"))
    talk.say("good bye")
    talk.send(events.HangUp())
    talk.until(20)
    assert (talk.talk.ending.reason, talk.talk.ending.at) == (HangupReason.LOCAL, 2)


def test_stop_does_not_wait_for_what_is_not_done():
    """An utterance that the agent never ended ends with the call."""
    talk = Rehearsal()
    talk.send(events.SpokenText("one two three"), events.HangUp())
    assert (talk.talk.ending.reason, talk.talk.ending.at) == (HangupReason.LOCAL, 0)


def test_clear_keeps_what_was_heard():
    """Cleared text is in the transcript up to the word that was heard."""
    talk = Rehearsal()
    talk.say("one two three four")
    talk.until(2)
    talk.send(events.Clear())
    talk.until(9)
    assert talk.said() == [("local", "one two", 0)]


def test_a_call_that_ends_in_mid_sentence_keeps_what_was_said():
    """Both sides' words are kept as far as they came."""
    talk = Rehearsal(Line(say="a b c d"))
    talk.say("one two three four")
    talk.until(2)
    talk.talk.close(talk.now)
    assert talk.said() == [("remote", "a b", 0), ("local", "one two", 0)]


def test_nobody_can_queue_speech_without_end():
    """Text beyond five minutes ahead is dropped and counted."""
    talk = Rehearsal()
    for _ in range(10):
        talk.say("word " * 100)
    assert talk.talk.ignored > 0
    talk.until(20)
    talk.send(events.HangUp())
    talk.until(2 * QUEUE_SECONDS_MAX)
    assert talk.talk.ending.at <= QUEUE_SECONDS_MAX + 101


def test_an_utterance_does_not_grow_without_end():
    """A word that never ends is cut off, so that no agent fills the memory."""
    talk = Rehearsal()
    for _ in range(30):
        talk.send(events.SpokenText("x" * 1_000))
    assert talk.talk.ignored == 10


@pytest.mark.parametrize(
    ("pipelines", "unwanted"),
    [
        (TEXT, events.AgentAudio(SECOND)),
        (TEXT, events.AudioDone()),
        (TEXT, events.ToldTranscript(Party.LOCAL, "mine")),
        (AUDIO, events.SpokenText("hello")),
        (AUDIO, events.TextDone()),
    ],
)
def test_what_belongs_to_another_pipeline_is_ignored(pipelines, unwanted):
    """Text where the agent speaks itself, or audio where Inkbox does, is counted and dropped."""
    talk = Rehearsal(pipelines=pipelines)
    talk.send(unwanted)
    talk.until(5)
    assert talk.talk.ignored == 1
    assert talk.said() == []


def test_audio_without_an_end_ends_after_a_pause():
    """Bytes that follow each other are one turn; a pause ends it, since nobody said so."""
    talk = Rehearsal(hears("", "yes"), pipelines=AUDIO)
    talk.send(events.AgentAudio(SECOND))
    talk.until(0.5)
    talk.send(events.AgentAudio(SECOND))
    talk.until(3.1)
    assert talk.talk.take_sounds() == []
    talk.until(3.2)
    assert len(talk.talk.take_sounds()) == 1


def test_audio_done_ends_the_turn_at_its_last_byte():
    """The callee answers when the audio was heard, not when it was sent."""
    talk = Rehearsal(hears("", "yes"), pipelines=AUDIO)
    talk.send(events.AgentAudio(SECOND), events.AudioDone())
    talk.until(1.3)
    assert talk.talk.take_sounds() == []
    talk.until(1.4)
    assert len(talk.talk.take_sounds()) == 1


def test_each_turn_of_audio_has_its_own_transcript():
    """Words told after a turn's audio belong to that turn, though the next is queued soon."""
    talk = Rehearsal(hears("first", "one"), hears("second", "two"), pipelines=AUDIO)
    for name in ("first", "second"):
        talk.send(
            events.AgentAudio(SECOND), events.AudioDone(), events.ToldTranscript(Party.LOCAL, name)
        )
    talk.until(9)
    assert len(talk.talk.take_sounds()) == 2


def test_recorded_audio_has_its_pauses_and_lacks_what_was_cleared():
    """The recording is what the callee heard: silence before, and a cut at the clear."""
    talk = Rehearsal(pipelines=AUDIO)
    talk.until(1)
    talk.send(events.AgentAudio(b"\x10" * 8_000))
    talk.until(1.25)
    talk.send(events.Clear())
    talk.until(2)
    talk.send(events.AgentAudio(b"\x20" * 800))
    talk.until(3)
    heard = talk.talk.recording(talk.now)
    assert heard == b"\xff" * 8_000 + b"\x10" * 2_000 + b"\xff" * 6_000 + b"\x20" * 800


def test_a_callee_without_lines_waits_for_ever():
    """Nothing is due until the agent does something."""
    talk = Rehearsal()
    assert talk.talk.next_moment(0) == NEVER
