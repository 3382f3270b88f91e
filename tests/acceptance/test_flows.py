"""Real flows: `inkbatch serve` with its Prefect server, against a sandbox that is a process too."""

import json
import os
import re
import signal
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from flows.prefect_tables import make_prefect_tables
from flows.trying_again import AFTER
from inkbatch.adapters.store import open_store
from inkbatch.dialer.results import Posted, record_result
from inkbatch.domain.result import Effect, Party, Spoken
from tests.acceptance.books import attempts_in, contacts_in, disagreements
from tests.acceptance.prefect_api import PrefectApi
from tests.acceptance.terminal import group_is_alive, kill_descendants, kill_group, wait_until
from tests.receiver import receiving
from tests.trial_campaigns import numbers

CONTACTS = 6
ANSWER = 2
KEY, FROM_NUMBER = "sandbox-b", "+12125550100"
BLOCK = "inkbox-key"
AS_TEXT = {"json_data": {"text": "{{body}}"}}
ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
RETRY_TOMORROW = {"max": 2, "retry": {"no_answer": "25h"}}
ONCE_A_YEAR = {"cron": "0 9 1 1 *", "zone": "Europe/London"}


EVENTS = {"inkbatch.night_report", "inkbatch.run_failed"}

KILLED = "trial: a run crashed. Nobody is called twice: its next run goes on."

SAID = "Canary sings of her knee"
"""What somebody said on the phone, as the agent posts it."""


@dataclass(frozen=True)
class Night:
    """What two runs of one deployment, started at once, and one that crashed left behind."""

    runs: list
    crash: dict
    killed: dict
    again: list
    scheduled: list
    nights: list
    task_names: list
    artifacts: list
    prefect_files: bytes
    output: str
    ledger: list
    attempts: list
    contacts: list
    exit_code: int
    left_running: bool


@pytest.fixture(scope="module")
def sandbox(sandbox_at, tmp_path_factory):
    """Two of the contacts answer; nobody else ever does."""
    script = tmp_path_factory.mktemp("script") / "callees.toml"
    people = numbers(CONTACTS, areas=("312", "303", "602"))
    lines = [
        f'"{number}" = ["{"answer" if index < ANSWER else "no_answer"}"]\n'
        for index, number in enumerate(people)
    ]
    script.write_text("[callees]\n" + "".join(lines), "utf-8")
    with sandbox_at("--durations", 0.03, "--script", script) as running:
        yield running


@pytest.fixture(scope="module")
def served(terminal_in, sandbox, campaign_in):
    """Serve a campaign for as long as a block lasts; in the same folder it goes on."""

    @contextmanager
    def serve(folder, **environment):
        campaign = folder / "campaigns" / "trial"
        if not campaign.exists():
            campaign_in(
                campaign.parent,
                CONTACTS,
                calls_at_once=2,
                from_numbers=[FROM_NUMBER],
                attempts=RETRY_TOMORROW,
                schedule=ONCE_A_YEAR,
            )
            make_prefect_tables(folder / ".prefect")  # as if Prefect had been used here before
        settings = {
            "INKBATCH_API_KEY": "",
            "INKBATCH_API_KEY_BLOCK": BLOCK,
            "INKBATCH_LINGER_SECONDS": "5",
            "INKBATCH_LOG_FORMAT": "json",
            "PREFECT_RUNNER_POLL_FREQUENCY": "1",
            "PREFECT_SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS": "1",
            **environment,
        }
        output = folder / "output.txt"
        with output.open("w") as file:
            terminal = terminal_in(folder, sandbox)
            with terminal.started("serve", "campaigns", output=file, **settings) as process:
                yield process, ready_api(process, output), campaign

    return serve


def ready_api(process, output):
    """Return Prefect's API at the address that `serve` printed, once it answers."""

    def address():
        assert process.poll() is None, output.read_text("utf-8")
        return re.search(r"Prefect's page: (\S+)", output.read_text("utf-8"))

    wait_until(address)
    prefect = PrefectApi(f"{address()[1]}/api")
    wait_until(lambda: prefect.is_ready() and prefect.all("deployments"))
    return prefect


def tell_what_was_said(database):
    """Post a transcript of the first attempt while the run goes on."""
    posted = Posted(
        id="once",
        word="talked",
        effect=Effect.NONE,
        fields={"heard": SAID},
        transcript=(Spoken(party=Party.REMOTE, text=SAID, ts_ms=1),),
    )
    store = open_store(database)
    try:
        first = attempts_in(database)[0]["id"]
        record_result(store, first, posted, now=datetime.now(UTC))
    finally:
        store.close()


