"""Saying what shall be: pause, resume, cancel, check, init, the question before dialing, db."""

import asyncio
import json
import re
from datetime import UTC, datetime

import pytest
import typer
from typer.testing import CliRunner

from inkbatch.adapters.clock import VirtualClock
from inkbatch.cli.dialing import dial
from inkbatch.sandbox import Sandbox
from inkbatch.settings import Settings
from inkbatch.wiring import Workplace, in_process
from tests.acceptance.books import attempts_in, disagreements
from tests.acceptance.conftest import AREAS
from tests.trial_campaigns import numbers

CONTACTS, TALKING = 8, 5
MONDAY = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def sandbox(sandbox_at, tmp_path_factory):
    """The fifth contact talks for ten seconds, time enough to say something to the run."""
    script = tmp_path_factory.mktemp("script") / "callees.toml"
    talks = '[{outcome = "answer", talk_seconds = 1000}]'
    slow = numbers(TALKING, areas=AREAS)[-1]
    script.write_text(f'[callees]\n"{slow}" = {talks}\n', "utf-8")
    with sandbox_at("--durations", 0.01, "--script", script) as running:
        yield running


def test_pause_stops_before_the_next_dial_and_resume_goes_on(terminal, sandbox, campaign):
    """Once `pause` has said so nobody more is dialed; resume and run call the rest."""
    folder, before = campaign(CONTACTS, calls_at_once=1, attempts={"max": 1}), len(sandbox.ledger())
    with terminal.started("run", folder) as running:
        sandbox.wait_for_calls(before + TALKING, process=running)
        assert terminal.run("pause", "trial", "--reason", "lunch").code == 0
        dialed = len(sandbox.ledger())
        paused = terminal.end_of(running)
    assert paused.code == 0
    assert "paused: lunch" in paused.out
    assert f"inkbatch resume trial && inkbatch run {folder}" in paused.out
    assert len(sandbox.ledger()) == dialed < before + CONTACTS
    (status,) = terminal.run("status", folder, "--json").json
    assert (status["state"], status["state_reason"]) == ("paused", "lunch")
    assert terminal.run("resume", "trial").code == 0
    assert terminal.run("run", folder).code == 0
    assert len(sandbox.ledger()) == before + CONTACTS


def test_a_canceled_campaign_dials_nobody_any_more(terminal, sandbox, campaign):
    """Cancel is for good, also for a run that is under way; what happened is kept."""
    folder, before = campaign(CONTACTS, calls_at_once=1), len(sandbox.ledger())
    with terminal.started("run", folder) as running:
        sandbox.wait_for_calls(before + TALKING, process=running)
        assert terminal.run("cancel", folder).code == 0
        dialed = len(sandbox.ledger())
        assert terminal.end_of(running).code == 0
    again = terminal.run("run", folder)
    assert again.code == 0
    assert "canceled by hand" in again.out
    assert len(sandbox.ledger()) == dialed
    stands = terminal.run("status", folder, "--json").json[0]["counts"]["contacts"]
    assert stands["withdrawn"] > 0
    assert not {"due", "waiting"} & stands.keys()
    ours = attempts_in(f"sqlite:///{terminal.folder}/inkbatch.db")
    assert disagreements(sandbox.ledger()[before:], ours) == []


def test_check_of_a_clean_list_exits_0_and_of_one_with_bad_rows_1(terminal, sandbox, campaign):
    """Scripts learn by exit code and JSON which rows cannot be called; nothing is stored."""
    folder, before = campaign(3), len(sandbox.ledger())
    clean = terminal.run("check", folder)
    assert (clean.code, clean.err) == (0, "")
    assert "Every row can be called" in clean.out
    with (folder / "call_list.csv").open("a", encoding="utf-8") as stream:
        stream.write("Dagny,12345\nDagny,\n")
    found = terminal.run("check", folder, "--json")
    assert found.code == 1
    assert found.json["rows"] == {"accepted": 3, "rejected": 2}
    assert sum(finding["rows"] for finding in found.json["findings"]) == 2
    table = terminal.run("check", "trial/call_list.csv", "--out", "findings.xlsx")
    assert table.code == 1
    assert 'phone: "Phone" by its header' in table.out
    assert "rejected" in table.out
    assert (terminal.folder / "findings.xlsx").stat().st_size
    itself = terminal.run("check", "trial/call_list.csv", "--out", "trial/call_list.csv")
    assert itself.code == 2
    assert "is the list itself" in itself.err
    no_sheet = terminal.run("check", "findings.xlsx", "--sheet", "Elsewhere")
    assert no_sheet.code == 2
    assert "Elsewhere" in no_sheet.err
    assert not list(terminal.folder.glob("*.db"))
    assert len(sandbox.ledger()) == before


