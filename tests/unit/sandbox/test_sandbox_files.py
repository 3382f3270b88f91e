"""What a person writes for the sandbox: organisations, odds, and what is wrong with them."""

from datetime import timedelta

import pytest

from inkbatch.sandbox import (
    Outcome,
    Population,
    SandboxOptions,
    ScriptError,
    load_organisations,
    load_population,
)

CLINICS = """
[[organisation]]
name = "clinic"
api_key = "clinic-key"
signing_key = "whsec_clinic"
calls_limit = 2
minutes_limit = 30.5
[[organisation.number]]
number = "+14155550110"
client_websocket_url = "ws://127.0.0.1:9000/talk"
[[organisation.number]]
number = "+14155550111"
status = "inactive"
type = "toll_free"

[[organisation]]
name = "surgery"
api_key = "surgery-key"
[[organisation.number]]
number = "+14155550112"
"""


@pytest.fixture
def write(tmp_path):
    """Write a file and return its path."""

    def write_(text):
        path = tmp_path / "file.toml"
        path.write_text(text, "utf-8")
        return path

    return write_


async def test_organisations_of_a_file_have_their_keys_numbers_and_limits(open_line, write):
    """Each calls from its own numbers, within limits of its own or the sandbox's."""
    clinic, surgery = load_organisations(write(CLINICS))
    line = await open_line(organisations=(clinic, surgery), calls_limit=5)
    line.a.headers["X-API-Key"] = "clinic-key"
    line.b.headers["X-API-Key"] = "surgery-key"
    numbers = (await line.a.get("/numbers")).json()
    placed = [await line.place(from_number="+14155550110") for _ in range(3)]
    body = {"from_number": "+14155550112", "to_number": "+442079460123"}
    other = (await line.b.post("/place-call", json=body)).json()
    assert [(number["status"], number["type"]) for number in numbers] == [
        ("active", "local"),
        ("inactive", "toll_free"),
    ]
    assert [answer.status_code for answer in placed] == [200, 200, 429]
    assert placed[0].json()["client_websocket_url"] == "ws://127.0.0.1:9000/talk"
    assert placed[0].json()["rate_limit"]["minutes_limit"] == 30.5
    assert (other["rate_limit"]["calls_limit"], other["rate_limit"]["minutes_limit"]) == (5, 100)
    assert (clinic.signing_key, surgery.signing_key) == ("whsec_clinic", "whsec_sandbox")
    assert "clinic-key" not in repr(clinic)
    assert "whsec" not in repr(clinic)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "organisation"),
        ('[[organisation]]\nname = "x"\napi_key = "y"', "organisation.0.number"),
        (CLINICS.replace("+14155550112", "0112"), "organisation.1.number.0.number"),
        (CLINICS.replace("calls_limit", "call_limit"), "organisation.0.call_limit"),
        (CLINICS.replace("clinic-key", "clinic key"), "organisation.0.api_key"),
        ("name = ", "cannot be read"),
    ],
)
def test_a_file_of_organisations_that_is_wrong_is_refused_by_its_key(write, text, complaint):
    """The message names the file and the place in it."""
    path = write(text)
    with pytest.raises(ScriptError, match=complaint) as caught:
        load_organisations(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("was", "becomes", "what"),
    [
        ("surgery-key", "clinic-key", "api_key"),
        ('"surgery"', '"clinic"', "name"),
        ("+14155550112", "+14155550110", "phone number"),
    ],
)
def test_two_organisations_share_nothing(write, was, becomes, what):
    """A key or a number belongs to one organisation."""
    organisations = load_organisations(write(CLINICS.replace(was, becomes)))
    with pytest.raises(ValueError, match=f"share a {what}"):
        SandboxOptions(organisations=organisations)


def test_odds_and_lengths_stand_beside_the_script(write):
    """What is named is set, what is not stays as it is usual."""
    path = write(
        'blocked = ["+442079460199"]\n[callees]\n"+442079460123" = ["never_ends"]\n[population]\n'
        f"busy_odds = 0.5\nmax_duration_seconds = 90\nanswer_odds = {[0.25] * 24}\n"
    )
    population = load_population(path)
    usual = Population()
    assert (population.busy_odds, population.max_duration) == (0.5, timedelta(seconds=90))
    assert population.answer_odds == (0.25,) * 24
    assert (population.reject_odds, population.talk_median) == (
        usual.reject_odds,
        usual.talk_median,
    )
    assert population.script.behaviour("+442079460123", nth=1).outcome is Outcome.NEVER_ENDS
    assert "+442079460199" in population.script.blocked


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("busy_odds = 2", "population.busy_odds = 2"),
        ("busy_odd = 0.2", "population.busy_odd"),
        ("answer_odds = [0.5]", "population.answer_odds"),
        ("max_duration_seconds = 0", "population.max_duration_seconds"),
        ("ring_least_seconds = 90", "ring_least"),
    ],
)
def test_odds_that_cannot_be_are_refused_by_their_key(write, line, complaint):
    """Before anything is dialed."""
    with pytest.raises(ScriptError, match=complaint):
        load_population(write(f"[population]\n{line}\n"))
