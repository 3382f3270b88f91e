"""Script files: what a person may write, and what is said about a mistake."""

from datetime import timedelta

import pytest

from inkbatch.sandbox import Behaviour, Outcome, Script, ScriptError, load_script

CALLEE = "+14155550132"


def test_a_script_file_says_who_does_what(tmp_path):
    """Outcomes by name, or as tables with lengths of time."""
    path = tmp_path / "script.toml"
    path.write_text(
        'blocked = ["+14155550199"]\n'
        "[callees]\n"
        f'"{CALLEE}" = ["no_answer", {{outcome = "answer", ring_seconds = 4, talk_seconds = 90}}]\n'
    )
    answer = Behaviour(
        outcome=Outcome.ANSWER, ring=timedelta(seconds=4), talk=timedelta(seconds=90)
    )
    assert load_script(path) == Script(
        callees={CALLEE: (Behaviour(outcome=Outcome.NO_ANSWER), answer)},
        blocked=frozenset({"+14155550199"}),
    )


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('blocked = ["555"]', "blocked.0"),
        ('[callees]\n"555" = ["answer"]', "callees.555"),
        (f'[callees]\n"{CALLEE}" = []', CALLEE),
        (f'[callees]\n"{CALLEE}" = ["sing"]', "sing"),
        (f'[callees]\n"{CALLEE}" = [{{outcome = "answer", talk_seconds = -1}}]', "-1"),
        ("callers = 1", "callers"),
        ("[callees", "TOML"),
    ],
)
def test_a_mistake_in_a_script_is_named(tmp_path, text, named):
    """One sentence names the file and what is wrong in it."""
    path = tmp_path / "script.toml"
    path.write_text(text)
    with pytest.raises(ScriptError) as caught:
        load_script(path)
    assert "script.toml" in str(caught.value)
    assert named in str(caught.value)


def test_a_missing_script_file_is_named(tmp_path):
    """A wrong path is a clear sentence, not a traceback of the system."""
    with pytest.raises(ScriptError, match=r"nowhere\.toml"):
        load_script(tmp_path / "nowhere.toml")


def test_a_length_of_time_below_zero_is_refused():
    """Nothing ends before it begins."""
    with pytest.raises(ValueError, match="talk"):
        Behaviour(outcome=Outcome.ANSWER, talk=timedelta(seconds=-1))
