"""Several rule sets at once: the strictest holds, to the millisecond, against brute force."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkbatch.domain.calling_hours import hours_lines
from inkbatch.domain.calling_rules import RuleSet, StrictestWindow, applying, shared_week, strictest
from inkbatch.domain.calling_window import MINUTES_A_DAY, CallingWindow, Span
from inkbatch.domain.contact import Contact, ContactState
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.eligibility import Dial, Ended, Hold, NumberFacts, Skip, decide
from inkbatch.domain.retry_policy import AttemptCap

NEW_YORK, LONDON, SYDNEY = "America/New_York", "Europe/London", "Australia/Sydney"
NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
DAY, MINUTE, MS = timedelta(days=1), timedelta(minutes=1), timedelta(milliseconds=1)
ALWAYS = CallingWindow(weekdays=((Span(0, MINUTES_A_DAY),),) * 7)


@dataclass(frozen=True)
class Dates:
    """Public holidays of which nothing is known after `until`, nor for zones not of `known`."""

    dates: frozenset[date] = frozenset()
    until: date = date(2100, 12, 31)
    known: tuple[str, ...] = (NEW_YORK, LONDON, SYDNEY)

    def is_holiday(self, day, zones):
        """Return whether it is one of the dates."""
        assert self.why_unknown(day, zones) is None
        return day in self.dates

    def why_unknown(self, day, zones):
        """Return a sentence beyond what is known."""
        if day > self.until:
            return f"holidays are known only to {self.until}"
        return None if set(zones) & set(self.known) else "no country is known"


def local(text, zone):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def daily(start, end, **more):
    return CallingWindow(weekdays=((Span(start * 60, end * 60),),) * 7, **more)


def decided(rule_sets=(), facts=None, *, window=ALWAYS, zones=(NEW_YORK,), now=NOW):
    contact = Contact(
        id=1, campaign_id=1, number="+14155550132", zones=zones, row_number=2, waits_until=NOW,
        why="new",
    )  # fmt: skip
    rules = strictest(rule_sets, window=window)
    return decide(contact, facts or NumberFacts(), rules=rules, now=now)


def rule(name="law", **says):
    return RuleSet(name=name, title=name, **says)


def test_each_rule_set_can_only_forbid():
    """Of three windows the hours that all allow are left, whichever is the campaign's own."""
    hours = strictest([rule(window=daily(8, 20)), rule(window=daily(9, 21))], window=daily(7, 19))
    opens = hours.window.next_open(local("2026-11-20 03:00", LONDON), (LONDON,))
    assert opens == local("2026-11-20 09:00", LONDON)
    assert hours.window.closes_at(opens, (LONDON,)) == local("2026-11-20 19:00", LONDON)


def test_a_law_counts_by_the_contacts_clock_where_the_campaign_keeps_its_own():
    """Office hours in London end before a Californian law allows the first call there."""
    office = daily(9, 17, zone=LONDON)
    both = strictest([rule(window=daily(8, 20))], window=office).window
    morning = local("2026-11-20 10:00", LONDON)
    assert both.next_open(morning, (NEW_YORK,)) == local("2026-11-20 08:00", NEW_YORK)
    assert both.next_open(morning, ("America/Los_Angeles",)) == local("2026-11-20 16:00", LONDON)
    assert both.next_open(morning, ("Pacific/Honolulu",)) is None


def test_rules_that_never_allow_a_call_together_give_the_contact_up():
    """The reason says that it is the rules together."""
    decision = decided([rule(window=daily(18, 20))], window=daily(9, 12))
    assert decision.state is ContactState.EXHAUSTED
    assert "all the rules" in decision.reason


def test_without_any_window_no_window_can_be_built():
    """No hours at all must not mean at any hour."""
    with pytest.raises(ValueError, match="no window"):
        StrictestWindow(windows=())


