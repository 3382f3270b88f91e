"""What Inkbox's answers other than 200 mean: one error type per documented answer.

Messages show masked numbers only, also where the server repeats a number, and of URLs nothing of
the query, in which names may be. What the server says of a refused key is not repeated at all,
since it may quote the key.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from inkbatch.adapters.inkbox.connections import Answer
from inkbatch.adapters.inkbox.rate_limit import hold_until
from inkbatch.adapters.inkbox.wire import WireComplaint, complaint_in
from inkbatch.domain.call import RateLimit
from inkbatch.domain.errors import (
    CallNotFound,
    DialFailed,
    FromNumberRefused,
    KeyRefused,
    RateLimited,
    RecipientBlocked,
    ReplyLost,
    RequestRefused,
    TelephonyError,
    TelephonyUnavailable,
)
from inkbatch.domain.phone_number import masked
from inkbatch.ports import PlaceCall

NUMBER = re.compile(r"\+?\d{7,15}")
QUERY = re.compile(r"(?<=[^\s?])\?[^\s?\"'<>]+")
"""The part of a URL in which campaigns put what they know of a contact."""

SHOWN_CHARACTERS = 200
"""How much of the server's own words a message repeats."""


def place_refusal(
    answer: Answer, request: PlaceCall, *, host: str, now: datetime
) -> TelephonyError:
    """Return the error that an answer to place-call stands for, when it is no 200.

    Whatever the API page does not know, a redirect included, proves nothing: ReplyLost.
    """
    refused = _Refused(
        answer=answer,
        request=request,
        host=host,
        now=now,
        complaint=complaint_in(answer.body),
    )
    return PLACE_REFUSALS.get(answer.status, _not_documented)(refused)


def reply_lost(request: PlaceCall, *, host: str, reason: str) -> ReplyLost:
    """Return the error for a request that may have arrived."""
    return ReplyLost(
        f"Inkbox at {host} was asked to dial {masked(request.to_number)} from "
        f"{masked(request.from_number)} and gave no clear answer: {reason}. The phone may be "
        "ringing. Look for the call in the call list before this number is dialed again."
    )


def read_refusal(answer: Answer, subject: str, *, host: str, now: datetime) -> TelephonyError:
    """Return the error that an answer to a reading request stands for, when it is no 200."""
    told = _told(answer.status, complaint_in(answer.body))
    match answer.status:
        case 401:
            return key_refused(host)
        case 403:
            return FromNumberRefused(
                f"Inkbox at {host} does not show {subject} ({told}): it belongs to another "
                "organisation. Use the API key of that organisation. Nothing was dialed."
            )
        case 404:
            return CallNotFound(
                f"Inkbox at {host} does not know {subject} ({told}). Nothing was dialed. Check "
                "INKBATCH_BASE_URL and the id of the number."
            )
        case 422:
            return RequestRefused(
                f"Inkbox at {host} does not accept the request for {subject} ({told}). Nothing "
                "was dialed. Check the id of the number."
            )
        case 429:
            return rate_limited(answer, now=now)
        case _:
            return unavailable(host, f"it answered with {told}")


def unavailable(host: str, reason: str) -> TelephonyUnavailable:
    """Return the error for a read that got no usable answer."""
    return TelephonyUnavailable(
        f"Inkbox at {host} cannot be read: {reason}. Nothing was dialed. Check "
        "INKBATCH_BASE_URL and the network, then try again."
    )


def key_refused(host: str) -> KeyRefused:
    """Return the error for a key that is wrong or missing."""
    return KeyRefused(
        f"Inkbox at {host} refused the API key (401). Nothing was dialed. Check INKBATCH_API_KEY."
    )


def rate_limited(answer: Answer, *, now: datetime) -> RateLimited:
    """Return the error for a 429, with how long to hold and the limits if the body tells them."""
    until = hold_until(answer.headers, now=now)
    return RateLimited(
        "Inkbox says that the organisation's calls or minutes of the last 24 hours are used up "
        f"(429). Nothing was dialed. Place nothing before {until:%Y-%m-%d %H:%M:%S} UTC.",
        hold_until=until,
        limit=_limit(complaint_in(answer.body)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refused:
    """An answer to place-call with what a message about it needs."""

    answer: Answer
    request: PlaceCall
    host: str
    now: datetime
    complaint: WireComplaint

    @property
    def to(self) -> str:
        return masked(self.request.to_number)

    @property
    def by(self) -> str:
        return masked(self.request.from_number)

    @property
    def told(self) -> str:
        return _told(self.answer.status, self.complaint)


def _bad_request(refused: _Refused) -> TelephonyError:
    """Any 400 stops the from_number, the only thing for which the page has one.

    The exception speaks of `to_number`: it is held against that request alone.
    """
    if "to_number" in refused.complaint.text:
        return _not_valid(refused)
    return FromNumberRefused(
        f"Inkbox places no calls from {refused.by} ({refused.told}), so {refused.to} was not "
        "dialed. Activate the number at Inkbox or take it out of from_numbers."
    )


def _unauthorized(refused: _Refused) -> TelephonyError:
    return key_refused(refused.host)


def _forbidden(refused: _Refused) -> TelephonyError:
    if refused.complaint.code == "recipient_blocked":
        return RecipientBlocked(
            f"A contact rule at Inkbox blocks {refused.to}, which was not dialed. Change the "
            "rule there if this person wants to be called."
        )
    return FromNumberRefused(
        f"{refused.by} does not belong to the organisation of this API key ({refused.told}), so "
        f"{refused.to} was not dialed. Use the key of its organisation or another from_number."
    )


def _not_valid(refused: _Refused) -> TelephonyError:
    return RequestRefused(
        f"Inkbox says that the request to dial {refused.to} is not valid ({refused.told}). It was "
        "not dialed. Check this contact's number and the campaign's client_websocket_url and "
        "webhook_url."
    )


def _too_many(refused: _Refused) -> TelephonyError:
    return rate_limited(refused.answer, now=refused.now)


def _bad_gateway(refused: _Refused) -> TelephonyError:
    """Tell the documented 502, «Telnyx dial failed», from one that a gateway made up."""
    text = f"{refused.complaint.code} {refused.complaint.text}".lower()
    if "dial" not in text and "telnyx" not in text:
        return _not_documented(refused)
    return DialFailed(
        f"The carrier could not dial {refused.to} from {refused.by} ({refused.told}). Look for "
        "the call in the call list before this number is dialed again."
    )


def _not_documented(refused: _Refused) -> TelephonyError:
    return reply_lost(refused.request, host=refused.host, reason=f"it answered with {refused.told}")


PLACE_REFUSALS: dict[int, Callable[[_Refused], TelephonyError]] = {
    400: _bad_request,
    401: _unauthorized,
    403: _forbidden,
    422: _not_valid,
    429: _too_many,
    502: _bad_gateway,
}
"""Every answer but 200 that place-call is known to give."""


def _limit(complaint: WireComplaint) -> RateLimit | None:
    return None if complaint.rate_limit is None else complaint.rate_limit.as_rate_limit()


def _told(status: int, complaint: WireComplaint) -> str:
    if not complaint.text:
        return str(status)
    text = QUERY.sub("?…", " ".join(complaint.text.split()))
    text = NUMBER.sub(lambda match: masked(match[0]), text)
    return f"{status}: {text[:SHOWN_CHARACTERS]}"
