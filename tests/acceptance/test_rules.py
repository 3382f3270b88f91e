"""`inkbatch rules`, and where else a person sees what holds."""

import tomllib

import pytest

FEDERAL_HOURS = "hours     Mon-Sun 08:00-21:00 (each contact's own time zone)"


@pytest.fixture
def terminal(terminal_in, tmp_path):
    """One without a sandbox, for nobody is dialed."""
    return terminal_in(tmp_path)


@pytest.fixture
def laws(terminal, campaign_in):
    """A campaign that may call at any hour of its own, under rules of the USA and of Florida."""
    campaign_in(
        terminal.folder,
        2,
        calling_window={"weekdays": ["00:00-24:00"], "weekends": ["00:00-24:00"]},
        rules=["us-federal", "us-reg-f"],
        expires="14d",
    )
    return terminal


def test_all_rule_sets_are_listed_with_the_date_of_the_check(terminal):
    """A line each."""
    listed = terminal.run("rules")
    assert listed.code == 0
    lines = listed.out.splitlines()
    assert {line.split()[0] for line in lines} >= {"us-federal", "us-florida", "france", "canada"}
    assert all("(checked 2026-" in line for line in lines)


def test_a_rule_set_is_shown_as_a_file_to_copy(terminal):
    """What is printed is the file, and a campaign takes it as its own."""
    shown = terminal.run("rules", "us-florida").out
    told = tomllib.loads(shown)
    assert told["calling_window"]["weekdays"] == ["08:00-20:00"]
    assert "501.616" in told["sources"][0]["where"]
    (terminal.folder / "my.toml").write_text(shown, "utf-8")
    read = terminal.run("rules", "my.toml")
    assert "hours     Mon-Sun 08:00-20:00" in read.out
    assert "at most   3 in 24 hours" in read.out
    assert "501.616" in read.out


def test_a_campaigns_rules_are_shown_combined(laws):
    """The strictest hours, every cap, the cool-downs, its end, and where each rule is written."""
    shown = laws.run("rules", "trial").out
    assert FEDERAL_HOURS in shown
    assert "at most   3 in 24 hours" in shown
    assert "at most   7 in 7 days" in shown
    assert "in peace  7 days after answered" in shown
    assert "expires   14 days after the import" in shown
    assert "us-reg-f, 12 CFR 1006.14(b)(2)(i)(A)" in shown


def test_check_shows_the_combined_hours(laws):
    """Before anybody is called."""
    assert FEDERAL_HOURS in laws.run("check", "trial").out


def test_an_unknown_rule_set_stops_the_campaign(terminal, campaign_in):
    """A law that nobody knows is none that nobody keeps: nothing is dialed."""
    campaign_in(terminal.folder, 1, rules=["us-atlantis"])
    for words in (("run", "trial", "--yes"), ("check", "trial"), ("rules", "trial")):
        refused = terminal.run(*words)
        assert refused.code == 2
        assert "there is no rule set 'us-atlantis'" in refused.err
    assert "there is no rule set, rule file or campaign" in terminal.run("rules", "atlantis").err
