"""why, explain and plan in a terminal: beside a run, with and without JSON, and after mistakes."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.acceptance.conftest import AREAS
from tests.trial_campaigns import numbers

CONTACTS, TALKING = 6, 3
PEOPLE = numbers(CONTACTS, areas=AREAS)


@pytest.fixture(scope="module")
def sandbox(sandbox_at, tmp_path_factory):
    """The third contact talks for 40 seconds, time enough to ask about the run."""
    script = tmp_path_factory.mktemp("script") / "callees.toml"
    talks = '[{outcome = "answer", talk_seconds = 4000}]'
    script.write_text(f'[callees]\n"{PEOPLE[TALKING - 1]}" = {talks}\n', "utf-8")
    with sandbox_at("--durations", 0.01, "--script", script) as running:
        yield running


def test_a_run_is_explained_while_it_goes_on(terminal, sandbox, campaign):
    """Who dials, what is in progress and who is next; and the run goes on as if nobody asked."""
    said = {"calls_at_once": 1, "order": "list", "attempts": {"max": 1}}
    folder, before = campaign(CONTACTS, **said), len(sandbox.ledger())
    with terminal.started("run", folder) as running:
        sandbox.wait_for_calls(before + TALKING, process=running)
        asked = (("why", "trial"), ("plan", "trial"), ("explain", PEOPLE[TALKING - 1]))
        with ThreadPoolExecutor() as at_once:  # all while the one call goes on
            answers = at_once.map(lambda words: terminal.run(*words, "--json").json, asked)
            why, planned, told = answers
        done = terminal.end_of(running)
    assert done.code == 0
    assert why["held_by"]["pid"]
    assert (why["binding"], why["open_attempts"]) == ("calls at once", {"placed": 1})
    assert why["sentence"] == "1 of 1 calls at once in progress"
    assert [call["row_number"] for call in planned["calls"]] == [5, 6, 7]
    assert not any(PEOPLE[5] in str(call) for call in planned["calls"])
    assert told[0]["attempts"][0]["state"] == "placed"
    assert told[0]["outlook"]["binds_last"] == "open attempt"
    assert len(sandbox.ledger()) == before + CONTACTS


def test_of_several_numbers_all_are_told_by_number_and_none_by_id(terminal, campaign):
    """Whoever asks by one number sees them all, and which is called next; an id names nobody."""
    work = "+14155550177"
    folder = campaign(1, columns={"phone": ["Phone", "Work"]})
    (folder / "call_list.csv").write_text(f"First name,Phone,Work\nDagny,{PEOPLE[0]},{work}\n")
    assert terminal.run("run", folder, "--no-wait").code == 0
    by_number = terminal.run("explain", work)
    assert by_number.code == 0
    assert f"numbers      {PEOPLE[0]} (called next), {work}" in by_number.out
    by_id = terminal.run("explain", "1", "--campaign", "trial", "--json")
    assert by_id.json[0]["contact"]["numbers"]
    assert by_id.json[0]["attempts"]
    assert not any(number in by_id.out for number in (PEOPLE[0], work))


def test_a_person_is_found_by_number_in_any_form_or_by_id(terminal, campaign):
    """By number it is shown in full, by id masked; status has the sentence of why."""
    folder = campaign(2)
    assert terminal.run("run", folder, "--no-wait").code == 0
    number = PEOPLE[0]
    national = f"({number[2:5]}) {number[5:8]}-{number[8:]}"
    by_number = terminal.run("explain", national, "--region", "US")
    assert by_number.code == 0
    assert f"{number}, contact 1 of campaign trial" in by_number.out
    assert "row          2 of call_list.csv, accepted" in by_number.out
    by_id = terminal.run("explain", "1", "--campaign", "trial")
    assert by_id.code == 0
    assert number not in by_id.out
    assert "contact 1 of campaign trial" in by_id.out
    (status,) = terminal.run("status", "trial", "--json").json
    assert status["why"]
    assert f"Now: {status['why']}" in terminal.run("status", "trial").out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("why", "nobody"), 2, "no campaign nobody was run with this database"),
        (("plan", "nobody"), 2, "no campaign nobody was run with this database"),
        (("explain", "999"), 2, "there is no contact 999"),
        (("explain", "6025550100"), 2, "needs --region"),
        (("explain", "not a number"), 2, "cannot be read"),
        (("plan", "trial", "--limit", "0"), 2, "--limit"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(terminal, words, code, said):
    """No traceback, and the exit code of wrong use."""
    made = terminal.run(*words)
    assert made.code == code
    assert said in made.err
    assert "Traceback" not in made.err


def test_a_stranger_is_said_to_be_one(terminal):
    """Nobody's number is no mistake: there is simply nothing to tell."""
    told = terminal.run("explain", "+442079460999")
    assert told.code == 0
    assert "No contact has +442079460999" in told.out
    assert terminal.run("explain", "+442079460999", "--json").json == []


def test_a_campaign_without_its_file_keeps_its_history(terminal, campaign):
    """What happened is told from the database, and why nothing more can be told."""
    folder = campaign(1)
    assert terminal.run("run", folder, "--no-wait").code == 0
    (folder / "campaign.toml").unlink()
    told = terminal.run("explain", PEOPLE[0])
    assert told.code == 0
    assert "cannot be told without the campaign's file" in told.out
    assert terminal.run("why", "trial").code != 0
    assert terminal.run("status", "trial").code == 0


def test_on_postgresql_too(terminal, campaign, postgres_url):
    """The same verbs, the same answers."""
    database = {"INKBATCH_DATABASE_URL": postgres_url}
    folder = campaign(2, pilot={"calls": 1})
    paused = terminal.run("run", folder, **database)
    assert "pilot: 1 calls ended" in paused.out
    why = terminal.run("why", "trial", "--json", **database).json
    assert why["sentence"].startswith("the campaign is paused: pilot: 1 calls ended")
    plan = terminal.run("plan", "trial", "--json", **database).json
    assert plan["calls"][0]["row_number"] == 3
    assert terminal.run("explain", PEOPLE[0], "--json", **database).json[0]["attempts"]
    assert terminal.run("resume", "trial", **database).code == 0
    assert terminal.run("run", folder, **database).code == 0
    (status,) = terminal.run("status", "trial", "--json", **database).json
    assert "due" not in status["counts"]["contacts"]
