"""Where Inkbox is and the key that opens it; checked before anything is sent."""

import re
from urllib.parse import quote

import httpx
from pydantic import SecretStr

from inkbatch.domain.errors import SettingsError
from inkbatch.domain.this_machine import is_this_machine

KEY = re.compile(r"[\x21-\x7e]+")
"""What a header may carry; a line break in a key would end the header."""


PORT_MAX = 65_535


class Address:
    """The one base URL that requests go to, with the key they carry.

    Raises SettingsError for a URL without a host, with parts that belong to no base URL, or with
    plain http to anything but loopback, and for a key that no header can carry.
    """

    def __init__(self, base_url: str, api_key: SecretStr | str) -> None:
        self._base = checked_url(
            base_url,
            setting="INKBATCH_BASE_URL",
            secret="INKBATCH_API_KEY",  # noqa: S106 (the name of a setting)
            example="https://inkbox.ai/api/v1/phone",
        )
        key = api_key.get_secret_value() if isinstance(api_key, SecretStr) else api_key
        if not KEY.fullmatch(key):
            raise SettingsError(
                "INKBATCH_API_KEY is empty or holds blanks or characters that no key has. "
                "Copy the key again from Inkbox."
            )
        self._key = SecretStr(key)

    @property
    def host(self) -> str:
        """What messages call the server: host and port."""
        return self._base.netloc.decode("ascii")

    def url(self, *path: str) -> httpx.URL:
        """Return the URL of this path under the base; each part is URL-encoded."""
        parts = "/".join(quote(part, safe="") for part in path)
        return httpx.URL(f"{str(self._base).rstrip('/')}/{parts}")

    def headers(self) -> dict[str, str]:
        """Return the headers of every request."""
        return {
            "X-API-Key": self._key.get_secret_value(),
            "Accept": "application/json",
            "User-Agent": "inkbatch",
        }


def checked_url(base_url: str, *, setting: str, secret: str, example: str) -> httpx.URL:
    """Return a base URL that a secret may be sent to; raises SettingsError, naming the settings."""
    try:
        url = httpx.URL(base_url.strip())
    except httpx.InvalidURL as error:
        raise SettingsError(f"{setting} is not a URL: {error}.") from error
    if url.scheme not in ("https", "http") or not url.host or (url.port or 1) > PORT_MAX:
        raise SettingsError(f"{setting} needs the form https://host:port/path, as in {example}.")
    if url.userinfo or url.query or url.fragment:
        raise SettingsError(
            f"{setting} holds a user, a query or a fragment. Leave them out; the key "
            f"belongs in {secret}."
        )
    if url.scheme == "http" and not is_this_machine(url.host):
        raise SettingsError(
            f"{setting} would send the API key unencrypted to {url.host}. Use https; "
            "plain http is only for a server on this machine."
        )
    return url
