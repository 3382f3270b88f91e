from contextlib import closing

import openpyxl
import pandas as pd
import pytest

from tests.acceptance.books import attempts_in, disagreements, miscounts

CONTACTS = 24


@pytest.fixture(scope="module")
def terminal(terminal_in, tmp_path_factory, sandbox):
    """One for the module: its tests look at one and the same run."""
    return terminal_in(tmp_path_factory.mktemp("run"), sandbox)


@pytest.fixture(scope="module")
def dialed(terminal, campaign_in):
    """What `inkbatch run` said of a campaign that it dialed to its end."""
    return terminal.run("run", campaign_in(terminal.folder, CONTACTS), "--json")


def test_a_run_reaches_or_gives_up_everybody_and_its_books_agree_with_the_ledger(
    terminal, sandbox, dialed
):
    """A whole campaign by the real program: exit 0, sums that come out, no attempt dialed twice."""
    assert (dialed.code, dialed.err) == (0, "")
    ledger = sandbox.ledger()
    attempts = attempts_in(f"sqlite:///{terminal.folder}/inkbatch.db")
    assert disagreements(ledger, attempts) == []
    counts = dialed.json["counts"]
    assert miscounts(counts, rows=CONTACTS, attempts=len(ledger)) == []
    assert set(counts["contacts"]) <= {"reached", "exhausted"}
    assert dialed.json["result"]["wake_at"] is None


def test_running_a_finished_campaign_again_dials_nobody(terminal, sandbox, dialed):
    """The same command twice is harmless, and says that nothing is left to do."""
    assert dialed.code == 0
    calls = len(sandbox.ledger())
    again = terminal.run("run", "trial")
    assert again.code == 0
    assert "everyone is reached or given up" in again.out
    assert len(sandbox.ledger()) == calls


def test_status_tells_what_the_run_told(terminal, dialed):
    """The same counts stand in status and in what run printed."""
    (status,) = terminal.run("status", "trial", "--json").json
    assert status["counts"] == dialed.json["counts"]


def test_report_is_one_page_and_its_figures_are_json(terminal, sandbox, dialed):
    """The page is written where it is wanted, and scripts get the same figures."""
    assert dialed.code == 0
    figures = terminal.run("report", "trial", "--json")
    assert figures.code == 0
    assert sum(figures.json["dispositions"].values()) == len(sandbox.ledger())
    written = terminal.run("report", "trial", "--out", "page.html")
    assert (written.code, written.err) == (0, "")
    assert "<html" in (terminal.folder / "page.html").read_text("utf-8")


def test_exports_hold_every_contact_attempt_and_row(terminal, sandbox, dialed):
    """CSV, XLSX and Parquet have a line for each of what was asked for."""
    assert dialed.code == 0
    for what, name in (("contacts", "c.csv"), ("rows", "r.xlsx"), ("attempts", "a.parquet")):
        exported = terminal.run("export", "trial", name, "--what", what)
        assert (exported.code, exported.err) == (0, "")
    assert len(pd.read_csv(terminal.folder / "c.csv")) == CONTACTS
    assert len(pd.read_parquet(terminal.folder / "a.parquet")) == len(sandbox.ledger())
    with closing(openpyxl.load_workbook(terminal.folder / "r.xlsx")) as book:
        assert book.worksheets[0].max_row == CONTACTS + 1
