"""What a person says that a campaign shall be: active, paused, or canceled for good."""

from datetime import datetime

from inkbatch.domain.campaign import WITHDRAWN, CampaignState
from inkbatch.domain.errors import UserMistake
from inkbatch.ports import Transaction


def steer(
    tx: Transaction, campaign_id: int, state: CampaignState, *, reason: str | None, now: datetime
) -> int:
    """Write it, and withdraw whoever waits where it is canceled; return how many people.

    Raises UserMistake for one that was canceled: what it is now is read in this transaction, so
    nobody takes a cancel back by being slow.
    """
    record = tx.campaign_by_id(campaign_id)
    if record.state is CampaignState.CANCELED and state is not CampaignState.CANCELED:
        raise UserMistake(
            f"campaign {record.name} was canceled, which is for good. Whoever is still to be "
            "called needs a new campaign: `inkbatch init`, or an upload on the page."
        )
    tx.set_campaign_state(campaign_id, state, reason=reason, now=now)
    if state is not CampaignState.CANCELED:
        return 0
    return tx.withdraw_all(campaign_id, why=WITHDRAWN, now=now)
