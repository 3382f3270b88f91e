"""One transaction, put together from its subjects."""

from inkbatch.adapters.store.access import Access
from inkbatch.adapters.store.answer_tallies import AnswerTallies
from inkbatch.adapters.store.attempts import Attempts
from inkbatch.adapters.store.calls import Calls
from inkbatch.adapters.store.campaigns import Campaigns
from inkbatch.adapters.store.contacts import Contacts
from inkbatch.adapters.store.counting import Counting
from inkbatch.adapters.store.enrolling import Enrolling
from inkbatch.adapters.store.erasing import Erasing
from inkbatch.adapters.store.explaining import Explaining
from inkbatch.adapters.store.foreign_use import ForeignUse
from inkbatch.adapters.store.inbox import Inbox
from inkbatch.adapters.store.looking_ahead import LookingAhead
from inkbatch.adapters.store.purging import Purging
from inkbatch.adapters.store.results import Results
from inkbatch.adapters.store.sharing import Sharing
from inkbatch.adapters.store.shifts import Shifts
from inkbatch.adapters.store.viewing import Viewing


class SqlTransaction(
    Campaigns,
    Enrolling,
    Contacts,
    Attempts,
    Calls,
    ForeignUse,
    Sharing,
    Shifts,
    Counting,
    Results,
    Inbox,
    Explaining,
    Erasing,
    Purging,
    Viewing,
    LookingAhead,
    AnswerTallies,
    Access,
):
    """Fulfils `ports.Transaction` on one connection."""