@pytest.mark.parametrize("periods", [(2, 7), (7, 2), (7, 1), (1, 7)])
def test_of_cool_downs_the_longest_holds_in_whichever_order(periods):
    """And the campaign's own counts among them."""
    first, second = (rule(cool_downs={Disposition.ANSWERED: days * DAY}) for days in periods)
    own = {Disposition.ANSWERED: 3 * DAY}
    combined = strictest([first, second], window=ALWAYS, cool_downs=own)
    assert combined.cool_down_after(Disposition.ANSWERED).period == 7 * DAY


def test_all_caps_hold_and_the_longest_cool_down():
    """Nothing of a rule set is lost by another that says less."""
    caps = [AttemptCap(attempts=3, period=DAY), AttemptCap(attempts=7, period=7 * DAY)]
    combined = strictest(
        [
            rule(caps=(caps[0],), cool_downs={Disposition.ANSWERED: 2 * DAY}),
            rule(caps=(caps[1],), cool_downs={Disposition.ANSWERED: 7 * DAY}),
            rule(cool_downs={Disposition.REJECTED: 60 * DAY}),
        ],
        window=ALWAYS,
        caps=(caps[0],),
        cool_downs={Disposition.ANSWERED: DAY},
    )
    assert combined.caps == tuple(caps)
    assert combined.cool_down_after(Disposition.ANSWERED).period == 7 * DAY
    assert combined.cool_down_after(Disposition.REJECTED).period == 60 * DAY
    assert combined.cool_down_after(Disposition.NO_ANSWER) is None


@pytest.mark.parametrize(
    ("state", "names"),
    [
        ("FL", ["usa", "florida"]),
        (" florida ", ["usa", "florida"]),
        ("Okla.", ["usa", "florida", "oklahoma"]),
        ("OK", ["usa", "oklahoma"]),
        ("new  york", ["usa"]),
        ("", ["usa", "florida", "oklahoma"]),
        ("Ontario", ["usa", "florida", "oklahoma"]),
    ],
)
def test_an_unknown_state_falls_under_all_of_them(state, names):
    """Only a state that is told takes a person out of another's rules."""
    sets = [rule("usa"), rule("florida", state="FL"), rule("oklahoma", state="OK")]
    assert [each.name for each in applying(sets, state=state)] == names


def test_a_holiday_shuts_the_day_and_an_exception_outranks_it():
    """Christmas Day is shut, and New Year's Day open for the hours that somebody wrote down."""
    hours = daily(
        9,
        17,
        holidays=Dates(frozenset({date(2026, 12, 25), date(2027, 1, 1)})),
        exceptions={date(2027, 1, 1): (Span(600, 660),)},
    )
    eve = local("2026-12-24 17:00", LONDON)
    assert hours.next_open(eve, (LONDON,)) == local("2026-12-26 09:00", LONDON)
    new_year = local("2026-12-31 17:00", LONDON)
    assert hours.next_open(new_year, (LONDON,)) == local("2027-01-01 10:00", LONDON)


@pytest.mark.parametrize(
    ("holidays", "sentence"),
    [
        (Dates(until=date(2026, 11, 19)), "known only to 2026-11-19"),
        (Dates(known=(LONDON,)), "no country is known"),
    ],
)
def test_unknown_holidays_mean_no_call_and_a_sentence(holidays, sentence):
    """A table that ends before the day, or none for the country: it fails closed."""
    law = rule(window=CallingWindow(weekdays=ALWAYS.weekdays, holidays=holidays))
    decision = decided([law])
    assert isinstance(decision, Skip)
    assert sentence in decision.reason


def test_the_last_day_that_is_known_is_still_called_on():
    """The table's end is where it ends, not where it comes near."""
    law = rule(
        window=CallingWindow(weekdays=ALWAYS.weekdays, holidays=Dates(until=date(2026, 11, 20)))
    )
    last = local("2026-11-20 23:59:59.999", NEW_YORK)
    assert decided([law], now=last) == Dial()
    assert isinstance(decided([law], now=last + MS), Skip)