def break_database(file):
    """Let everybody be due who waits, and take away where URLs of calls are written down."""
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("SELECT count(*) FROM attempt_result").fetchone() == (1,)
        database.execute("UPDATE contact SET waits_until = '2000-01-01 00:00:00.000000'")
        database.execute("ALTER TABLE call_record RENAME COLUMN client_websocket_url TO gone")
        database.commit()


def kill_run(serving, run_id):
    """Kill the process of a flow run by SIGKILL, as the system does when memory runs out."""
    for child in psutil.Process(serving.pid).children(recursive=True):
        if child.environ().get("PREFECT__FLOW_RUN_ID") == run_id:
            child.kill()


def tried_again(prefect):
    """Return the runs that are there because another one failed."""
    return [run for run in prefect.all("flow_runs") if run["parameters"].get("tried_again")]


@pytest.fixture(scope="module")
def told():
    """Where the notices of the night go: as a webhook, and by Prefect's automations."""
    with receiving() as webhook, receiving() as automation:
        yield webhook, automation


def automate(terminal_in, folder, campaign_in, prefect, url):
    """Deploy another campaign, with automations that tell of every campaign of the server."""
    prefect.make_block("custom-webhook", "people", {"name": "people", "url": url, **AS_TEXT})
    campaign_in(folder / "others", 1, name="other", schedule=ONCE_A_YEAR)
    said = terminal_in(folder).run(
        *("deploy", "others", "--notify", "custom-webhook/people"),
        PREFECT_API_URL=prefect.url,
        PREFECT_HOME=str(folder / "elsewhere"),
    )
    assert said.code == 0, said


@pytest.fixture(scope="module")
def night(served, sandbox, told, terminal_in, campaign_in, tmp_path_factory):
    """Start two runs of the deployment at once, wait for both, and end `serve` by SIGTERM."""
    folder = tmp_path_factory.mktemp("night")
    database = f"sqlite:///{folder}/inkbatch.db"
    webhook, automation = told
    notified = {"INKBATCH_NOTICE_URL": webhook.url, "INKBATCH_WEB_URL": "https://calls.example.com"}
    with served(folder, **notified) as (process, prefect, campaign):
        (deployment,) = prefect.all("deployments")
        prefect.make_block("secret", BLOCK, {"value": KEY})
        automate(terminal_in, folder, campaign_in, prefect, automation.url)
        assert deployment["parameters"]["campaign"] == str(campaign)
        started = [prefect.start(deployment["id"]) for _ in range(2)]

        def both_ended():
            assert process.poll() is None, (folder / "output.txt").read_text("utf-8")
            return all(prefect.run(run)["state_type"] in ENDED for run in started)

        wait_until(lambda: attempts_in(database))
        tell_what_was_said(database)
        wait_until(both_ended)
        wait_until(lambda: len(prefect.all("task_runs")) >= CONTACTS)
        wait_until(lambda: any(run["auto_scheduled"] for run in prefect.all("flow_runs")))
        scheduled = [run for run in prefect.all("flow_runs") if run["state_type"] == "SCHEDULED"]
        told_of = {
            "runs": [prefect.run(run) for run in started],
            "scheduled": [run for run in scheduled if not run["auto_scheduled"]],
            "nights": [run for run in scheduled if run["auto_scheduled"]],
            "task_names": [run["name"] for run in prefect.all("task_runs")],
            "artifacts": prefect.all("artifacts"),
            "ledger": sandbox.ledger(),
            "attempts": attempts_in(database),
            "contacts": contacts_in(database),
        }
        with sandbox.held_up():  # it waits for an answer when it dies
            killed = prefect.start(deployment["id"])
            wait_until(lambda: prefect.run(killed)["state_type"] == "RUNNING")
            kill_run(process, killed)
            wait_until(lambda: prefect.run(killed)["state_type"] in ENDED)
        told_of["killed"] = prefect.run(killed)
        break_database(folder / "inkbatch.db")
        crash = prefect.start(deployment["id"])
        wait_until(lambda: prefect.run(crash)["state_type"] in ENDED)
        told_of["crash"] = prefect.run(crash)
        wait_until(lambda: len(tried_again(prefect)) > 1)
        told_of["again"] = tried_again(prefect)
        wait_until(lambda: len(automation.bodies) > len(EVENTS))
        process.send_signal(signal.SIGTERM)
        exit_code = process.wait(timeout=60)
        left_running = group_is_alive(process)
    kept = [path for path in (folder / ".prefect").rglob("*") if path.is_file()]
    return Night(
        **told_of,
        output=(folder / "output.txt").read_text("utf-8"),
        prefect_files=b"".join(path.read_bytes() for path in [*kept, folder / "output.txt"]),
        exit_code=exit_code,
        left_running=left_running,
    )


