"""Which webhook_urls the sandbox may contact: those on this machine, unless told otherwise."""

from collections.abc import Collection

import httpx

from inkbatch.sandbox.loopback import is_loopback


def why_undeliverable(url: str, *, allowed_hosts: Collection[str]) -> str | None:
    """Return why nothing is ever sent to a URL, None for one that may be contacted."""
    try:
        parsed = httpx.URL(url)  # read by whoever is going to open the connection
    except httpx.InvalidURL as error:
        return f"it is no URL: {error}"
    if not parsed.host or parsed.scheme not in ("http", "https"):
        return "it is no http:// or https:// URL with a host"
    if is_loopback(parsed.host) or parsed.host in allowed_hosts:
        return None
    return f"{parsed.host} is not this machine; allow it by --webhook-host {parsed.host}"
