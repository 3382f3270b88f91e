"""The keys under which a campaign's artifacts stand on Prefect's page."""

import re


def artifact_key(text: str) -> str:
    """Return a key: lower case letters, digits and dashes, as Prefect wants it."""
    return re.sub(r"[^a-z0-9]+", "-", f"inkbatch-{text}".lower()).strip("-")
