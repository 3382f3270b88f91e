"""`erase` and `purge`, as a person says them; inside this process, since another takes its time."""

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from inkbatch.adapters.call_lists import read_call_list, read_suppression_file
from inkbatch.adapters.store import open_store
from inkbatch.cli import app
from inkbatch.dialer.enroll import Readers, enroll
from inkbatch.domain.errors import UserMistake
from inkbatch.wiring import load_campaign
from tests.acceptance.books import contacts_in, rows_of
from tests.acceptance.terminal import Said
from tests.trial_campaigns import write_campaign

HER, HIM = "+14155550132", "+14155550133"
ROWS = [{"Phone": HER, "Name": "Ottilie"}, {"Phone": HIM, "Name": "Bo"}]
LONG_AGO = datetime.now(UTC) - timedelta(days=200)
DONE, FOUND_PROBLEMS, WRONG_USE = 0, 1, 2


def take_in(folder, database_url):
    """Enroll the call list of a campaign, long ago."""
    readers = Readers(call_list=read_call_list, suppressions=read_suppression_file)
    with closing(open_store(database_url)) as store:
        enroll(
            load_campaign(folder),
            store=store,
            readers=readers,
            organisation="acme",
            folder=folder,
            now=LONG_AGO,
        )


@pytest.fixture
def inkbatch(database_url):
    """Say `inkbatch ...` in this process and return what it said."""

    def say(*words, answer=None):
        environment = {"INKBATCH_DATABASE_URL": database_url}
        result = CliRunner().invoke(app, words, env=environment, input=answer)
        if isinstance(result.exception, UserMistake):
            return Said(WRONG_USE, result.stdout, str(result.exception))
        assert isinstance(result.exception, SystemExit | None), result.exception
        return Said(result.exit_code, result.stdout, result.stderr)

    return say


@pytest.fixture
def imported(database_url, tmp_path):
    """Two people whose list was taken in long ago, both of whom were reached then."""
    take_in(write_campaign(tmp_path / "trial", ROWS), database_url)
    with closing(open_store(database_url)) as store, store.engine.begin() as connection:
        connection.execute(text("UPDATE contact SET state = 'reached', why = 'answered'"))


@pytest.fixture
def imported_with_two_numbers(database_url, tmp_path):
    """Two people, of whom the first has a work number that the other has as the only one."""
    work = "+12125550150"
    rows = [{"Mobile": HER, "Work": work, "Name": "Ottilie"}, {"Mobile": work, "Name": "Bo"}]
    folder = write_campaign(tmp_path / "two", rows, columns={"phone": ["Mobile", "Work"]})
    take_in(folder, database_url)


@pytest.fixture
def names(database_url):
    """Return the names that contacts have."""

    def read():
        fields = [contact["fields"] for contact in contacts_in(database_url)]
        told = [json.loads(each) if isinstance(each, str) else each for each in fields]
        return sorted(each.get("name", "nobody") for each in told)

    return read


@pytest.mark.usefixtures("imported")
def test_somebody_is_erased_after_a_question(inkbatch, names):
    """What there is is told first; any answer but yes leaves everything as it is."""
    told = inkbatch("erase", HER, answer="n\n")
    assert told.code == FOUND_PROBLEMS
    assert "The database has of +1•••••••0132: 1 contact." in told.out
    assert "Nothing was erased." in told.out
    assert names() == ["Bo", "Ottilie"]

    told = inkbatch("erase", "415 555 0132", "--region", "US", answer="y\n")
    assert told.code == DONE, told
    assert "Erased of +1•••••••0132: 1 contact" in told.out
    for place in ("suppression files", "exports and backups", "Inkbox", "Prefect"):
        assert place in told.out, "what cannot be reached is told"
    assert names() == ["Bo", "nobody"]


@pytest.mark.usefixtures("imported_with_two_numbers")
def test_all_numbers_of_a_person_are_told_and_go(inkbatch, names):
    """Who else has one of them is told, since it may be the same person."""
    told = inkbatch("erase", HER, answer="y\n")
    assert told.code == DONE, told
    assert "1 contact, 1 other number of the same person" in told.out
    assert "The hashes of all these numbers stay" in told.out
    assert "is also that of 1 other contact, kept and not called any more" in told.out
    assert names() == ["Bo", "nobody"]
    assert "erased" in inkbatch("suppress", "remove", "+12125550150").out


@pytest.mark.usefixtures("imported")
def test_a_script_erases_without_a_question(inkbatch, names):
    """--json alone only tells; with --yes it is done, and the file is rid of it too."""
    told = inkbatch("erase", HER, "--json").json
    assert (told["erased"], told["contacts"]) == (False, 1)
    assert names() == ["Bo", "Ottilie"]
    told = inkbatch("erase", HER, "--json", "--yes").json
    assert (told["erased"], told["contacts"], told["scrubbed"]) == (True, 1, True)
    assert len(told["out_of_reach"]) == 4
    assert names() == ["Bo", "nobody"]


@pytest.mark.usefixtures("imported")
def test_an_erased_number_is_told_by_suppress(inkbatch):
    """It stands on the suppression list for good, and can be taken off if the person wants so."""
    assert inkbatch("erase", HER, "--yes").code == DONE
    assert "Nothing changed" in inkbatch("suppress", "add", HER).out
    assert inkbatch("suppress", "list", "--json").json == []
    removed = inkbatch("suppress", "remove", HER).out
    assert "erased" in removed
    assert "Delete it" not in removed, "there is no file that would bring it back"
    assert inkbatch("suppress", "remove", HER).code == FOUND_PROBLEMS


@pytest.mark.usefixtures("imported")
def test_a_purge_only_counts_until_it_is_told_to_do_it(inkbatch, names):
    """Who looks first sees how many; with --yes they are forgotten and still counted."""
    told = inkbatch("purge", "--older-than", "90d")
    assert told.code == DONE
    assert "Would be forgotten" in told.out
    assert "2 contacts" in told.out
    assert names() == ["Bo", "Ottilie"]
    assert inkbatch("purge", "--older-than", "300d", "--yes", "--json").json["contacts"] == 0
    assert names() == ["Bo", "Ottilie"]
    told = inkbatch("purge", "--older-than", "90d", "--yes", "--json").json
    assert (told["purged"], told["contacts"], told["scrubbed"]) == (True, 2, True)
    assert names() == ["nobody", "nobody"]
    (status,) = inkbatch("status", "trial", "--json").json
    assert status["counts"]["contacts"]["reached"] == 2


@pytest.mark.parametrize("age", ["90", "0d", "3 months", "-1d"])
def test_an_age_that_cannot_be_read_changes_nothing(inkbatch, age):
    """A figure without a unit may mean anything."""
    told = inkbatch("purge", f"--older-than={age}", "--yes")
    assert told.code == WRONG_USE
    assert "such as 90d" in told.err


@pytest.mark.usefixtures("imported")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_byte_of_the_file_tells_of_whom_it_forgot(inkbatch, sqlite_url):
    """With names and numbers looked for in the database and in the journal beside it."""
    file = Path(sqlite_url.removeprefix("sqlite:///"))

    def found():
        data = b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))
        return [word for word in (b"4155550132", b"Ottilie", b"Bo") if word in data]

    assert found() == [b"4155550132", b"Ottilie", b"Bo"]
    assert inkbatch("erase", HER, "--yes").code == DONE
    assert found() == [b"Bo"]
    assert rows_of(sqlite_url, "SELECT count(*) AS n FROM contact") == [{"n": 2}]