def test_two_runs_at_once_dial_everybody_once(night):
    """The second waits for the first, or else is Busy, and finds nobody left; none is lost."""
    names = sorted(run["state_name"] for run in night.runs)
    assert names in (["Deferred", "Deferred"], ["Busy", "Deferred"]), night.runs
    assert len(night.ledger) == CONTACTS
    assert disagreements(night.ledger, night.attempts) == []


def test_a_run_that_has_to_wait_ends_and_the_next_one_stands_in_prefect_for_then(night):
    """No process waits for hours: one run is scheduled, with the same parameters."""
    deferred = next(run for run in night.runs if run["state_name"] == "Deferred")
    (following,) = night.scheduled
    assert following["deployment_id"] == deferred["deployment_id"]
    assert following["parameters"] == deferred["parameters"]
    wake_at = min(
        contact["waits_until"] for contact in night.contacts if contact["state"] == "waiting"
    )
    assert datetime.fromisoformat(following["expected_start_time"]).replace(
        tzinfo=None
    ) == datetime.fromisoformat(str(wake_at))


def test_the_nights_of_the_schedule_stand_in_prefect(night):
    """The server makes the runs ahead by itself; it once could not, and no night ever came."""
    starts = {datetime.fromisoformat(run["expected_start_time"]) for run in night.nights}
    assert starts, "no night is scheduled"
    assert {(start.month, start.day, start.hour) for start in starts} == {(1, 1, 9)}


def test_every_call_can_be_seen_in_prefect_by_a_masked_number(night):
    """A person follows the night on Prefect's page: a task a call, figures as an artifact."""
    placed = [name for name in night.task_names if name.startswith("attempt")]
    assert len(placed) == CONTACTS
    assert all(re.fullmatch(r"attempt 1 to \+1•{7}01\d\d", name) for name in placed)
    reports = [each for each in night.artifacts if each["type"] == "markdown"]
    assert [each["key"] for each in reports] == ["inkbatch-trial"] * len(night.runs)
    report = max(reports, key=lambda each: each["created"])
    assert f"{CONTACTS} calls placed" in report["data"]
    assert "https://calls.example.com/campaigns/trial" in report["data"]
    page = Path(report["description"].rpartition(", ")[2])
    assert page.is_absolute()
    assert page.parent.name == "trial"
    assert page.is_file()
    deferred = [run for run in night.runs if run["state_name"] == "Deferred"]
    shown = [each["data"] for each in night.artifacts if each["type"] == "progress"]
    assert shown == [pytest.approx(100 * ANSWER / CONTACTS)] * len(deferred)


def test_whoever_does_not_look_is_told_by_webhook_and_by_prefects_automations(night, told):
    """A night's report, and a run that failed; both ways say the same, and nobody's number.

    Of a process that was killed only Prefect can tell.
    """
    webhook, automation = told
    posted = {document["event"]: document for document in webhook.documents}
    assert set(posted) == EVENTS
    assert posted["inkbatch.night_report"]["figures"]["calls"] == CONTACTS
    failed = posted["inkbatch.run_failed"]["figures"]
    assert failed["error"] == "StoreError"
    assert "tried again in 5 minutes" in posted["inkbatch.run_failed"]["text"]
    events = {document["text"] for document in automation.documents}
    of_both = {document["text"].rpartition(" https:")[0] for document in webhook.documents}
    assert events == of_both | {KILLED}
    numbers_called = [contact["number"].lstrip("+") for contact in night.contacts]
    everything = b"".join([*webhook.bodies, *automation.bodies]).decode()
    assert [each for each in [*numbers_called, "Dagny"] if each in everything] == []


def test_each_line_of_the_log_is_json_with_the_ids_of_what_happened(night):
    """A collector finds every dial by campaign, shift and attempt; what is said to people stays."""
    logged = [json.loads(line) for line in night.output.splitlines() if line.startswith("{")]
    assert all({"at", "level", "event"} <= line.keys() for line in logged)
    dialed = [line for line in logged if line["event"] == "call_dialed"]
    assert {line["attempt"] for line in dialed} == {attempt["id"] for attempt in night.attempts}
    assert {line["campaign"] for line in dialed} == {"trial"}
    assert len({line["shift"] for line in dialed}) == 1
    assert "Traceback" not in night.output


