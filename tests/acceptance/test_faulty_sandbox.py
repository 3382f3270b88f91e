"""A whole campaign by the real program, while the sandbox does several kinds of harm at once."""

from datetime import datetime

import pytest

from tests.acceptance.books import LedgerLine, attempts_in, disagreements, miscounts
from tests.acceptance.conftest import AREAS, AT_ANY_HOUR, QUICK_RETRIES
from tests.acceptance.terminal import get_json
from tests.ledger_oracle import breaches
from tests.trial_campaigns import numbers, write_campaign

CONTACTS = 24
MOMENTS = ("created_at", "started_at", "ended_at")

FAULTS = """
seed = 4

[[faults]]                  # nothing rings, and nobody can know
fault = "reset"
when = "before"
paths = ["/place-call"]
times = 1
after = 5

[[faults]]
fault = "rate_limited"
paths = ["/place-call"]
times = 2
after = 8

[[faults]]                  # the call rings, its answer is lost
fault = "reset"
when = "after"
paths = ["/place-call"]
rate = 0.1

[[faults]]
fault = "half_response"
paths = ["/place-call"]
rate = 0.1

[[faults]]
fault = "garbage"
paths = ["/place-call"]
rate = 0.1

[[faults]]
fault = "server_error"
status = 504
when = "after"
paths = ["/place-call"]
rate = 0.1

[[faults]]                  # reads go wrong as well
fault = "server_error"
status = 503
when = "before"
methods = ["GET"]
rate = 0.1

[[faults]]
fault = "reset"
when = "after"
methods = ["GET"]
rate = 0.05

[[faults]]
fault = "latency"
seconds = 0.05
rate = 0.2

[[faults]]
fault = "list_lag"
seconds = 0.5
rate = 0.5
"""


class Dialed:
    """The ledger of a sandbox process, as the oracle reads that of one in the same process."""

    def __init__(self, told):
        self._told = told

    def ledger(self):
        """Return the calls with their moments as datetimes."""
        return [LedgerLine({**call, **_moments(call)}) for call in self._told["calls"]]

    def answers_by_status(self):
        """Return how many requests were answered with each status."""
        return {int(status): count for status, count in self._told["answers_by_status"].items()}


def _moments(call):
    told = {name: call[name] for name in MOMENTS if call[name]}
    return {name: datetime.fromisoformat(moment) for name, moment in told.items()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A campaign that the oracle can judge: every row says its zone."""
    people = [{"Phone": number, "Time zone": "UTC"} for number in numbers(CONTACTS, areas=AREAS)]
    return write_campaign(
        tmp_path_factory.mktemp("campaign") / "trial",
        people,
        calling_window=AT_ANY_HOUR,
        attempts={
            "max": 2,
            "per": [{"attempts": 10, "period": "24h"}],
            "retry": QUICK_RETRIES,
        },
        pacing={"calls_at_once": 4, "calls_per_minute": "unlimited"},
    )


def test_a_campaign_among_many_faults_dials_nobody_twice_and_loses_nobody(
    terminal_in, sandbox_at, folder, tmp_path
):
    """Answers lost, broken and late, lists late, reads failing: ledger and books agree."""
    faults = tmp_path / "faults.toml"
    faults.write_text(FAULTS, "utf-8")
    with sandbox_at("--durations", 0.01, "--faults", faults) as sandbox:
        terminal = terminal_in(tmp_path, sandbox)
        ended = terminal.run("run", folder, "--json")
        assert ended.code == 0, ended.err
        url = f"http://127.0.0.1:{sandbox.port}/sandbox"
        told, ordered = get_json(f"{url}/ledger"), get_json(f"{url}/faults")["faults"]
    attempts = attempts_in(f"sqlite:///{tmp_path}/inkbatch.db")
    assert disagreements(told["calls"], attempts) == []
    assert breaches(Dialed(told), folder, calls_limit=1_000, minutes_limit=1_000) == []
    assert miscounts(ended.json["counts"], rows=CONTACTS, attempts=len(attempts)) == []
    assert [each["fault"] for each in ordered if each["struck"] == 0] == []
    never_arrived = [attempt for attempt in attempts if attempt["call_id"] is None]
    assert [attempt["disposition"] for attempt in never_arrived] == ["unknown"]
    contacts = ended.json["counts"]["contacts"]
    assert contacts.keys() == {"reached", "exhausted", "review"}
    assert contacts["review"] == 1
