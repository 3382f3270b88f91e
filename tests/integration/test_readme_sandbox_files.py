"""The files that the sandbox's README shows are ones that it takes."""

import re
from pathlib import Path

from inkbatch.sandbox import Outcome, load_faults, load_organisations, load_population
from inkbatch.sandbox.faults.reading import KINDS

README = Path(__file__).parents[2] / "inkbatch" / "sandbox" / "README.md"


def shown(name, folder):
    """Write the README's block that begins with the file's name, and return its path."""
    (text,) = re.findall(rf"```toml\n(# {name}\n.*?)```", README.read_text("utf-8"), re.DOTALL)
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_the_callees_that_the_readme_shows_can_be_rehearsed(tmp_path):
    """Script and odds are read from it as they stand there."""
    population = load_population(shown("callees.toml", tmp_path))
    reactions = population.script.callees["+442079460123"]
    assert [reaction.outcome for reaction in reactions] == [
        Outcome.NO_ANSWER,
        Outcome.VOICEMAIL,
        Outcome.ANSWER,
    ]
    assert population.script.blocked == {"+442079460199"}
    assert (population.busy_odds, population.max_duration.total_seconds()) == (0.1, 300)


def test_the_talks_that_the_readme_shows_can_be_held(tmp_path):
    """The callee's lines are read from it as they stand there."""
    (reaction,) = load_population(shown("talks.toml", tmp_path)).script.callees["+442079460123"]
    greeting, answer, end = reaction.dialogue.lines
    assert (greeting.say, answer.say, answer.times) == ("Yes?", "I will come.", 2)
    assert answer.hears.search("your appointment")
    assert (end.after_silence.total_seconds(), end.hangs_up) == (4, True)


def test_the_organisations_that_the_readme_shows_can_be_customers(tmp_path):
    """Key, limit and number are read from it as they stand there."""
    (clinic,) = load_organisations(shown("clinics.toml", tmp_path))
    assert (clinic.name, clinic.api_key, clinic.calls_limit) == ("clinic", "clinic-key", 50)
    assert [number.number for number in clinic.phone_numbers] == ["+14155550110"]


def test_the_faults_that_the_readme_shows_can_be_ordered(tmp_path):
    """They are read as they stand there, and beside them stands every fault that there is."""
    reset, hang, lag = load_faults(shown("faults.toml", tmp_path)).faults
    assert (reset.fault, reset.when, reset.rate, reset.paths) == (
        "reset",
        "after",
        0.05,
        ("/place-call",),
    )
    assert (hang.fault, hang.after, hang.times) == ("hang", 10, 1)
    assert (lag.fault, lag.seconds) == ("list_lag", 30)
    assert [kind for kind in KINDS if f"`{kind}`" not in README.read_text("utf-8")] == []
