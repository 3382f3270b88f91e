"""What is known of a number that was read, and the kinds of number that are not called."""

from typing import NamedTuple

from phonenumbers import PhoneNumberType

KINDS = {
    kind: PhoneNumberType.to_string(kind).lower()
    for kind in PhoneNumberType.values()
    if kind != PhoneNumberType.UNKNOWN
}
"""The words for the library's types: mobile, fixed_line, toll_free, ..."""

REFUSED_KINDS = {
    "premium_rate": "this is a premium-rate number, which charges its caller: write another one",
    "pager": "this is a pager, where nobody can talk: write another number",
    "voicemail": "this is a mailbox, where nobody can talk: write another number",
}
"""Why a number of such a kind is never called; every other kind is."""


class NumberReading(NamedTuple):
    """A number in E.164 and what is known of it; a million of them are cheap.

    `is_geographic` says whether its digits tell a place, and with it a time zone; `kind` is one
    of `KINDS`; `extension` holds digits to be keyed in once somebody answers. `repair` says how
    the cell was repaired, None if it stood right.
    """

    number: str
    is_geographic: bool
    kind: str
    extension: str | None = None
    repair: str | None = None
