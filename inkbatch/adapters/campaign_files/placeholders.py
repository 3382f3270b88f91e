"""Whether a call list has the columns that a campaign's URL template asks for."""

from inkbatch.domain.agent_url import placeholders
from inkbatch.domain.call_list import CallList
from inkbatch.domain.campaign import Campaign


def missing_placeholders(campaign: Campaign, call_list: CallList) -> tuple[str, ...]:
    """Return the names in `client_websocket_url` that the call list has no column for, in order.

    Each would be filled with an empty text. `CallList.columns` are the names it does have.
    """
    asked = placeholders(campaign.client_websocket_url or "")
    return tuple(dict.fromkeys(name for name in asked if name not in call_list.columns))
