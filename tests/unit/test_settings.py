"""What the environment says of who may post results and sign webhooks."""

import pytest

from inkbatch.domain.errors import SettingsError
from inkbatch.settings import Settings


def settings_of(**said):
    """Return settings of these values, with no file of the user's own read."""
    return Settings(_env_file=None, **said)


@pytest.mark.parametrize(
    ("text", "each"),
    [
        (None, []),
        ("", []),
        (" , ,", []),
        ("one", ["one"]),
        ("old, new", ["old", "new"]),
        (",new,", ["new"]),
    ],
)
def test_tokens_and_keys_are_one_or_several_with_commas(text, each):
    """An empty one between two commas opens nothing."""
    settings = settings_of(agent_token=text, webhook_signing_keys=text)
    assert [token.get_secret_value() for token in settings.agent_tokens] == each
    assert [key.get_secret_value() for key in settings.signing_keys] == each


def test_secrets_are_in_no_text_of_the_settings():
    """Whoever prints them, in a crash or a log, shows none."""
    settings = settings_of(agent_token="canary-token", webhook_signing_keys="canary-key")
    assert "canary" not in repr(settings) + str(settings.agent_tokens) + str(settings.signing_keys)


def test_one_secret_is_enough_to_serve_and_none_is_a_mistake():
    """Either may be used without the other."""
    settings_of(agent_token="one").require_web_secret()
    settings_of(webhook_signing_keys="one").require_web_secret()
    with pytest.raises(SettingsError, match="INKBATCH_AGENT_TOKEN"):
        settings_of(agent_token=",", webhook_signing_keys=None).require_web_secret()


def test_results_are_posted_to_this_machine_unless_said_otherwise():
    """It is where `inkbatch webhooks` listens by default."""
    assert settings_of().results_url == "http://127.0.0.1:8770"


def test_releasing_by_itself_waits_for_five_minutes_at_least():
    """Whom the call list does not have after seconds may be listed a moment later."""
    with pytest.raises(ValueError, match="INKBATCH_QUIET_SECONDS must be 300"):
        settings_of(release_unfound=True, quiet_seconds=60)
    assert settings_of(release_unfound=True, quiet_seconds=300).release_unfound
