"""`inkbatch forecast` in a terminal, and where else its sentence stands."""

import re
import shutil
from pathlib import Path

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


def test_before_and_after_a_run(terminal, campaign):
    """Check foresees the list by priors, and after the run nobody is left."""
    folder = campaign(4)
    checked = terminal.run("check", folder)
    assert "forecast  4 people to call; done by" in checked.out
    assert "no try of its own: priors" in checked.out
    document = terminal.run("check", folder, "--json").json["forecast"]
    assert document["contacts"] == 4
    assert terminal.run("run", folder).code == 0
    assert "trial: nobody is left to call." in terminal.run("forecast", "trial").out
    assert terminal.run("forecast", "trial", "--json").json["finish"] is None


def test_a_paused_campaign_is_foreseen_as_if_resumed(terminal, campaign):
    """With table, JSON of the README's shape and chart; the report expects the same."""
    folder = campaign(6, pilot={"calls": 2})
    assert terminal.run("run", folder).code == 0
    shown = terminal.run("forecast", "trial", "--chart", "ahead.svg")
    assert shown.code == 0
    assert re.search(r"people to call; done by \w{3} \d{4}-\d\d-\d\d \d\d:\d\d", shown.out)
    assert "Supposing that the campaign is resumed now" in shown.out
    assert "more budget" not in shown.err
    assert (terminal.folder / "ahead.svg").read_text().startswith("<svg")
    told = terminal.run("forecast", "trial", "--json").json
    described = README.split("<!-- forecast json -->")[1]
    assert set(told) == set(re.findall(r"`(\w+)`", described))
    assert told["from_tries"] >= 2
    assert told["days"][0]["calls"]["p50"] > 0
    reported = terminal.run("report", "trial", "--json").json["forecast"]
    assert (reported["calls"], reported["reached"]) == (told["calls"], told["reached"])
    shutil.move(folder, folder.with_name("elsewhere"))
    assert terminal.run("report", "trial", "--json").json["forecast"] is None


def test_a_chart_that_cannot_be_written_is_told(terminal, campaign):
    """In a sentence, with the exit code of wrong use."""
    assert terminal.run("run", campaign(1)).code == 0
    made = terminal.run("forecast", "trial", "--chart", "no/such/folder.svg")
    assert made.code == 2
    assert "cannot be written" in made.err
