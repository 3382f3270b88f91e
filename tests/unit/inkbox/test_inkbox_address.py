"""Which base URLs and keys are refused before anything is sent."""

import pytest
from pydantic import SecretStr

from inkbatch.adapters.inkbox.address import Address
from inkbatch.domain.errors import SettingsError

KEY = "sk_canary_123"


@pytest.mark.parametrize(
    "base_url",
    [
        "https://inkbox.ai/api/v1/phone",
        "https://inkbox.ai/api/v1/phone/",
        "http://127.0.0.1:8765/api/v1/phone",
        "http://127.8.9.1/api/v1/phone",
        "http://localhost:8765/api/v1/phone",
        "http://[::1]:8765/api/v1/phone",
    ],
)
def test_accepts_https_and_plain_http_on_this_machine(base_url):
    """The real server and a sandbox on loopback are the two ways to go."""
    url = Address(base_url, KEY).url("numbers", "a/b?c", "calls")
    assert url.raw_path == b"/api/v1/phone/numbers/a%2Fb%3Fc/calls"


@pytest.mark.parametrize(
    "base_url",
    [
        "http://inkbox.ai/api/v1/phone",
        "http://127.0.0.1.evil.example/",
        "http://localhost.evil.example/",
        "http://10.0.0.1/",
        "http://0.0.0.0/",
        "ftp://inkbox.ai/",
        "inkbox.ai/api",
        "https://",
        "",
        "https://key@inkbox.ai/",
        "https://inkbox.ai/?to=elsewhere",
        "https://inkbox.ai/#part",
        "https://inkbox.ai:99999999/",
    ],
)
def test_refuses_any_other_base_url(base_url):
    """The key leaves only encrypted and only to where the person said."""
    with pytest.raises(SettingsError, match="INKBATCH_BASE_URL"):
        Address(base_url, KEY)


@pytest.mark.parametrize("key", ["", " ", "two words", "line\r\nX-Other: 1", "clé"])
def test_refuses_a_key_that_no_header_can_carry(key):
    """A half-pasted key is named as the mistake it is, without being shown."""
    with pytest.raises(SettingsError, match="INKBATCH_API_KEY") as caught:
        Address("https://inkbox.ai/", key)
    assert not key.strip() or key not in str(caught.value)


def test_the_key_shows_only_in_the_header():
    """Neither the object nor its parts print the key."""
    address = Address("https://inkbox.ai/", SecretStr(KEY))
    assert address.headers()["X-API-Key"] == KEY
    assert KEY not in repr(vars(address))
