"""A terminal, a pretend Inkbox that runs beside it, and campaigns to dial."""

import signal

import pytest

from tests.acceptance.terminal import bare_terminal, free_port, sandbox_process
from tests.trial_campaigns import ROUND_THE_CLOCK, numbers, write_campaign

AREAS = ("312", "303", "602")
QUICK_RETRIES = dict.fromkeys(("no_answer", "voicemail", "rejected", "failed", "dial_failed"), "1s")
AT_ANY_HOUR = {"zone": "UTC", **ROUND_THE_CLOCK}
LIMITLESS = ("--calls-limit", 0, "--minutes-limit", 0)


@pytest.fixture(scope="session", autouse=True)
def hears_its_terminal():
    """What is started hears a Ctrl-C and a closed terminal, though the tests run by `nohup`.

    A signal that is ignored here would be ignored by all that is started; one that is heard and
    does nothing is not.
    """
    for sent in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(sent) is signal.SIG_IGN:
            signal.signal(sent, lambda *_: None)


@pytest.fixture(scope="session", name="free_port")
def give_out_ports():
    """Give out ports on which nobody listens."""
    return free_port


@pytest.fixture(scope="session")
def terminal_in():
    """Open a terminal in a folder, with nothing of the user's environment in it."""
    return bare_terminal


@pytest.fixture(scope="session")
def sandbox_at(tmp_path_factory, terminal_in, free_port):
    """Run sandboxes without limits, with further options of the command line."""

    def run(*options):
        terminal = terminal_in(tmp_path_factory.mktemp("sandbox"))
        return sandbox_process(terminal, free_port(), *LIMITLESS, *options)

    return run


@pytest.fixture(scope="module")
def sandbox(sandbox_at):
    """One for all tests of a module; its calls last a hundredth of their usual time."""
    with sandbox_at("--durations", 0.01) as running:
        yield running


@pytest.fixture
def terminal(terminal_in, tmp_path, sandbox):
    """A terminal in an empty folder that works with the sandbox and a database in the folder."""
    return terminal_in(tmp_path, sandbox)


@pytest.fixture(scope="session")
def campaign_in():
    """Write a campaign that may call at any hour and tries each contact twice, a second apart."""

    def write(folder, count, *, calls_at_once=5, **keys):
        people = [
            {"First name": f"Dagny{index}", "Phone": number}
            for index, number in enumerate(numbers(count, areas=AREAS))
        ]
        said = {
            "client_websocket_url": "wss://agent.example.com/talk?name={contact.first_name}",
            "calling_window": AT_ANY_HOUR,
            "attempts": {"max": 2, "retry": QUICK_RETRIES},
            "pacing": {"calls_at_once": calls_at_once, "calls_per_minute": "unlimited"},
        }
        return write_campaign(folder / "trial", people, **{**said, **keys})

    return write


@pytest.fixture
def campaign(campaign_in, tmp_path):
    """Write such a campaign into the test's own folder."""

    def write(count, **keys):
        return campaign_in(tmp_path, count, **keys)

    return write
