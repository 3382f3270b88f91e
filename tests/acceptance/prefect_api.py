"""Prefect's own API, asked as a person's browser asks it; nothing of Prefect is imported."""

from contextlib import suppress
from dataclasses import dataclass

from tests.acceptance.terminal import get_json


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
        return get_json(f"{self.url}/{things}/filter", {})

    def start(self, deployment_id):
        """Make a run of a deployment for now; returns its id."""
        return get_json(f"{self.url}/deployments/{deployment_id}/create_flow_run", {})["id"]

    def cancel(self, run_id):
        """Say of a flow run what the page says when somebody presses Cancel."""
        state = {"type": "CANCELLING", "name": "Cancelling", "message": "set on the page"}
        answer = get_json(f"{self.url}/flow_runs/{run_id}/set_state", {"state": state})
        assert answer["status"] in ("ACCEPT", "REJECT"), answer  # rejected: it is so already

    def run(self, run_id):
        """Return a flow run."""
        return get_json(f"{self.url}/flow_runs/{run_id}")
