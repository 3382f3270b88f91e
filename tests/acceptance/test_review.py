"""The review queue at a terminal: told by status, listed, released and closed."""

import pytest

from tests.acceptance.books import attempts_in, disagreements

FAULTS = """
[[faults]]                  # nothing rings, and nobody can know
fault = "reset"
when = "before"
paths = ["/place-call"]
times = 2
"""


@pytest.fixture
def sandbox(sandbox_at, tmp_path):
    """The first two place-calls vanish."""
    faults = tmp_path / "faults.toml"
    faults.write_text(FAULTS, "utf-8")
    with sandbox_at("--durations", 0.01, "--faults", faults) as running:
        yield running


def test_a_person_sees_and_decides_what_nobody_can_tell(terminal, sandbox, campaign, database_url):
    """Two of three wait in review; one is released and called, the other closed, mistakes cost."""
    there = {"INKBATCH_DATABASE_URL": database_url}
    folder = campaign(3, breaker=100, attempts={"max": 1})
    assert terminal.run("run", folder, **there).code == 0

    told = terminal.run("status", folder, **there).out
    listed = terminal.run("review", folder, **there)
    first, second = terminal.run("review", "trial", "--json", **there).json
    mistaken = terminal.run("review", "trial", "release", "4711", "--json", **there)
    nobody = terminal.run("review", "trial", "close", **there)
    closed = terminal.run("review", "trial", "close", str(second["contact_id"]), **there)
    released = terminal.run(
        "review", "trial", "release", first["attempt_id"][:8], "--json", "--reason", "rang", **there
    )
    assert "In review: 2" in told
    assert "inkbatch review trial" in told
    assert (listed.code, first["attempt_id"] in listed.out) == (0, True)
    assert (mistaken.code, "4711" in mistaken.err) == (2, True)
    assert (nobody.code, "--all" in nobody.err) == (2, True)
    assert (closed.code, "1 contact of trial closed" in closed.out) == (0, True)
    assert released.json == {"action": "release", "contacts": 1}

    last = terminal.run("run", folder, "--json", **there).json

    assert last["result"]["placed"] == 1
    assert "review" not in last["counts"]["contacts"]
    assert last["counts"]["contacts"]["withdrawn"] == 1
    assert disagreements(sandbox.ledger(), attempts_in(database_url)) == []