def test_the_file_that_init_writes_can_be_checked_and_run_once_it_is_filled_in(
    terminal, sandbox, campaign
):
    """`init`, a list beside it, `check`, `run --no-wait`: a stranger's first five minutes."""
    people = (campaign(2) / "call_list.csv").read_bytes()
    before = len(sandbox.ledger())
    made = terminal.run("init", "spring")
    assert (made.code, made.err) == (0, "")
    folder = terminal.folder / "campaigns" / "spring"
    assert json.loads((folder / "campaign.schema.json").read_text("utf-8"))
    again = terminal.run("init", "spring")
    assert (again.code, again.out) == (2, "")
    assert "exists already" in again.err
    unfilled = terminal.run("check", folder)
    assert unfilled.code == 2
    assert "there is no file" in unfilled.err
    fill_in(folder, people)
    assert terminal.run("check", folder).code == 0
    ran = terminal.run("run", folder, "--no-wait", "--json")
    assert ran.code == 0, ran.err
    assert ran.json["result"]["placed"] == 2
    assert len(sandbox.ledger()) == before + 2


def fill_in(folder, people):
    """Do what a person does to the template: name the list, and call at any hour."""
    file = folder / "campaign.toml"
    text = file.read_text("utf-8").replace("call_list.xlsx", "call_list.csv")
    text = re.sub(r"^(weekdays|weekends) = .*$", r'\1 = ["00:00-24:00"]', text, flags=re.MULTILINE)
    file.write_text(text, "utf-8")
    (folder / "call_list.csv").write_bytes(people)


class RealInkbox:
    """What `inkbatch run` does against an address that is not loopback, without leaving memory."""

    def __init__(self, folder, database_url) -> None:
        clock = VirtualClock(MONDAY)
        self.sandbox = Sandbox(clock=clock)
        settings = Settings(
            _env_file=None,
            api_key="sandbox",
            base_url="https://inkbox.example.com/api/v1/phone",
            database_url=database_url,
        )
        assert not settings.is_loopback
        self._workplace = Workplace(
            settings=settings, clock=clock, transport=in_process(self.sandbox.app)
        )
        self._folder = folder

    def run(self, *, typed):
        """Dial as `run` does and type an answer at its question."""
        app = typer.Typer()

        @app.command()
        def command() -> None:
            asyncio.run(dial(self._workplace, self._folder, ask=True, wait=True, quiet=True))

        return CliRunner().invoke(app, input=typed)


def test_run_says_what_it_is_about_to_do_and_dials_nobody_without_a_yes(campaign, sqlite_url):
    """Whom, from where, when and with what budget; no is no, and so is no answer at all."""
    inkbox = RealInkbox(campaign(3), sqlite_url)
    refused = inkbox.run(typed="n\n")
    assert refused.exit_code == 1
    for said in ("3 contacts to call", "+14155550100", "00:00-24:00 (UTC)", "100 calls and 100.0"):
        assert said in refused.output
    assert "Nothing was dialed" in refused.output
    unanswered = inkbox.run(typed="")
    assert "nobody answered the question" in str(unanswered.exception)
    assert inkbox.sandbox.ledger() == ()


def test_run_dials_after_a_yes(campaign, sqlite_url):
    """The question is asked once, before the first dial."""
    inkbox = RealInkbox(campaign(3), sqlite_url)
    agreed = inkbox.run(typed="y\n")
    assert agreed.exit_code == 0, agreed.output
    assert agreed.output.count("Dial these people now?") == 1
    assert len({call.to_number for call in inkbox.sandbox.ledger()}) == 3


def test_json_against_a_real_server_wants_yes_instead_of_a_question(terminal, campaign):
    """A script that forgot --yes is told so; its output stays JSON or nothing."""
    said = terminal.run(
        "run", campaign(2), "--json", INKBATCH_BASE_URL="https://inkbox.example.com/api"
    )
    assert (said.code, said.out) == (2, "")
    assert "add --yes" in said.err


def test_db_upgrade_makes_a_postgresql_database_fit_to_use(terminal, empty_postgres_url):
    """PostgreSQL is upgraded by hand alone, and whoever forgot is told how."""
    database = {"INKBATCH_DATABASE_URL": empty_postgres_url}
    unready = terminal.run("status", **database)
    assert (unready.code, unready.out) == (1, "")
    assert "Run `inkbatch db upgrade`" in unready.err
    assert terminal.run("db", "current", "--json", **database).json["revision"] is None
    upgraded = terminal.run("db", "upgrade", **database)
    assert (upgraded.code, upgraded.err) == (0, "")
    revision = terminal.run("db", "current", "--json", **database).json["revision"]
    assert f"revision {revision}." in upgraded.out
    assert terminal.run("status", "--json", **database).json == []
