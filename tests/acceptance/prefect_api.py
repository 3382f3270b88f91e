"""Prefect's own API, asked as a person's browser asks it; nothing of Prefect is imported."""

import json
from contextlib import suppress
from dataclasses import dataclass
from urllib.request import Request, urlopen


@dataclass(frozen=True)
class PrefectApi:
    """The API at one address."""

    url: str

    def is_ready(self):
        """Whether the server answers."""
        with suppress(OSError), urlopen(f"{self.url}/health", timeout=5):
            return True
        return False

    def all(self, things):
        """Return all `deployments`, `flow_runs`, `task_runs`, `artifacts` or `logs`."""
        return self._post(f"{things}/filter", {})

    def start(self, deployment_id):
        """Make a run of a deployment for now; returns its id."""
        return self._post(f"deployments/{deployment_id}/create_flow_run", {})["id"]

    def run(self, run_id):
        """Return a flow run."""
        with urlopen(f"{self.url}/flow_runs/{run_id}", timeout=30) as answer:
            return json.load(answer)

    def _post(self, path, body):
        request = Request(
            f"{self.url}/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urlopen(request, timeout=30) as answer:
            return json.load(answer)
