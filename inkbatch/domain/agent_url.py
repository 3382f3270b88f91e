"""The agent's WebSocket URL for one attempt, made from the campaign's template.

`{contact.first_name}` stands for the contact's column `first_name`; the value is URL-encoded.
The attempt id is added as the query parameter `inkbatch_attempt`: Inkbox gives the URL back with
the call, so the same id tells us which attempt a call is, and the agent whom it talks to.
"""

import re
from collections.abc import Collection, Mapping
from itertools import chain, count
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

ATTEMPT_PARAMETER = "inkbatch_attempt"
PLACEHOLDER = re.compile(r"\{contact\.([^{}]+)\}")


def placeholders(template: str) -> tuple[str, ...]:
    """Return the names of the contact's columns that the template uses, in order."""
    return tuple(PLACEHOLDER.findall(template))


def missing_columns(template: str, columns: Collection[str]) -> tuple[str, ...]:
    """Return the names that the template uses and no contact has: their place would stay empty."""
    known = {*columns, extension_field(columns)}
    return tuple(dict.fromkeys(name for name in placeholders(template) if name not in known))


def extension_field(columns: Collection[str]) -> str:
    """Return the contact's field for an extension: `extension`, unless a column is called so.

    Only contacts whose number was written with one have it; elsewhere its place stays empty.
    """
    numbered = (f"phone_extension_{number}" for number in count(2))
    names = chain(("extension", "phone_extension"), numbered)
    return next(name for name in names if name not in columns)


def agent_url(template: str, fields: Mapping[str, str], *, attempt_id: str) -> str:
    """Fill the template for one attempt; a contact without a value gives an empty text."""
    filled = PLACEHOLDER.sub(lambda match: _encoded(fields.get(match[1], "")), template)
    parts = urlsplit(filled)
    added = urlencode({ATTEMPT_PARAMETER: attempt_id})
    query = f"{parts.query}&{added}" if parts.query else added
    return urlunsplit(parts._replace(query=query))


def attempt_id_in(url: str | None) -> str | None:
    """Return the attempt id that a call's URL carries, None if it carries none."""
    if url is None:
        return None
    try:
        query = urlsplit(url).query
    except ValueError:  # calls that others made may carry anything
        return None
    return dict(parse_qsl(query)).get(ATTEMPT_PARAMETER)


def _encoded(value: str) -> str:
    """URL-encode a cell's text; half a character, which no UTF-8 has, becomes `?`."""
    return quote(value, safe="", errors="replace")