def test_prefect_is_told_no_number_no_name_no_transcript_and_no_key(night):
    """Nothing about the people called is in Prefect's database, files or what `serve` says.

    Nor in the text of a crash: the database fails while it is given numbers, and URLs with names.
    """
    secrets = [*(contact["number"].lstrip("+") for contact in night.contacts), "Dagny", SAID, KEY]
    assert [secret for secret in secrets if secret.encode() in night.prefect_files] == []
    assert b"attempt 1 to" in night.prefect_files, "the files that were searched are the wrong ones"
    assert night.crash["state_type"] in {"FAILED", "CRASHED"}, night.crash
    assert b"no column named client_websocket_url" in night.prefect_files, "another crash"


@pytest.mark.parametrize("how", ["crash", "killed"])
def test_a_night_that_ended_before_its_time_stands_in_prefect_to_be_tried_again(night, how):
    """Some minutes later, not a whole day: one that failed, and one whose process was killed."""
    ended = getattr(night, how)
    assert ended["state_type"] == {"crash": "FAILED", "killed": "CRASHED"}[how]
    ended_at = datetime.fromisoformat(ended["end_time"])
    waits = [
        datetime.fromisoformat(again["expected_start_time"]) - ended_at
        for again in night.again
        if again["parameters"] == {**ended["parameters"], "tried_again": 1}
    ]
    assert len(waits) == 2, "of both runs, which have the same parameters"
    assert min(abs(wait - AFTER[0]) for wait in waits) < timedelta(seconds=5)


def test_serve_that_is_told_to_end_leaves_no_process_behind(night):
    """SIGTERM to `inkbatch serve` alone ends its Prefect server too."""
    assert not night.left_running
    assert night.exit_code in (0, -signal.SIGTERM, 128 + signal.SIGTERM)


def test_campaigns_come_and_go_with_their_files(served, campaign_in, tmp_path):
    """A new folder is served, a half-saved file loses nothing, one without schedule is dropped."""
    with served(tmp_path) as (_, prefect, trial):

        def names():
            return sorted(deployment["name"] for deployment in prefect.all("deployments"))

        campaign_in(tmp_path / "campaigns" / "new", 1, name="new", schedule=ONCE_A_YEAR)
        (tmp_path / "campaigns" / "new" / "trial").rename(tmp_path / "campaigns" / "second")
        wait_until(lambda: names() == ["new", "trial"])
        file = trial / "campaign.toml"
        file.write_text(file.read_text("utf-8").replace("0 9 1 1 *", "0 9 1 2 *"), "utf-8")
        wait_until(lambda: "0 9 1 2 *" in str(prefect.all("deployments")))
        (tmp_path / "campaigns" / "second" / "campaign.toml").write_text("name = ", "utf-8")
        wait_until(lambda: "second goes on" in (tmp_path / "output.txt").read_text("utf-8"))
        assert names() == ["new", "trial"]
        (tmp_path / "campaigns" / "second" / "campaign.toml").unlink()
        wait_until(lambda: names() == ["trial"])


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGHUP], ids=["Ctrl-C", "closed"])
def test_the_terminal_ends_serve_without_a_traceback_or_a_process_left(served, tmp_path, sent):
    """Ctrl-C and a closed window are signals to all of the group at once."""
    with served(tmp_path) as (process, _, _):
        os.killpg(process.pid, sent)
        process.wait(timeout=60)
        assert not group_is_alive(process)
    assert "Traceback" not in (tmp_path / "output.txt").read_text("utf-8")


def test_a_night_in_which_serve_itself_was_killed_goes_on_when_it_is_started_again(
    served, sandbox, tmp_path
):
    """The machine lost its power: the run that Prefect still takes for running is tried again."""
    with served(tmp_path) as (process, prefect, _):
        (deployment,) = prefect.all("deployments")
        prefect.make_block("secret", BLOCK, {"value": KEY})
        with sandbox.held_up():
            lost = prefect.start(deployment["id"])
            wait_until(lambda: prefect.run(lost)["state_type"] == "RUNNING")
            kill_descendants(process)
            kill_group(process)
    with served(tmp_path) as (_, prefect, campaign):
        wait_until(lambda: tried_again(prefect))
        (again,) = tried_again(prefect)
        assert again["parameters"] == {"campaign": str(campaign), "tried_again": 1}
        wait_until(lambda: "RUNNING" not in {run["state_type"] for run in prefect.all("flow_runs")})
        assert prefect.run(lost)["state_type"] == "CRASHED"
