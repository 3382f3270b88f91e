"""Generated requests against the JSON API: whatever comes, each answer is a documented one."""

from collections import Counter
from datetime import timedelta
from itertools import cycle

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import allow_header_conformance

from inkbatch.settings import Settings
from inkbatch.web.access import Role
from inkbatch.web.access.tokens import create_token
from inkbatch.web.desk_app import page_app
from inkbatch.wiring import Workplace, load_campaign
from tests.trial_campaigns import numbers, write_campaign

met = Counter()
sent = {}


class SilentRuns:
    """Starts no process: what a run does is tested where it is run."""

    def start(self, folder):
        """Take it, and do nothing."""

    def is_running(self, _folder):
        """Say that none runs."""
        return False

    def last_words(self, folder, *, since=None):
        """Say nothing."""


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    """Return the schema of the API over one enrolled campaign, and a token for it."""
    folder = tmp_path_factory.mktemp("api")
    url = f"sqlite:///{folder / 'api.db'}"
    told = {"api_key": "sandbox", "base_url": "http://127.0.0.1:1/api/v1/phone"}
    workplace = Workplace(settings=Settings(_env_file=None, database_url=url, **told))
    store = workplace.open_store()
    write_campaign(folder / "campaigns" / "reminders", numbers(10))
    home = folder / "campaigns" / "reminders"
    workplace.enroll(store, load_campaign(home), home)
    office = workplace.office(store, folder / "campaigns")
    object.__setattr__(office, "runs", SilentRuns())
    now, lasts = office.now(), timedelta(days=1)
    token = create_token(store, "t", role=Role.OPERATOR, lasts=lasts, by="test", now=now)
    app = page_app(office, hosts={"testserver", "localhost"})
    headers = {"Authorization": f"Bearer {token}"}
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app, headers=headers)
    rules_beyond_the_schema = ["413", "415", "422"]
    schema.config.checks.positive_data_acceptance.expected_statuses += rules_beyond_the_schema
    schema.config.checks.negative_data_rejection.expected_statuses += ["413"]
    schema.config.generation.allow_extra_parameters = False  # unknown ones are ignored
    sent.update(headers)
    yield schema
    store.close()


schema = schemathesis.pytest.from_fixture("api")


@schema.parametrize()
@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_to_generated_requests_is_a_documented_one(case):
    """Statuses, bodies and headers are those of openapi.json, and no answer is a 5xx."""
    ask_for_what_exists(case)
    answer = case.call_and_validate(
        headers=sent,
        # Of two routes on one path, FastAPI's `Allow` names one.
        excluded_checks=[allow_header_conformance],
    )
    met[answer.status_code] += 1


SLUGS = cycle(("reminders", "reminders", "reminders", "none"))
IDS = cycle((1, 2, 3, 10, 999_999))


def ask_for_what_exists(case):
    """Let campaigns and people that exist stand for generated ones, which do not."""
    told = case.path_parameters or {}
    if isinstance(told.get("slug"), str):
        told["slug"] = next(SLUGS)
    if isinstance(told.get("contact_id"), int) and told["contact_id"] > 0:
        told["contact_id"] = next(IDS)


def test_generated_requests_met_what_is_there_and_what_is_not():
    """Else the test above would be one of 404s."""
    if not met:
        pytest.fail("run the whole file: this looks at what the test above has done")
    assert {200, 404, 422} <= set(met)
