"""What the agent says, with the contact's own fields in it."""

import re
from collections.abc import Mapping

PLACEHOLDER = re.compile(r"\{contact\.([^{}|]+)(?:\|([^{}]*))?\}")


def filled(text: str, fields: Mapping[str, str]) -> str:
    """Fill `{contact.first_name}`, or `{contact.first_name|there}` for those who have none."""
    return PLACEHOLDER.sub(lambda found: fields.get(found[1], "").strip() or (found[2] or ""), text)
