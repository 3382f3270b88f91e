"""Prefect's own API, asked as a person's browser asks it; nothing of Prefect is imported."""

from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from urllib.error import HTTPError
from uuid import uuid4

from tests.acceptance.terminal import get_json, wait_until

AT_ONCE = 200
"""The server gives no more of anything by one answer."""


@dataclass(frozen=True)
class PrefectApi:
    """The API at one address."""

    url: str

    def is_ready(self):
        """Whether the server answers."""
        with suppress(OSError):
            return get_json(f"{self.url}/health")
        return False

    def all(self, things):
        """Return all `deployments`, `flow_runs`, `task_runs` or `artifacts`."""
        found = []
        while True:
            page = self._ask(f"{things}/filter", {"limit": AT_ONCE, "offset": len(found)})
            found += page
            if len(page) < AT_ONCE:
                return found

    def make_block(self, type_slug, name, data):
        """Save a block of one of the types that the server knows."""
        type_id = self._ask(f"block_types/slug/{type_slug}")["id"]
        wanted = {"block_schemas": {"block_type_id": {"any_": [type_id]}}}
        (schema, *_) = self._ask("block_schemas/filter", wanted)
        document = {"block_type_id": type_id, "block_schema_id": schema["id"]}
        self._ask("block_documents/", {**document, "name": name, "data": data})

    def start(self, deployment_id):
        """Make a run of a deployment for now; returns its id."""
        once = {"idempotency_key": str(uuid4())}  # one run, however often it is asked for
        return self._ask(f"deployments/{deployment_id}/create_flow_run", once)["id"]

    def cancel(self, run_id):
        """Say of a flow run what the page says when somebody presses Cancel."""
        state = {"type": "CANCELLING", "name": "Cancelling", "message": "set on the page"}
        answer = self._ask(f"flow_runs/{run_id}/set_state", {"state": state})
        assert answer["status"] in ("ACCEPT", "REJECT"), answer  # rejected: it is so already

    def run(self, run_id):
        """Return a flow run."""
        return self._ask(f"flow_runs/{run_id}")

    def _ask(self, path, body=None):
        """Ask until the server is not too busy: it answers 503 then, and has done nothing."""
        told = []

        def answers():
            try:
                told.append(get_json(f"{self.url}/{path}", body))
            except HTTPError as refused:
                if refused.code != HTTPStatus.SERVICE_UNAVAILABLE:
                    raise
            return told

        wait_until(answers)
        return told[0]
