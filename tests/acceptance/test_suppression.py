"""`suppress`: the list of numbers never to call, kept by hand, without a key and a network.

Most of it runs inside this process, since a process for each of so many commands takes its time.
"""

import csv

import pytest
import xlsxwriter
from typer.testing import CliRunner

from inkbatch.cli import app
from inkbatch.domain.errors import UserMistake
from tests.acceptance.books import contacts_in
from tests.acceptance.terminal import Said

HER, HIM, LONDON = "+14155550132", "+14155550133", "+442079460123"
DONE, FOUND_PROBLEMS, WRONG_USE = 0, 1, 2


@pytest.fixture
def suppress(sqlite_url):
    """Say `inkbatch suppress ...` in this process and return what it said."""

    def say(*words):
        result = CliRunner().invoke(
            app, ["suppress", *words], env={"INKBATCH_DATABASE_URL": sqlite_url}
        )
        if isinstance(result.exception, UserMistake):
            return Said(WRONG_USE, result.stdout, str(result.exception))
        assert isinstance(result.exception, SystemExit | None), result.exception
        return Said(result.exit_code, result.stdout, result.stderr)

    return say


@pytest.fixture
def listed(suppress):
    """Return the entries of the list by number."""

    def read(*words):
        return {entry["number"]: entry for entry in suppress("list", *words, "--json").json}

    return read


@pytest.fixture
def write(tmp_path):
    """Write a file into the test's folder and return its path."""

    def to(name, text):
        (tmp_path / name).write_text(text, "utf-8")
        return str(tmp_path / name)

    return to


def test_the_list_is_kept_without_a_key(terminal_in, tmp_path):
    """Only the database is needed, and whoever makes a mistake is told by exit code 2."""
    desk = terminal_in(tmp_path)
    del desk.environment["INKBATCH_API_KEY"]
    added = desk.run("suppress", "add", HER)
    assert (added.code, added.err) == (DONE, "")
    assert added.out == f"{HER} is on the suppression list now, for good: no reason given\n"
    mistaken = desk.run("suppress", "add", "4155550132")
    assert (mistaken.code, mistaken.out) == (WRONG_USE, "")
    assert "a number without a plus needs --region" in mistaken.err
    unread = desk.run("suppress", "remove", HIM)
    assert (unread.code, unread.out) == (FOUND_PROBLEMS, "")
    assert "is not on the suppression list" in unread.err


def test_a_number_is_added_searched_and_removed(suppress, listed):
    """One sentence each; who takes a number off reads since when and why it was there."""
    suppress("add", "(415) 555-0132", "--region", "US", "--reason", "opted out by mail")
    assert HER in suppress("list", "555 0132").out
    assert "matches 9999" in suppress("list", "9999").out
    assert listed("MAIL")[HER]["source"] == "by hand"
    removed = suppress("remove", HER)
    assert removed.code == DONE
    assert f"Removed: {HER} was on the suppression list since " in removed.out
    assert "for good: opted out by mail (from: by hand)" in removed.out
    assert "is empty" in suppress("list").out


def test_adding_again_says_what_the_list_says(suppress, listed):
    """A longer time prolongs, a shorter one changes nothing, and both are told."""
    suppress("add", HER, "--until", "2999-01-31")
    longer = suppress("add", HER, "--until", "2999-12-31", "--reason", "asked again")
    assert "until Fri 2999-02-01 12:00 UTC; it stays there until Wed 3000-01-01" in longer.out
    shorter = suppress("add", HER, "--until", "2999-06-30")
    assert shorter.out.startswith(f"Nothing changed: {HER} was on the suppression list since ")
    assert listed()[HER]["reason"] == "asked again"
    assert listed()[HER]["expires_at"] == "3000-01-01T12:00:00+00:00"


def test_a_file_is_imported_exported_and_imported_again(suppress, listed, write, tmp_path):
    """What was added, known and over is counted; an export is a list that can be read back."""
    text = f"Phone,Reason,Until\n{HER},=1+1,\n{LONDON},moved,2999-01-31\n{HER},,\n{HIM},,2020-01-01"
    gone = write("gone.csv", text)
    first = suppress("import", gone)
    assert (first.code, first.err) == (DONE, "")
    assert "gone.csv: added 2, 1 was there twice, 1 had expired." in first.out
    again = suppress("import", gone)
    assert "added 0, 2 were on the list already, 1 was there twice, 1 had expired." in again.out
    assert "Delete it from gone.csv too" in suppress("remove", LONDON).out
    assert "added 1, 1 was on the list already" in suppress("import", gone).out
    before = listed()
    for name in ("list.csv", "list.xlsx"):
        path = str(tmp_path / name)
        assert suppress("export", path).out == f"Wrote 2 numbers to {path}\n"
        for number in before:
            assert suppress("remove", number).code == DONE
        assert "added 2." in suppress("import", path).out
        after = listed()
        assert [entry["expires_at"] for entry in after.values()] == [
            entry["expires_at"] for entry in before.values()
        ]
        assert after.keys() == before.keys()
    with (tmp_path / "list.csv").open(encoding="utf-8-sig", newline="") as stream:
        reasons = [row["reason"] for row in csv.DictReader(stream)]
    assert reasons == ["'=1+1", "moved"]


