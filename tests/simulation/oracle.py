"""What may never happen, judged by what left for the exchange and what it then did.

Nothing of the dialer is used here: hours come from zoneinfo, calls and minutes are added up anew,
and the database is asked in plain SQL.
"""

from bisect import bisect_right
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

DAY = timedelta(hours=24)
NIGHT_BEGINS = timedelta(hours=4)
FINAL = {"reached", "exhausted", "suppressed", "review", "withdrawn", "expired"}


def _utc(stored):
    """Return a time as PostgreSQL gives it, or SQLite's text of it."""
    if isinstance(stored, str):
        return datetime.fromisoformat(f"{stored}+00:00")
    return stored.astimezone(UTC)


class Breach(AssertionError):
    """A promise was broken."""


class Oracle:
    """Judges each event when it happens, and the whole at the end.

    `query` runs one SELECT in the database and returns all rows.
    """

    def __init__(self, *, calls_limit, minutes_limit, grace, query):
        self._calls_limit = calls_limit
        self._minutes_limit = minutes_limit
        self._grace = grace
        self._rows_of = {}
        self.sent_ids = {}
        self.calls = []
        self.calls_of = defaultdict(list)
        self._sent_to = defaultdict(list)
        self._under_way = defaultdict(set)
        self._never = {}
        self._stopped = {}
        self._recent = []
        self._told_at = {}
        self._query = query
        self.rang = set()

    # ---------------------------------------------------------------- what people said

    def given(self, campaign, rows):
        """Somebody gave a file of so many rows."""
        self._rows_of[campaign] = self._rows_of.get(campaign, 0) + rows

    def suppressed(self, number, *, at, until=None):
        """Somebody put a number on the list."""
        self._never[number] = (at, until)

    def stopped(self, campaign, *, at):
        """Somebody paused or canceled a campaign."""
        self._stopped.setdefault(campaign, at)

    def resumed(self, campaign):
        """Somebody let it go on."""
        self._stopped.pop(campaign, None)

    # ---------------------------------------------------------------- events

    def sent(self, attempt_id, number, campaign, *, rules, zones, at):
        """Judge a place-call that leaves, before anything comes of it."""
        if attempt_id in self.sent_ids:
            raise Breach(f"attempt {attempt_id} was sent twice")
        if self._under_way[number]:
            raise Breach(f"{number} was called while a request to it was under way")
        self.sent_ids[attempt_id] = (campaign, number, at)
        self._under_way[number].add(attempt_id)
        self._not_stopped(campaign, at)
        self._not_suppressed(number, at)
        self._in_its_window(number, rules, zones, at)
        self._within_caps(number, campaign, rules, at)
        self._sent_to[number].append((at, attempt_id, campaign))

    def refused(self, attempt_id, number):
        """The exchange said 429: nothing was placed, and the same attempt may be sent again."""
        del self.sent_ids[attempt_id]
        self._under_way[number].discard(attempt_id)
        self._sent_to[number] = [each for each in self._sent_to[number] if each[1] != attempt_id]

    def arrived(self, attempt_id, number):
        """The exchange carried the request out, or nobody ever will."""
        self._under_way[number].discard(attempt_id)

    def placed(self, call, attempt_id, *, now):
        """Judge a phone that begins to ring."""
        if attempt_id not in self.sent_ids:
            raise Breach(f"a call for attempt {attempt_id}, which was never sent")
        for earlier in self.calls_of[call.to_number]:
            if earlier.life.ends_at > now:
                raise Breach(f"{call.to_number} rang a second time while a call was open")
        self.calls.append(call)
        self.rang.add(attempt_id)
        self.calls_of[call.to_number].append(call)
        self._recent = [at for at in self._recent if at > now - DAY] + [now]
        if len(self._recent) > self._calls_limit:
            raise Breach(f"{len(self._recent)} calls in the 24 hours before {now}")

    def committed(self):
        """Judge what the database noted of attempts that went backwards."""
        for attempt, was, became in self._query("SELECT attempt, was, became FROM backwards"):
            raise Breach(f"attempt {attempt} went from {was} to {became}")

    def told(self, campaign, kind, *, at):
        """Judge what somebody is told of a night: once, and again only if calls went on.

        A call may have been made by whoever wrote down that it would, and died or was stopped.
        """
        night = (at - NIGHT_BEGINS).date()
        before = self._told_at.get((campaign, kind, night))
        if before is not None and max(self._intents_of(campaign), default=before) <= before:
            raise Breach(f"{kind} of {campaign} was told at {before} and again at {at}")
        self._told_at[campaign, kind, night] = at

    def _intents_of(self, campaign):
        rows = self._query(
            "SELECT c.name, a.reserved_at FROM attempt a JOIN campaign c ON c.id = a.campaign_id "
            "WHERE a.reserved_at IS NOT NULL"
        )
        return [_utc(at) for name, at in rows if name == campaign]

    # ---------------------------------------------------------------- the end

    def end(self, canceled):
        """Judge the whole: nobody is left over, and the books agree with the ledger."""
        self._minutes()
        self._rows_add_up()
        self._everyone_has_a_reason(canceled)
        self._attempts_have_their_calls()

    def _not_stopped(self, campaign, at):
        since = self._stopped.get(campaign)
        if since is not None and at > since + self._grace:
            raise Breach(f"{campaign} dialed at {at}, stopped since {since}")

    def _not_suppressed(self, number, at):
        since, until = self._never.get(number, (None, None))
        is_known = since is not None and at > since + self._grace
        if is_known and (until is None or at < until - self._grace):
            raise Breach(f"{number} was dialed at {at}, suppressed since {since}")

    def _in_its_window(self, number, rules, zones, at):
        moments = {at, at - self._grace, at + self._grace}
        if not any(all(_is_open(each, zone, rules) for zone in zones) for each in moments):
            raise Breach(f"{number} in {zones} was dialed at {at}, outside its window")

    def _within_caps(self, number, campaign, rules, at):
        rang = [
            (sent, name) for sent, attempt, name in self._sent_to[number] if attempt in self.rang
        ]
        for count, hours in rules.per:
            since = at - timedelta(hours=hours) + self._grace
            if sum(sent > since for sent, _ in rang) >= count:
                raise Breach(f"{number} was dialed at {at}, beyond {count} in {hours} hours")
        own = [sent for sent, name in rang if name == campaign]
        if len(own) >= rules.attempts_max:
            raise Breach(f"{number} was dialed {len(own) + 1} times by {campaign}")

    def _minutes(self):
        talks = [
            (call.life.answered_at, call.life.ends_at)
            for call in self.calls
            if call.life.answered_at
        ]
        talked = _Talked(talks)
        for _, end in talks:
            minutes = (talked.before(end) - talked.before(end - DAY)) / 60
            if minutes > self._minutes_limit + 1e-3:
                raise Breach(f"{minutes:.3f} minutes in the 24 hours before {end}")

    def _rows_add_up(self):
        kept = dict(
            self._query(
                "SELECT c.name, SUM(f.plain_rows + (SELECT COUNT(*) FROM list_row r WHERE "
                "r.file_id = f.id)) FROM campaign c JOIN list_file f ON f.campaign_id = c.id "
                "GROUP BY c.name"
            )
        )
        for name, rows in self._rows_of.items():
            if int(kept.get(name, 0)) != rows:
                raise Breach(f"{name} has {kept.get(name, 0)} of {rows} rows")

    def _everyone_has_a_reason(self, canceled):
        for name, number, state, why in self._query(
            "SELECT c.name, p.number, p.state, p.why FROM contact p "
            "JOIN campaign c ON c.id = p.campaign_id"
        ):
            if name in canceled:
                continue
            if state not in FINAL or not why:
                raise Breach(f"{number} of {name} ends as {state}: {why}")
            self._agrees(name, number, state)

    def _agrees(self, name, number, state):
        own = [
            call for call in self.calls_of[number] if self.sent_ids[_attempt_of(call)][0] == name
        ]
        answered = any(call.life.answered_at for call in own)
        if state == "reached" and not answered:
            raise Breach(f"{number} of {name} is reached, and nobody ever answered there")
        if state == "suppressed" and number not in self._never:
            raise Breach(f"{number} of {name} is suppressed, and nobody ever said so")

    def _attempts_have_their_calls(self):
        known = {
            attempt: (call, state)
            for attempt, call, state in self._query("SELECT id, call_id, state FROM attempt")
        }
        for call in self.calls:
            attempt = _attempt_of(call)
            if attempt not in known:
                raise Breach(f"a call of attempt {attempt}, which the database does not have")
            bound = known[attempt][0]
            if bound is None:
                raise Breach(f"the call {call.call_id} of attempt {attempt} was never found")
            if bound != str(call.call_id):
                raise Breach(f"attempt {attempt} is bound to {bound}, not to {call.call_id}")
        if len({_attempt_of(call) for call in self.calls}) < len(self.calls):
            raise Breach("two calls have one attempt")


class _Talked:
    """How many seconds were talked before a moment."""

    def __init__(self, talks):
        turns = sorted([(start, 1) for start, _ in talks] + [(end, -1) for _, end in talks])
        self._at = [at for at, _ in turns]
        self._talking = list(accumulate(change for _, change in turns))
        seconds = (
            talking * (later - at).total_seconds()
            for talking, at, later in zip(self._talking, self._at, self._at[1:], strict=False)
        )
        self._seconds = [0.0, *accumulate(seconds)]

    def before(self, moment):
        place = bisect_right(self._at, moment) - 1
        if place < 0:
            return 0.0
        return (
            self._seconds[place] + self._talking[place] * (moment - self._at[place]).total_seconds()
        )


def _attempt_of(call):
    return call.client_websocket_url.rpartition("inkbatch_attempt=")[2]


def _is_open(at, zone, rules):
    local = at.astimezone(ZoneInfo(zone))
    minute = local.hour * 60 + local.minute
    return any(start <= minute < end for start, end in rules.spans[local.weekday()])
