"""A checked document becomes the domain's `Campaign`."""

from pathlib import Path

from inkbatch.adapters.campaign_files.document import (
    AttemptsTable,
    BudgetTable,
    CampaignDocument,
)
from inkbatch.adapters.campaign_files.rule_files import load_rule_set
from inkbatch.adapters.campaign_files.windows import build_window
from inkbatch.domain.budget import HeadRoom
from inkbatch.domain.call_list import Columns
from inkbatch.domain.campaign import BudgetRules, Campaign, FromNumber, Schedule
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.pacing import Pacing
from inkbatch.domain.pilot import Pilot
from inkbatch.domain.retry_policy import AttemptCap, RetryPolicy
from inkbatch.domain.sharing import Part


def build_campaign(document: CampaignDocument, *, folder: Path) -> Campaign:
    """Return the campaign, its paths made absolute from the campaign's own absolute folder.

    Raises CampaignFileError for a rule set that cannot be read.
    """
    return Campaign(
        name=document.name,
        call_list=_absolute(folder, document.call_list),
        sheet=document.sheet,
        columns=Columns(**document.columns.model_dump()),
        default_region=document.default_region,
        from_numbers=tuple(
            FromNumber(number=entry.number, id=entry.phone_number_id)
            for entry in document.from_numbers
        ),
        client_websocket_url=document.client_websocket_url,
        webhook_url=document.webhook_url,
        notice_url=document.notice_url,
        window=build_window(document.calling_window),
        retry=_retry(document.attempts),
        pacing=Pacing(
            calls_at_once=document.pacing.calls_at_once,
            calls_per_minute=document.pacing.calls_per_minute,
            shifts_at_once=document.pacing.shifts_at_once,
        ),
        budget=_budget(document.budget),
        suppression_files=tuple(_absolute(folder, path) for path in document.suppression_files),
        duplicates=document.duplicates,
        priority=document.priority,
        schedule=_schedule(document),
        breaker=document.breaker,
        rules=tuple(load_rule_set(name, folder=folder) for name in document.rules),
        state_column=document.state_column,
        cool_downs=document.cool_down.periods,
        expiry=document.expires,
        order=document.order,
        pilot=None if document.pilot is None else Pilot(calls=document.pilot.calls),
    )


def _absolute(folder: Path, path: str) -> str:
    return str((folder / path).resolve())


def _retry(table: AttemptsTable) -> RetryPolicy:
    rules = {
        Disposition(name): getattr(table.retry, name) for name in type(table.retry).model_fields
    }
    return RetryPolicy(
        attempts_max=table.max,
        delays={disposition: rule.after for disposition, rule in rules.items()},
        other_hour=frozenset(each for each, rule in rules.items() if rule.other_hour),
        other_number=frozenset(each for each, rule in rules.items() if rule.other_number),
        reached=frozenset(table.reached),
        caps=tuple(AttemptCap(attempts=cap.attempts, period=cap.period) for cap in table.per),
    )


def _budget(table: BudgetTable) -> BudgetRules:
    return BudgetRules(
        head_room=HeadRoom(calls=table.head_room_calls, minutes=table.head_room_minutes),
        predicted_minutes=table.predicted_minutes,
        minutes_max=table.minutes_max,
        overrun_minutes=table.overrun_minutes,
        guarantee=Part(
            share=table.guaranteed_share,
            calls=table.guaranteed_calls,
            minutes=table.guaranteed_minutes,
        ),
        ceiling=Part(
            share=table.ceiling_share, calls=table.ceiling_calls, minutes=table.ceiling_minutes
        ),
    )


def _schedule(document: CampaignDocument) -> Schedule | None:
    table = document.schedule
    if table is None:
        return None
    return Schedule(cron=table.cron, zone=table.zone, catch_up=table.catch_up)
