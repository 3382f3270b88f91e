"""What the environment says of who may post results and sign webhooks."""

import pytest

from inkbatch.adapters.secret_files import allows_others
from inkbatch.domain.errors import SettingsError
from inkbatch.settings import SECRETS, Settings


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


@pytest.fixture
def secret(tmp_path):
    """Write a secret into a file that its owner alone may read."""

    def write(text, *, mode=0o600):
        path = tmp_path / "secret"
        path.write_text(text, "utf-8")
        path.chmod(mode)
        return path

    return write


@pytest.mark.parametrize("name", SECRETS)
def test_each_secret_may_stand_in_a_file(secret, name):
    """As orchestrators mount them; the end of the line is not part of it."""
    settings = settings_of(**{f"{name}_file": secret("https://canary.example/\n")})
    value = getattr(settings, name)
    read = value if isinstance(value, str) else value.get_secret_value()
    assert read == "https://canary.example/"
    assert name == "database_url" or "canary" not in repr(settings)


@pytest.mark.parametrize(("mode", "warnings"), [(0o600, 0), (0o400, 0), (0o640, 1), (0o604, 1)])
def test_a_secret_that_others_may_read_is_warned_of(secret, caplog, mode, warnings):
    """It is used all the same: in a container it is usual."""
    path = secret("canary", mode=mode)
    assert settings_of(api_key_file=path).require_api_key().get_secret_value() == "canary"
    assert len(caplog.records) == warnings
    assert "canary" not in caplog.text


def test_a_secret_that_cannot_be_read_is_told_and_nothing_falls_back(secret, tmp_path):
    """A key of another place would call from another organisation."""
    with pytest.raises(ValueError, match="cannot be read: No such file"):
        settings_of(api_key_file=tmp_path / "none")
    with pytest.raises(ValueError, match="it is empty"):
        settings_of(api_key_file=secret(" \n"))
    with pytest.raises(ValueError, match="INKBATCH_API_KEY_FILE are both set"):
        settings_of(api_key="one", api_key_file=secret("two"))
    assert settings_of(api_key_file="", api_key="one").secret_files == ()


@pytest.mark.parametrize("url", ["http://calls.example.com/", "ftp://127.0.0.1/", "calls"])
def test_notices_go_by_tls_unless_they_stay_on_this_machine(url):
    """They tell what a campaign does."""
    with pytest.raises(ValueError, match="begins with https"):
        settings_of(notice_url=url)
    assert settings_of(notice_url="http://127.0.0.1:9/").notice_url
    assert settings_of(notice_url="").notice_url is None


def test_a_campaigns_page_is_found_where_the_page_is(tmp_path):
    """Its folder's name stands in the address, as on the page."""
    settings = settings_of(web_url="https://calls.example.com/")
    assert settings.page_of(tmp_path / "a b") == "https://calls.example.com/campaigns/a%20b"
    assert settings_of().page_of(tmp_path) is None


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://calls.example.com/", "https://calls.example.com"),
        ("HTTPS://calls.example.com:8443/x?y", "https://calls.example.com:8443"),
        ("http://calls.example.com", None),
        ("calls.example.com", None),
        ("", None),
        (None, None),
    ],
)
def test_people_reach_the_page_by_tls_where_its_address_says_so(url, origin):
    """Scheme and host alone: the page is served from its root."""
    assert settings_of(web_url=url).web_tls_origin == origin


@pytest.mark.parametrize("url", ["https://", "https:///campaigns", "https://[calls"])
def test_an_address_of_the_page_names_a_host(url):
    """Else no link could lead there."""
    with pytest.raises(ValueError, match="web_url"):
        settings_of(web_url=url)


@pytest.mark.parametrize(
    ("mode", "is_own", "is_open"),
    [
        (0o600, True, False),
        (0o640, True, True),
        (0o644, True, True),
        (0o440, False, False),  # as systemd and Kubernetes hand out secrets of root
        (0o644, False, True),
    ],
)
def test_a_group_that_is_handed_a_secret_of_another_user_may_read_it(mode, is_own, is_open):
    """Whoever owns a file answers for its group; one who is handed it is meant by the group."""
    assert allows_others(mode, is_own=is_own) is is_open
