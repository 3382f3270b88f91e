"""Bugs that the tests must catch: each a piece of the program, and what stands there instead.

`make mutations` plants them one at a time in a copy of the tree and runs the tests named with
each. A bug that none of them notices is a test that is missing.
"""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DIALER = "tests/integration/dialer/"


@dataclass(frozen=True)
class Bug:
    """One wrong piece of code: `sound` stands in `file` exactly once, and becomes `planted`."""

    name: str
    file: str
    sound: str
    planted: str
    tests: tuple

    def places(self, root=ROOT):
        """Return how often the sound code is found."""
        return (root / self.file).read_text("utf-8").count(self.sound)

    def plant(self, root):
        """Write the bug into a tree; fails where the code has moved on."""
        found = self.places(root)
        if found != 1:
            raise LookupError(f"{self.name}: its code is found {found} times in {self.file}")
        path = root / self.file
        path.write_text(path.read_text("utf-8").replace(self.sound, self.planted), "utf-8")


def _bug(name, file, sound, planted, *tests):
    return Bug(name, f"inkbatch/{file}", sound, planted, tests)


BUGS = (
    # ------------------------------------------------------------ the intent
    _bug(
        "the intent is not written down",
        "dialer/intents.py",
        "written = new if tx.add_attempts(new) else",
        "written = new or",
        f"{DIALER}test_crash_points.py",
    ),
    _bug(
        "the intent is not forced to the disk",
        "adapters/store/engine.py",
        "PRAGMA synchronous = FULL",
        "PRAGMA synchronous = OFF",
        "tests/integration/test_store_opening.py",
    ),
    _bug(
        "a second open attempt to a number is let in",
        "adapters/store/migrations/versions/0001_first_tables.py",
        '["number"],\n        unique=True,',
        '["number"],\n        unique=False,',
        "tests/conformance/test_store_dialing.py",
    ),
    _bug(
        "an intent that grew old is sent",
        "dialer/dispatch.py",
        "return clock.monotonic() > self._send_before or clock.now() - reserved_at > limit",
        "return reserved_at is limit",
        f"{DIALER}test_when_to_dial.py",
    ),
    _bug(
        "a batch that is given up leaves intents behind",
        "dialer/dispatch.py",
        "self._answers.append(Answer(attempt=attempt, unfit=NEVER_BEGUN))",
        "attempt.label",
        f"{DIALER}test_stopping.py",
    ),
    # ------------------------------------------------------------ the request
    _bug(
        "the request is sent again when no answer comes in time",
        "adapters/inkbox/placing.py",
        "                return await self._connections.send(outgoing)\n",
        "                try:\n"
        "                    return await self._connections.send(outgoing)\n"
        "                except httpx.ReadTimeout:\n"
        "                    return await self._connections.send(outgoing)\n",
        f"{DIALER}test_lost_replies.py",
    ),
    _bug(
        "a lost answer counts as not sent",
        "adapters/inkbox/placing.py",
        "NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)",
        "NEVER_SENT = (httpx.TransportError,)",
        f"{DIALER}test_lost_replies.py",
    ),
    _bug(
        "a yes that cannot be read counts as not sent",
        "adapters/inkbox/client.py",
        "            raise reply_lost(request, host=self._host, reason=reason) from error",
        "            from inkbatch.domain.errors import NotSent\n\n"
        "            raise NotSent(reason) from error",
        f"{DIALER}test_lost_replies.py",
    ),
    _bug(
        "any 502 counts as a dial that failed",
        "adapters/inkbox/refusals.py",
        'if "dial" not in text and "telnyx" not in text:',
        'if text == "never":',
        "tests/unit/inkbox/test_inkbox_refusals.py",
    ),
    # ------------------------------------------------------------ recovery
    _bug(
        "what a dead shift had reserved is dialed again",
        "dialer/reconcile.py",
        "    if not tx.advance_all(lost, from_state=AttemptState.RESERVED):\n"
        "        for attempt in lost:\n"
        "            tx.advance(attempt, from_state=AttemptState.RESERVED)\n",
        "    for attempt in reserved:\n"
        '        again = attempt.not_sent(reason="released by age")\n'
        "        tx.advance(again, from_state=AttemptState.RESERVED)\n"
        "        tx.release_budget(attempt.id)\n"
        "        waiting = type(tx.contact(attempt.contact_id).state).WAITING\n"
        '        tx.set_contact(attempt.contact_id, waiting, until=now, why="released by age")\n',
        f"{DIALER}test_crash_points.py",
    ),
    _bug(
        "a shift is declared dead while its lock is held",
        "dialer/reconcile.py",
        "    lock = shift.store.take_lock(other.lock_name)\n"
        "    if lock is None:\n"
        "        return None\n"
        "    try:\n"
        "        return _declare_dead(shift, other)\n"
        "    finally:\n"
        "        lock.release()\n",
        "    return _declare_dead(shift, other)\n",
        f"{DIALER}test_dead_shifts.py",
    ),
    _bug(
        "what a living shift of the same campaign reserved is taken over",
        "dialer/reconcile.py",
        "unended = {shift.id, *(other.id for other in rounds.others)}",
        "unended = {shift.id}",
        f"{DIALER}test_several_shifts.py",
    ),
    _bug(
        "one shift more than the campaign says begins",
        "dialer/locks.py",
        "range(2, shifts_at_once + 1)",
        "range(2, shifts_at_once + 2)",
        f"{DIALER}test_several_shifts.py",
    ),
    _bug(
        "a contact is claimed by two shifts",
        "adapters/store/contacts.py",
        "    .with_for_update(skip_locked=True, key_share=True)\n",
        "",
        "tests/conformance/test_store_claims.py",
    ),
    _bug(
        "a claim waits for whoever changes the contact",
        "adapters/store/contacts.py",
        "skip_locked=True, key_share=True",
        "key_share=True",
        "tests/conformance/test_store_claims.py",
    ),
    _bug(
        "what is not found is dialed again",
        "domain/attempt.py",
        "disposition = Disposition.DIAL_FAILED if dial_failed else Disposition.UNKNOWN",
        "disposition = Disposition.DIAL_FAILED",
        f"{DIALER}test_lost_replies.py",
    ),
    _bug(
        "the quiet time is over at the first look",
        "domain/attempt.py",
        "return attempt.lost_at + delays[done] if done < len(delays) else None",
        "return None",
        f"{DIALER}test_lost_replies.py",
        "tests/unit/domain/test_attempt_machine.py",
    ),
    _bug(
        "a transition does not ask where the attempt stands",
        "adapters/store/attempts.py",
        '    .where(table.c.id == bindparam("of_id"), table.c.state == bindparam("from_state"))\n'
        "    .values({name:",
        '    .where(table.c.id == bindparam("of_id"), bindparam("from_state").is_not(None))\n'
        "    .values({name:",
        "tests/conformance/test_store_dialing.py",
    ),
    _bug(
        "of two calls that could be it the first is taken",
        "dialer/reconcile.py",
        "for each in some if len(matches[each.id]) == 1]\n            if _bind_all",
        "for each in some if matches[each.id]]\n            if _bind_all",
        f"{DIALER}test_lost_replies.py",
    ),
    _bug(
        "a call is bound to a second attempt",
        "adapters/store/calls.py",
        "if any(row.id != call.id or row.attempt_id not in (None, attempt_id) for row in claims):",
        "if call.id is None:",
        "tests/conformance/test_store_dialing.py",
    ),
    _bug(
        "an old event takes a call back from its end",
        "adapters/store/calls.py",
        "return or_(not_(_is_ended(table.c.status)), _is_ended(new.excluded.status))",
        "return or_(not_(_is_ended(table.c.status)), table.c.id.is_not(None))",
        "tests/conformance/test_store_dialing.py",
    ),
    _bug(
        "a call that never ends is waited for without end",
        "dialer/collect.py",
        "if now - started > _rules(shift, tx, attempt).call_lasts_at_most:",
        "if now < started:",
        f"{DIALER}test_collecting.py",
    ),
    # ------------------------------------------------------------ the budget
    _bug(
        "a reserved call is not counted",
        "adapters/store/budget.py",
        '"calls": 1,',
        '"calls": 0,',
        "tests/conformance/test_store_budget.py",
        f"{DIALER}test_dialing_budget.py",
    ),
    _bug(
        "calls come back at midnight: a fixed window",
        "dialer/answers.py",
        "until=max(now, attempt.reserved_at or now) + BUDGET_WINDOW)",
        "until=(now + BUDGET_WINDOW).replace(hour=0, minute=0))",
        f"{DIALER}test_dialing_budget.py",
    ),
    _bug(
        "calls drip back one by one: GCRA",
        "dialer/answers.py",
        "until=max(now, attempt.reserved_at or now) + BUDGET_WINDOW)",
        "until=now + BUDGET_WINDOW / 100)",
        f"{DIALER}test_dialing_budget.py",
    ),
    _bug(
        "the window is an hour too short",
        "domain/budget.py",
        "BUDGET_WINDOW = timedelta(hours=24)",
        "BUDGET_WINDOW = timedelta(hours=23)",
        f"{DIALER}test_dialing_budget.py",
    ),
    _bug(
        "minutes that were talked are not counted",
        "dialer/aftermath.py",
        "minutes=ended.talk_minutes or 0.0",
        "minutes=0.0",
        f"{DIALER}test_dialing_budget.py",
    ),
    _bug(
        "calls in progress are trusted to be short",
        "domain/budget.py",
        "            _times(self.minutes_at_worst, need.minutes_max),\n",
        "",
        f"{DIALER}test_dialing_budget.py",
    ),
    _bug(
        "what nobody can tell gives its budget back",
        "dialer/aftermath.py",
        "    if ended.disposition in NO_CALL_MADE:",
        "    if ended.disposition in NO_CALL_MADE | {Disposition.UNKNOWN}:",
        f"{DIALER}test_collecting.py",
        f"{DIALER}test_lost_replies.py",
    ),
    _bug(
        "calls of others in the list are not counted",
        "dialer/run.py",
        "    await place_foreign_use(shift)\n",
        "    await asyncio.sleep(0)\n",
        f"{DIALER}test_rate_limits.py",
    ),
    _bug(
        "what the server counts beyond our ledger is forgotten",
        "domain/budget.py",
        "calls=max(unplaced.calls + beyond.calls, 0),",
        "calls=0,",
        f"{DIALER}test_rate_limits.py",
    ),
    _bug(
        "what others used is forgotten for what is reserved for calls in progress",
        "dialer/foreign_use.py",
        "settled=used.settled + used.unplaced, reserved=begun",
        "settled=used.settled + used.unplaced + used.reserved, reserved=begun",
        f"{DIALER}test_rate_limits.py",
    ),
    _bug(
        "a signal is heard in the next turn of the loop, after a batch went out",
        "cli/dialing.py",
        "        stopping.set()\n\n    kept",
        "        loop.call_soon_threadsafe(loop.call_soon, stopping.set)\n\n    kept",
        f"{DIALER}test_stopping.py",
    ),
    _bug(
        "a database file that was copied with its folder is taken for the original",
        "adapters/store/installation.py",
        "if mark.inode not in (None, self._inode()):",
        "if mark.inode == 0:",
        "tests/integration/test_sqlite_files.py",
    ),
    _bug(
        "a request is sent however old its intent grew while it was connected",
        "adapters/inkbox/placing.py",
        "min(self._clock.monotonic() + self._deadline_seconds, request.send_before)",
        "self._clock.monotonic() + self._deadline_seconds",
        "tests/integration/test_inkbox_client.py",
    ),
    _bug(
        "a 429 holds nobody",
        "dialer/answers.py",
        "tx.hold(shift.organisation, until=limited.hold_until, reason=reason, now=now)",
        "limited.hold_until.isoformat()",
        f"{DIALER}test_rate_limits.py",
    ),
    _bug(
        "a 429 uses up the try",
        "dialer/answers.py",
        "        case RateLimited() as limited:\n"
        "            _put_back(tx, answer.attempt, reason=reason, now=now)\n",
        "        case RateLimited() as limited:\n"
        "            _refuse(shift, tx, answer.attempt, Disposition.FAILED, reason=reason)\n",
        f"{DIALER}test_rate_limits.py",
    ),
    _bug(
        "a hold is not asked for right before the dial",
        "dialer/dispatch.py",
        "return standing.hold_reason",
        "return None",
        f"{DIALER}test_stopping.py",
    ),
    # ------------------------------------------------------------ who may be called
    _bug(
        "the calling window is asked only when somebody is chosen",
        "dialer/dispatch.py",
        "if not window.is_open(shift.clock.now(), contact.zones):",
        "if window is None:",
        f"{DIALER}test_when_to_dial.py",
    ),
    _bug(
        "an unknown time zone may be called",
        "domain/calling_window.py",
        "return bool(effective) and all(",
        "return all(",
        "tests/unit/domain/test_calling_window.py",
    ),
    _bug(
        "the suppression list is asked only when somebody is chosen",
        "dialer/dispatch.py",
        "if attempt.number in suppressed:",
        "if attempt.number is suppressed:",
        f"{DIALER}test_suppressing.py",
    ),
    _bug(
        "the suppression list is not asked when somebody is chosen",
        "domain/eligibility.py",
        "if facts.suppressed_because is not None:",
        "if facts.suppressed_because is contact:",
        "tests/unit/domain/test_eligibility.py",
    ),
    _bug(
        "caps count the calls of one campaign alone",
        "dialer/intents.py",
        "            facts[contact.id],\n            rules=",
        "            facts[contact.id]\n"
        "            if contact.attempts_used\n"
        "            else replace(facts[contact.id], dialed_at=()),\n"
        "            rules=",
        f"{DIALER}test_dead_shifts.py",
    ),
    _bug(
        "a cool-down of another campaign does not count",
        "domain/eligibility.py",
        "if facts.cooling_until is not None:",
        "if facts.cooling_until is contact:",
        f"{DIALER}test_calling_rules.py",
    ),
    # ------------------------------------------------------------ stopping
    _bug(
        "a stop counts only after the batch",
        "dialer/dispatch.py",
        "        if shift.stopping.is_set():\n            return STOPPED\n",
        "",
        f"{DIALER}test_stopping.py",
    ),
    _bug(
        "a pause counts only after the batch",
        "dialer/dispatch.py",
        "if standing.state is not CampaignState.ACTIVE:",
        "if standing.state is None:",
        f"{DIALER}test_stopping.py",
    ),
    _bug(
        "a clock that is wrong is believed",
        "dialer/choose.py",
        "abs(skew) > shift.timing.skew_max:",
        "abs(skew) > shift.timing.skew_max * 10_000:",
        f"{DIALER}test_stopping.py",
    ),
    _bug(
        "failures in a row never pause the campaign",
        "dialer/breaker.py",
        "if len(failed) >= shift.campaign.breaker:",
        "if len(failed) < 0:",
        f"{DIALER}test_stopping.py",
    ),
    _bug(
        "a lost dialing lock is not noticed",
        "dialer/choose.py",
        "if trouble.stop_reason is None and not shift.lock.is_held():",
        "if trouble.stop_reason is None and shift.lock is None:",
        f"{DIALER}test_races.py",
    ),
)