def test_a_file_with_an_unreadable_row_adds_nobody_unless_told_to(suppress, listed, write):
    """Leaving a row out would call somebody who asked not to be called."""
    gone = write("gone.csv", f"Phone\n{HER}\n41555501\n{HIM}\n")
    refused = suppress("import", gone, "--region", "US")
    assert (refused.code, refused.out) == (FOUND_PROBLEMS, "")
    assert "nothing was added, since 1 row of gone.csv could not be read: row 3: " in refused.err
    assert "--skip-unreadable" in refused.err
    assert listed() == {}
    told = suppress("import", gone, "--region", "US", "--skip-unreadable", "--reason", "law")
    assert told.code == DONE
    assert "added 2, 1 row could not be read and may be called: row 3: " in told.out
    assert {number: entry["reason"] for number, entry in listed().items()} == {
        HER: "law",
        HIM: "law",
    }


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("add", "4155550132"), "needs --region"),
        (("add", "+1415555013"), "too short"),
        (("add", HER, "--until", "yesterday"), "--until yesterday: this is no "),
        (("add", HER, "--until", "2020-01-01"), "--until 2020-01-01 has passed"),
        (("add", HER, "--region", "Atlantis"), "Atlantis is no country"),
        (("import", "nowhere.csv"), "there is no file nowhere.csv"),
        (("export", "list.doc"), "ends in .csv"),
    ],
)
def test_a_mistake_is_told_in_one_sentence_and_changes_nothing(suppress, listed, words, says):
    """Exit 2 and what to do, on standard error alone."""
    said = suppress(*words)
    assert (said.code, said.out) == (WRONG_USE, "")
    assert says in said.err
    assert "Traceback" not in said.err
    assert listed() == {}


def test_texts_of_a_file_cannot_command_the_terminal(suppress, write):
    """Control characters and markup out of a stranger's file are shown as text."""
    suppress("import", write("gone.csv", f"Phone,Reason\n{HER},\x1b[31m[bold]x[/bold]\n"))
    assert "[31m[bold]x[/bold]" in suppress("remove", HER).out
    suppress("import", write("gone.csv", f"Phone,Reason\n{HER},\x1b[1m[b]x[/b]\n"))
    shown = suppress("list").out
    assert "\x1b" not in shown
    assert "[b]x[/b]" in shown


def test_a_long_list_shows_its_beginning_and_says_so(suppress, write):
    """A person gets a screenful, a script everything."""
    rows = "".join(f"+1415555{last:04d}\n" for last in range(100, 200))
    suppress("import", write("gone.csv", f"Phone\n{rows}+13125550100\n"))
    shown = suppress("list", "--limit", "3")
    assert shown.out.count("+1") == 3
    assert "There are more than these 3" in shown.out
    assert "more than these 100" in suppress("list").out
    assert len(suppress("list", "--json").json) == 101


def test_who_is_on_the_list_is_not_called_by_any_campaign(terminal, sandbox, campaign):
    """The list holds for every campaign of the database, whether or not it has files of its own."""
    folder = campaign(3)
    first = (folder / "call_list.csv").read_text("utf-8").splitlines()[1].rpartition(",")[2]
    before = len(sandbox.ledger())
    assert terminal.run("suppress", "add", first).code == DONE
    assert terminal.run("run", folder).code == DONE
    called = {call["to_number"] for call in sandbox.ledger()[before:]}
    assert len(called) == 2
    assert first not in called
    database = f"sqlite:///{terminal.folder}/inkbatch.db"
    assert {contact["number"] for contact in contacts_in(database)} == called


def test_what_to_know_of_a_campaign_s_suppression_file_is_told(terminal, campaign):
    """A second sheet, whose numbers may be called, is pointed out before anybody is dialed."""
    folder = campaign(2, suppression_files=["dnc.xlsx"])
    with xlsxwriter.Workbook(str(folder / "dnc.xlsx")) as book:
        for sheet, number in (("Mail", HER), ("Calls", HIM)):
            book.add_worksheet(sheet).write_column(0, 0, ["Phone", number])
    note = 'note: dnc.xlsx: only the sheet "Mail" was read, not "Calls"'
    checked = terminal.run("check", folder)
    dialed = terminal.run("run", folder)
    assert (checked.code, dialed.code) == (DONE, DONE)
    assert note in checked.out
    assert note in dialed.out