COOL = rule(cool_downs={Disposition.ANSWERED: 7 * DAY, Disposition.REJECTED: 60 * DAY})


@pytest.mark.parametrize(
    ("age", "until"),
    [
        (timedelta(0), NOW + 7 * DAY),
        (7 * DAY - MS, NOW + MS),
        (7 * DAY, None),
        (7 * DAY + MS, None),
    ],
)
def test_a_cool_down_ends_exactly_when_its_period_is_over(age, until):
    """One millisecond early is too early; at the full period the number may be called."""
    facts = NumberFacts(ended=(Ended(disposition=Disposition.ANSWERED, ended_at=NOW - age),))
    decision = decided([COOL], facts)
    assert decision == Dial() if until is None else decision.until == until


def test_a_call_that_came_to_nothing_begins_no_cool_down():
    """Only the dispositions that the rules name do."""
    facts = NumberFacts(ended=(Ended(disposition=Disposition.NO_ANSWER, ended_at=NOW),))
    assert decided([COOL], facts) == Dial()


@pytest.mark.parametrize(("until", "is_held"), [(NOW + MS, True), (NOW, False), (NOW - MS, False)])
def test_another_campaigns_cool_down_holds_too(until, is_held):
    """What the rules said that made the call holds for a campaign which has no such rule."""
    facts = NumberFacts(cooling_until=until, cooling_because="left in peace")
    expected = Hold(until, "left in peace") if is_held else Dial()
    assert decided((), facts) == expected


def test_people_read_the_combined_hours():
    """Hours of one clock are one line a run of days; another clock's stand apart."""
    week = CallingWindow(weekdays=((Span(540, 1200),),) * 5 + ((), ()))
    together = strictest([rule(window=daily(10, 21))], window=week).window
    assert hours_lines(together) == ("Mon-Fri 10:00-20:00 (each contact's own time zone)",)
    apart = strictest([rule(window=daily(8, 21))], window=daily(9, 17, zone=LONDON)).window
    assert hours_lines(apart) == (
        "Mon-Sun 09:00-17:00 (Europe/London)",
        "Mon-Sun 08:00-21:00 (each contact's own time zone)",
    )
    never = strictest([rule(window=daily(18, 21))], window=daily(9, 17)).window
    assert hours_lines(never) == ("at no hour (each contact's own time zone)",)


spans = st.builds(
    lambda start, length: Span(start, min(start + length, MINUTES_A_DAY)),
    start=st.integers(min_value=0, max_value=MINUTES_A_DAY - 1),
    length=st.integers(min_value=1, max_value=MINUTES_A_DAY),
)
weeks = st.tuples(*[st.lists(spans, max_size=2).map(sorted).map(tuple)] * 7)
first_days = st.sampled_from(
    [date(2026, 3, 7), date(2026, 3, 28), date(2026, 10, 24), date(2026, 10, 31), date(2026, 10, 3)]
)
holiday_offsets = st.sets(st.integers(min_value=-1, max_value=4), max_size=4)
zone_lists = st.lists(
    st.sampled_from([NEW_YORK, LONDON, SYDNEY]), min_size=1, max_size=2, unique=True
).map(tuple)


def allows(week, holidays, at, zone):
    """Whether one week with holidays allows a call, by the clock on the wall alone."""
    there = at.astimezone(ZoneInfo(zone))
    minute = there.hour * 60 + there.minute
    hours = week[there.weekday()]
    return there.date() not in holidays and any(
        span.start_minute <= minute < span.end_minute for span in hours
    )


