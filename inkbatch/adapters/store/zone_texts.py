"""Candidate zones as they are stored: one text, so that one index finds a group of contacts."""

ZONE_SEPARATOR = "|"


def zones_as_text(zones: tuple[str, ...]) -> str:
    """Return candidate zones as one text."""
    return ZONE_SEPARATOR.join(zones)


def zones_from_text(text: str) -> tuple[str, ...]:
    """Return candidate zones from their stored text."""
    return tuple(text.split(ZONE_SEPARATOR)) if text else ()
