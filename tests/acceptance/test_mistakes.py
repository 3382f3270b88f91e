"""What people get wrong: one clear sentence each, the right exit code, and nobody is dialed."""

import re
from dataclasses import dataclass, field

import pytest

from tests.acceptance.books import attempts_in, campaigns_in

NOBODY_LISTENS = "http://127.0.0.1:9/api/v1/phone"
FOUND_PROBLEMS, WRONG_USE = 1, 2
A_FOLDER = None


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """Something that a person gets wrong: what they type, and what the answer has to say."""

    says: tuple[str, ...]
    code: int = WRONG_USE
    words: tuple[str, ...] = ("run", "trial")
    keys: dict = field(default_factory=dict)
    environment: dict = field(default_factory=dict)
    files: dict = field(default_factory=dict)


MISTAKES = {
    "a wrong key": Mistake(
        environment={"INKBATCH_API_KEY": "not-the-key"},
        code=FOUND_PROBLEMS,
        says=("refused the API key", "Check INKBATCH_API_KEY"),
    ),
    "no key": Mistake(
        environment={"INKBATCH_API_KEY": ""},
        says=("no API key is set", "Set INKBATCH_API_KEY"),
    ),
    "a number of another organisation": Mistake(
        keys={"from_numbers": ["+12125550100"]},
        code=FOUND_PROBLEMS,
        says=("+1•••••••0100 does not belong to the organisation", "+1•••••••0101"),
    ),
    "an inactive number": Mistake(
        keys={"from_numbers": ["+14155550102"]},
        code=FOUND_PROBLEMS,
        says=("+1•••••••0102 is inactive", "Activate it at Inkbox"),
    ),
    "a server that is down": Mistake(
        environment={"INKBATCH_BASE_URL": NOBODY_LISTENS},
        code=FOUND_PROBLEMS,
        says=("127.0.0.1:9 cannot be read: connection refused", "Check INKBATCH_BASE_URL"),
    ),
    "a server without encryption": Mistake(
        environment={"INKBATCH_BASE_URL": "http://inkbox.example.com/api"},
        says=("unencrypted to inkbox.example.com", "Use https"),
    ),
    "a setting that is no number": Mistake(
        environment={"INKBATCH_POLL_SECONDS": "often"},
        says=("INKBATCH_POLL_SECONDS", "number"),
    ),
    "a database of a kind we do not know": Mistake(
        environment={"INKBATCH_DATABASE_URL": "mysql://me:hunter2@db.example.com/calls"},
        code=FOUND_PROBLEMS,
        says=("mysql is not supported", "sqlite:///inkbatch.db"),
    ),
    "a database where there is no folder": Mistake(
        environment={"INKBATCH_DATABASE_URL": "sqlite:///missing/calls.db"},
        code=FOUND_PROBLEMS,
        says=("Cannot create the database file missing/calls.db", "make its folder first"),
    ),
    "a folder that is not there": Mistake(
        words=("run", "nowhere"), says=("no folder nowhere", "`inkbatch init`")
    ),
    "a half-written campaign file": Mistake(
        files={"campaign.toml": b'name = "trial"\nfrom_numbers = ["+1415'},
        says=("campaign.toml is not valid TOML, or only half written",),
    ),
    "a key of the campaign file that is misspelled": Mistake(
        keys={"prioritty": 3}, says=("campaign.toml: prioritty = 3", "did you mean priority?")
    ),
    "a placeholder without a column": Mistake(
        keys={"client_websocket_url": "wss://agent.example.com/?n={contact.surname}"},
        says=("{contact.surname}", "no such column", "Its columns are: first_name"),
    ),
    "a call list that is not there": Mistake(
        keys={"call_list": "people.csv"}, says=("there is no file", "people.csv")
    ),
    "a call list without a phone column": Mistake(
        files={"call_list.csv": b"First name,City\nDagny,Oslo\n"},
        says=("has no phone column", "under [columns]"),
    ),
    "an empty call list": Mistake(
        files={"call_list.csv": b""}, says=("call_list.csv is empty", "column names")
    ),
    "a call list of headers alone": Mistake(
        files={"call_list.csv": b"First name,Phone\n"}, says=("no rows under them",)
    ),
    "a folder for a call list": Mistake(
        keys={"call_list": "lists.csv"},
        files={"lists.csv": A_FOLDER},
        says=("lists.csv is a folder", "give the file"),
    ),
    "garbage for a spreadsheet": Mistake(
        keys={"call_list": "call_list.xlsx"},
        files={"call_list.xlsx": b"\x00\xffPK garbage"},
        says=("call_list.xlsx cannot be read as XLSX", "save it anew"),
    ),
    "a list to check that is not there": Mistake(
        words=("check", "people.xlsx"), says=("there is no file people.xlsx",)
    ),
    "a campaign without status": Mistake(words=("status", "trail"), says=("no campaign trail",)),
    "a campaign without report": Mistake(words=("report", "trail"), says=("no campaign trail",)),
    "a campaign without export": Mistake(
        words=("export", "trail", "a.csv"), says=("no campaign trail", "Campaigns here")
    ),
    "a name that no campaign can have": Mistake(
        words=("init", "../spring"), says=("'../spring' cannot be a campaign's name",)
    ),
    "a folder without scheduled campaigns": Mistake(
        words=("serve", "."), says=("no campaign in . has a [schedule]", "`inkbatch run`")
    ),
    "a Prefect server that is down": Mistake(
        words=("serve", "."),
        keys={"schedule": {"cron": "0 9 * * 1-5", "zone": "Europe/London"}},
        environment={"PREFECT_API_URL": "http://127.0.0.1:9/api"},
        code=FOUND_PROBLEMS,
        says=("no Prefect server answers at http://127.0.0.1:9/api", "unset PREFECT_API_URL"),
    ),
    "a sandbox that cannot be": Mistake(
        words=("sandbox", "--durations", "0"), says=("the sandbox cannot run like that",)
    ),
    "a sandbox whose calls last no number": Mistake(
        words=("sandbox", "--durations", "nan"), says=("durations is nan",)
    ),
    "a sandbox that never forgets": Mistake(
        words=("sandbox", "--window-seconds", "inf"), says=("the sandbox cannot run like that",)
    ),
    "a sandbox that forgets after an age": Mistake(
        words=("sandbox", "--window-seconds", "1e13"), says=("at most 366 days",)
    ),
    "a sandbox with no number of minutes": Mistake(
        words=("sandbox", "--minutes-limit", "nan"), says=("minutes_limit is nan",)
    ),
    "a sandbox whose clock stands": Mistake(
        words=("sandbox", "--speed", "0"), says=("speed is 0; it must be above 0",)
    ),
    "a sandbox that starts at no certain moment": Mistake(
        words=("sandbox", "--start", "2026-03-02T09:00"),
        says=("--start 2026-03-02T09:00 has no time zone", "2026-03-02T09:00-05:00"),
    ),
    "a sandbox of organisations that are not there": Mistake(
        words=("sandbox", "--organisations", "clinics.toml"),
        says=("clinics.toml cannot be read",),
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_gets_one_clear_sentence_and_dials_nobody(terminal, sandbox, campaign, mistake):
    """What happened, to what, what to do now; no traceback, no secret, no contact's number."""
    calls = len(sandbox.ledger())
    folder = campaign(3, **mistake.keys)
    for name, content in mistake.files.items():
        (folder / name).mkdir() if content is A_FOLDER else (folder / name).write_bytes(content)
    said = terminal.run(*mistake.words, **mistake.environment)
    assert said.code == mistake.code
    assert said.out == ""
    assert_is_clear(said.err, says=mistake.says)
    assert len(sandbox.ledger()) == calls
    database = terminal.folder / "inkbatch.db"
    assert not database.exists() or attempts_in(f"sqlite:///{database}") == []


@pytest.fixture(scope="module")
def dialed(terminal_in, tmp_path_factory, sandbox, campaign_in):
    """A terminal in which a campaign was dialed and then canceled for good."""
    terminal = terminal_in(tmp_path_factory.mktemp("dialed"), sandbox)
    assert terminal.run("run", campaign_in(terminal.folder, 2)).code == 0
    assert terminal.run("cancel", "trial").code == 0
    return terminal


@pytest.mark.xdist_group("dialed")
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("export", "trial", "people.doc"), ("people.doc", ".csv, .parquet or .xlsx")),
        (("export", "trial", "trial"), ("trial", ".csv, .parquet or .xlsx")),
        (("pause", "trial"), ("trial was canceled, which is for good", "`inkbatch init`")),
        (("resume", "trial"), ("trial was canceled, which is for good",)),
        (("status", "trail"), ("no campaign trail", "Campaigns here: trial")),
    ],
)
def test_a_mistake_about_a_dialed_campaign_changes_nothing(dialed, words, says):
    """The sentence names what there is; the campaign stays as it was."""
    before = stored(dialed)
    said = dialed.run(*words)
    assert (said.code, said.out) == (WRONG_USE, "")
    assert_is_clear(said.err, says=says)
    assert stored(dialed) == before


@pytest.mark.parametrize("words", [("dial", "trial"), ("run", "trial", "--fast")])
def test_a_command_that_does_not_exist_so_is_wrong_use(terminal, words):
    """Typer's own complaints have the exit code of wrong use and point to the help."""
    said = terminal.run(*words)
    assert said.code == WRONG_USE
    assert "--help" in said.err
    assert "Traceback" not in said.err


def stored(terminal):
    """Return the campaigns and attempts of the terminal's database."""
    url = f"sqlite:///{terminal.folder}/inkbatch.db"
    return campaigns_in(url), attempts_in(url)


def assert_is_clear(complaint, *, says):
    """Assert one sentence or two on standard error, with what has to be in them."""
    assert complaint.startswith("inkbatch: ")
    assert "Traceback" not in complaint
    assert len(complaint.strip().splitlines()) == 1
    assert [words for words in says if words not in complaint] == []
    assert not re.search(r"not-the-key|hunter2|Dagny", complaint)
    assert not re.search(r"\+1(312|303|602)", complaint)
