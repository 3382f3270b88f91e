"""The sandbox as a process of its own, spoken to over loopback."""

import subprocess
import sys
from contextlib import contextmanager

import httpx

from tests.served_sandbox import unused_port, wait_until_served

PROGRAM = """
import sys
from inkbatch.sandbox import Population, SandboxOptions, serve
serve(SandboxOptions(population=Population(durations=0.01)), port=int(sys.argv[1]))
"""


@contextmanager
def served_sandbox():
    """Start a sandbox on a free port, and stop it in the end."""
    port = unused_port()
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_served_sandbox_takes_a_call_and_lists_it_quietly():
    """The server process speaks the API on loopback, and logs nothing while all is well."""
    with served_sandbox() as (process, url):
        assert wait_until_served(process, url).json() == {"calls": [], "answers_by_status": {}}
        with httpx.Client(
            base_url=f"{url}/api/v1/phone", headers={"X-API-Key": "sandbox"}
        ) as client:
            number = client.get("/numbers").json()[0]
            placed = client.post(
                "/place-call",
                json={"from_number": number["number"], "to_number": "+442079460123"},
            )
            listed = client.get(f"/numbers/{number['id']}/calls").json()
        assert placed.status_code == 200
        assert len(placed.headers.get_list("Date")) == 1
        assert [call["id"] for call in listed] == [placed.json()["id"]]
        process.terminate()
        said, _ = process.communicate()
        assert said == ""
