"""`inkbatch doctor` as a person runs it before the first night."""

import pytest

ALWAYS = {"key", "clock", "numbers", "database", "disk", "time zones", "Prefect"}


@pytest.fixture
def said_of(terminal):
    """Run the command and return what it says by what it looked at."""

    def run(*words, code, **environment):
        said = terminal.run("doctor", *words, "--json", **environment)
        assert said.code == code, said
        return {finding["what"]: finding for finding in said.json}

    return run


def test_everything_in_order_ends_with_0(said_of, campaign, terminal):
    """A sandbox, an agent's URL left to the number, a database that a run has made."""
    folder = campaign(1, client_websocket_url=None)
    assert terminal.run("run", folder, "--yes", "--no-wait").code == 0
    found = said_of(folder.parent, code=0)
    assert {what: each["verdict"] for what, each in found.items()} == dict.fromkeys(
        {*ALWAYS, "limits", "trial: agent"}, "fine"
    )
    assert "Ready to call." in terminal.run("doctor", folder.parent).out


def test_what_is_wrong_is_told_with_what_to_do(said_of, campaign, free_port, tmp_path):
    """A key that is refused, a database of no folder, a broken campaign and a dead agent."""
    campaign(1, client_websocket_url=f"ws://127.0.0.1:{free_port()}/talk")
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "campaign.toml").write_text("name = 3")
    found = said_of(
        tmp_path,
        code=1,
        INKBATCH_API_KEY="another",
        INKBATCH_DATABASE_URL="sqlite:///no/such/folder/inkbatch.db",
    )
    wrong = {what for what, each in found.items() if each["verdict"] == "wrong"}
    assert wrong == {"key", "database", "trial: agent", "broken: campaign.toml"}
    assert all(found[what]["advice"] for what in wrong)


def test_without_a_key_everything_else_is_looked_at(said_of, campaign):
    """One thing missing does not hide the others."""
    folder = campaign(1, client_websocket_url=None)
    found = said_of(folder.parent, code=1, INKBATCH_API_KEY="")
    assert found["key"]["verdict"] == "wrong"
    assert {"database", "disk", "time zones", "Prefect", "trial: agent"} <= found.keys()


def test_no_key_and_no_number_is_shown(terminal, campaign):
    """What a person pastes into a ticket holds no secret."""
    folder = campaign(1, client_websocket_url=None)
    said = terminal.run("doctor", folder.parent, INKBATCH_API_KEY="ApiKey_canary")
    assert "canary" not in said.out + said.err
    assert "4155550100" not in said.out + said.err
