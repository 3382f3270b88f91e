"""Generated requests against the sandbox: whatever comes, each answer is a documented one."""

import re
from collections import Counter
from itertools import cycle

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import allow_header_conformance

from inkbatch.sandbox import (
    ORGANISATION_A,
    ORGANISATION_B,
    Population,
    Sandbox,
    SandboxOptions,
    phone_number_id,
)

UUID_FORM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ZONE_FORM = re.compile(r"[A-Za-z][A-Za-z0-9_+/-]*")
E164_FORM = re.compile(r"\+[1-9][0-9]{1,14}")
NUMBERS = cycle(
    number.number
    for organisation in (ORGANISATION_A, ORGANISATION_A, ORGANISATION_B)
    for number in organisation.phone_numbers
)

ZONES = cycle(("UTC", "America/New_York", "Asia/Kathmandu"))

sandbox = Sandbox(
    SandboxOptions(
        calls_limit=10,
        population=Population(dial_failure_rate=0.2),
    )
)
schema = schemathesis.openapi.from_asgi("/openapi.json", sandbox.app)
schema.config.generation.allow_extra_parameters = False  # unknown ones are ignored, as documented
schema.config.checks.not_a_server_error.expected_statuses += ["502"]  # documented for place-call
schema.config.checks.positive_data_acceptance.expected_statuses += ["400"]  # a number not active


@schema.parametrize()
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_to_generated_requests_is_a_documented_one(case):
    """Statuses, bodies and headers are those of openapi.json, and bad requests are refused."""
    ask_for_what_exists(case)
    case.call_and_validate(
        headers={"X-API-Key": "sandbox"},
        # Of two routes on one path, FastAPI's `Allow` names one.
        excluded_checks=[allow_header_conformance],
    )


def ask_for_what_exists(case):
    """Let numbers, calls and zones that exist stand for generated ones, which do not."""
    told = case.path_parameters or {}
    if UUID_FORM.fullmatch(str(told.get("phone_number_id"))):
        told["phone_number_id"] = str(phone_number_id(next(NUMBERS)))
    ledger = sandbox.ledger()
    if ledger and UUID_FORM.fullmatch(str(told.get("call_id"))):
        told["call_id"] = str(ledger[-1].call_id)
    asked = case.query or {}
    if ZONE_FORM.fullmatch(str(asked.get("tz"))):
        asked["tz"] = next(ZONES)
    body = case.body if isinstance(case.body, dict) else {}
    if E164_FORM.fullmatch(str(body.get("from_number"))):
        body["from_number"] = next(NUMBERS)


def test_generated_requests_met_every_documented_status():
    """Else the test above would be one of 404s."""
    met = Counter(sandbox.answers_by_status())
    if not met:
        pytest.fail("run the whole file: this looks at what the test above has done")
    assert {200, 400, 401, 403, 404, 405, 409, 422, 429, 502} <= set(met)
