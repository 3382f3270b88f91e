"""The messages of a media stream, as the wire facts have them."""

import base64
import json

import pytest

from inkbatch.sandbox.media import events
from inkbatch.sandbox.media.events import (
    AgentAudio,
    AudioDone,
    Clear,
    HangUp,
    Ignored,
    SpokenText,
    TextDone,
    ToldTranscript,
)
from inkbatch.sandbox.media.transcript import Party


@pytest.mark.parametrize(
    ("message", "meaning"),
    [
        ({"event": "text", "delta": "Hi"}, [SpokenText("Hi")]),
        ({"event": "text", "done": True}, [TextDone()]),
        ({"event": "text", "delta": "Hi", "done": True}, [SpokenText("Hi"), TextDone()]),
        ({"event": "text", "delta": "Hi", "done": False, "turn_id": "t"}, [SpokenText("Hi")]),
        ({"event": "media", "media": {"payload": "AP8="}}, [AgentAudio(b"\x00\xff")]),
        ({"event": "media", "media": {"payload": "AP8=", "track": "x"}}, [AgentAudio(b"\x00\xff")]),
        ({"event": "audio_done", "stream_id": "s"}, [AudioDone()]),
        ({"event": "clear"}, [Clear()]),
        ({"event": "stop", "reason": "done"}, [HangUp()]),
        ({"event": "transcript", "text": "Hi"}, [ToldTranscript(Party.LOCAL, "Hi")]),
        (
            {"event": "transcript", "party": "remote", "text": "Hi", "is_final": True},
            [ToldTranscript(Party.REMOTE, "Hi")],
        ),
    ],
)
def test_a_message_of_the_agent_is_understood(message, meaning):
    """Every event of the wire facts has its meaning, with whatever further fields."""
    assert list(events.parse(json.dumps(message))) == meaning


@pytest.mark.parametrize(
    "message",
    [
        "",
        "{",
        "null",
        "[1]",
        '"stop"',
        b"\xff\xfe\x00",
        "[" * 100_000,
        '{"event": ["stop"]}',
        '{"event": "STOP"}',
        '{"event": "text"}',
        '{"event": "text", "delta": ""}',
        '{"event": "text", "delta": 3, "done": "yes"}',
        '{"event": "media"}',
        '{"event": "media", "media": "AP8="}',
        '{"event": "media", "media": {"payload": ""}}',
        '{"event": "media", "media": {"payload": 7}}',
        '{"event": "media", "media": {"payload": "A!P8="}}',
        '{"event": "media", "media": {"payload": "A"}}',
        '{"event": "media", "media": {"payload": "\\u00e4\\u00e4\\u00e4\\u00e4"}}',
        '{"event": "transcript", "text": null}',
        '{"event": "transcript", "text": "Hi", "party": "nobody"}',
        '{"event": "transcript", "text": "Hi", "party": {}}',
        '{"event": "transcript", "text": "Hi", "is_final": false}',
    ],
)
def test_what_means_nothing_is_ignored(message):
    """Garbage in any layer is one thing ignored, and never an error."""
    assert events.parse(message) == (Ignored(),)


def test_media_carries_the_bytes_as_base64():
    """The message is JSON, with every byte of PCMU in the payload."""
    told = json.loads(events.media(bytes(range(256))))
    assert told["event"] == "media"
    assert base64.b64decode(told["media"]["payload"]) == bytes(range(256))
