"""Replays the rest of a campaign some hundreds of times at once, and says what that comes to.

The replays are vectorised: contacts are counted in cohorts (zones, deadline, priority, tries used
up), time goes in slots of 5 to 30 minutes, and each array has a row for every replay. Windows,
the retry policy, caps, cool-downs and deadlines are the domain's own functions; the budget is the
rolling log of calls and minutes, exact to the slot.

The order of the calls is the dialer's, which learns from the calls of each replay what the next try
is worth; every fifth turn goes by the wait.

What is simplified: chances do not depend on the hour or on the person, other than by the number of
the try; `other_hour` and `other_number` are left out; calls of one slot count from its beginning;
caps of several attempts suppose that tries come in equal distances; what agents post (call-backs,
opt-outs, successes) is only in the history; what is kept for other campaigns, and what others use,
stays as it is now; failures of the line and the breaker do not come up.
"""

from inkbatch.adapters.forecasting.chart import chart
from inkbatch.adapters.forecasting.forecasting import forecast_campaign

__all__ = ["chart", "forecast_campaign"]