@settings(max_examples=60, deadline=None)
@given(
    weeks=st.lists(weeks, min_size=1, max_size=3),
    offsets=st.lists(holiday_offsets, min_size=3, max_size=3),
    day=first_days,
    second=st.integers(min_value=0, max_value=86_399),
    zones=zone_lists,
)
def test_combined_windows_with_holidays_agree_with_looking_at_every_minute(
    weeks, offsets, day, second, zones
):
    """Brute force: the first open minute by every week, zone and holiday is what is told."""
    holidays = [{day + offset * DAY for offset in each} for each in offsets]
    windows = [
        CallingWindow(weekdays=week, holidays=Dates(frozenset(dates)))
        for week, dates in zip(weeks, holidays, strict=False)
    ]
    combined = StrictestWindow(windows=tuple(windows))

    def is_open(at):
        return all(
            allows(week, dates, at, zone)
            for week, dates in zip(weeks, holidays, strict=False)
            for zone in zones
        )

    after = datetime.combine(day, time(), UTC) + timedelta(seconds=second)
    opening = combined.next_open(after, zones)
    minute = after.replace(second=0) + MINUTE
    minutes = [after, *(minute + MINUTE * count for count in range(3 * MINUTES_A_DAY))]
    first = next((at for at in minutes if is_open(at)), None)
    if first is None:
        assert opening is None or opening > minutes[-1]
        return
    assert opening == first
    assert combined.is_open(first, zones)
    assert first == after or not combined.is_open(first - MS, zones)
    shuts = combined.closes_at(first, zones)
    assert combined.is_open(shuts - MS, zones)
    inside = [at for at in minutes if first <= at < shuts]
    assert all(map(is_open, inside))
    assert not is_open(shuts) or shuts > minutes[-1]


@settings(max_examples=40, deadline=None)
@given(some=weeks, other=weeks)
def test_the_hours_that_are_shown_are_those_that_hold(some, other):
    """Every minute of the week: it is in the shown spans if and only if both windows have it."""
    shown = shared_week([CallingWindow(weekdays=some), CallingWindow(weekdays=other)])
    for day in range(7):
        for minute in range(0, MINUTES_A_DAY, 7):
            clock = time(minute // 60, minute % 60)
            both = all(any(clock in span for span in week[day]) for week in (some, other))
            assert any(clock in span for span in shown[day]) is both


ages_ms = st.one_of(
    st.integers(min_value=0, max_value=9 * 86_400_000),
    st.sampled_from([days * 86_400_000 + tick for days in (1, 2, 7) for tick in (-1, 0, 1)]),
)
dispositions = st.sampled_from(
    [Disposition.ANSWERED, Disposition.REJECTED, Disposition.NO_ANSWER, Disposition.VOICEMAIL]
)
periods = st.sampled_from([DAY, 2 * DAY, 7 * DAY])
rule_sets = st.lists(
    st.builds(
        lambda cap, cools: rule(caps=cap, cool_downs=cools),
        st.lists(
            st.builds(
                lambda attempts, period: AttemptCap(attempts=attempts, period=period),
                st.integers(min_value=1, max_value=4),
                periods,
            ),
            max_size=2,
        ).map(tuple),
        st.dictionaries(dispositions, periods, max_size=2),
    ),
    max_size=3,
)


@settings(max_examples=200, deadline=None)
@given(history=st.lists(st.tuples(ages_ms, dispositions), max_size=8), rule_sets=rule_sets)
def test_caps_and_cool_downs_agree_with_counting_the_history(history, rule_sets):
    """Brute force: a call is allowed if and only if no rule set counts one too many."""
    calls = [(NOW - age * MS, disposition) for age, disposition in history]
    facts = NumberFacts(
        dialed_at=tuple(at for at, _ in calls),
        ended=tuple(Ended(disposition=came_to, ended_at=at) for at, came_to in calls),
    )

    def is_allowed(now):
        for each in rule_sets:
            for cap in each.caps:
                if sum(now - at < cap.period for at, _ in calls) >= cap.attempts:
                    return False
            for came_to, period in each.cool_downs.items():
                if any(what is came_to and now < at + period for at, what in calls):
                    return False
        return True

    decision = decided(rule_sets, facts)
    assert (decision == Dial()) is is_allowed(NOW)
    if isinstance(decision, Hold):
        assert not is_allowed(decision.until - MS)
