"""What was said on a call, within what inkbatch takes."""

from inkbatch.agent import Party, Result
from inkbatch.agent.transcript import Transcript


def test_the_oldest_turns_go_when_there_are_too_many():
    """The end of a talk tells what came of it; what is left can always be posted."""
    transcript = Transcript()
    for number in range(600):
        transcript.note(Party.REMOTE, f"{number}")
    assert [said.text for said in transcript.utterances] == [f"{n}" for n in range(100, 600)]
    assert Result(result="x", transcript=transcript.utterances)


def test_the_oldest_turns_go_when_they_are_too_long():
    """And a single one is cut off."""
    transcript = Transcript()
    for _ in range(150):
        transcript.note(Party.LOCAL, "x" * 5_000)
    assert [len(said.text) for said in transcript.utterances] == [2_000] * 100
    assert Result(result="x", transcript=transcript.utterances)
