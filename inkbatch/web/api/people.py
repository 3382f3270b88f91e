"""Attempts and people of a campaign: searched, filtered, one's whole story, those in review."""

from collections.abc import Mapping
from dataclasses import asdict
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request

from inkbatch.dialer.explain import Outlook, Told
from inkbatch.dialer.review import ReviewItem, review_queue
from inkbatch.domain.phone_number import masked
from inkbatch.ports.viewing import AttemptFilter, ContactFilter
from inkbatch.web.access.guard import person_of, sees_masks_alone
from inkbatch.web.api.models import (
    Attempts,
    AttemptTold,
    ObstacleTold,
    People,
    ResultTold,
    RowTold,
    Story,
)
from inkbatch.web.campaigns.contacts import Chapter, chapters_of, outlook_of
from inkbatch.web.campaigns.entries import find_entry
from inkbatch.web.campaigns.listing import (
    OUTCOME_CHOICES,
    STATE_CHOICES,
    ContactId,
    Search,
    list_attempts,
    list_people,
)
from inkbatch.web.campaigns.verbs import DECISIONS, decide, find_person
from inkbatch.web.office import Office

LIMIT, LIMIT_MAX = 100, 1_000
Cursor = Annotated[str, Query(max_length=100, description="`next_cursor` of the answer before.")]
Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX)]
# mypy knows enumerations of literal names alone; these are those of the page's own choices.
Outcome = StrEnum("Outcome", {key: key for key in OUTCOME_CHOICES})  # type: ignore[misc]
PersonState = StrEnum("PersonState", {key: key for key in STATE_CHOICES})  # type: ignore[misc]
Decision = StrEnum("Decision", {key: key for key in DECISIONS})  # type: ignore[misc]


def attempt_routes(office: Office) -> APIRouter:
    """Return what tells of single attempts."""
    router = APIRouter(prefix="/campaigns/{slug}", tags=["people"])

    @router.get("/attempts")
    def attempts(
        request: Request,
        slug: str,
        q: Search = "",
        outcome: Outcome | None = None,
        cursor: Cursor = "",
        limit: Limit = LIMIT,
    ) -> Attempts:
        """List attempts, the latest first; `q` is a part of the number.

        With a viewer's token it is looked for in the last four digits, which are shown.
        """
        only = AttemptFilter(
            disposition=outcome or "", number=q, shown_digits_only=sees_masks_alone(request)
        )
        found = list_attempts(
            office, find_entry(office, slug), only=only, after=cursor, limit=limit
        )
        lines: list[Any] = [_line(each) for each in found.rows]
        return Attempts(attempts=lines, next_cursor=found.after)

    return router


def people_routes(office: Office) -> APIRouter:
    """Return what tells of single people."""
    router = APIRouter(prefix="/campaigns/{slug}", tags=["people"])

    @router.get("/people")
    def people(
        request: Request,
        slug: str,
        q: Search = "",
        state: PersonState | None = None,
        cursor: Cursor = "",
        limit: Limit = LIMIT,
    ) -> People:
        """List people in the order of the list; `q` is a part of the number.

        With a viewer's token it is looked for in the last four digits, which are shown.
        """
        only = ContactFilter(
            state=state or "", number=q, shown_digits_only=sees_masks_alone(request)
        )
        found = list_people(
            office, find_entry(office, slug), only=only, after=cursor or "0", limit=limit
        )
        lines: list[Any] = [_line(each) for each in found.rows]
        return People(people=lines, next_cursor=found.after)

    @router.get("/people/{contact_id}")
    def person(
        request: Request, slug: str, contact_id: ContactId, *, whole_number: bool = False
    ) -> Story:
        """Tell a person's whole story; operators may ask for the whole number."""
        may_see = person_of(request).may_change
        if whole_number and not may_see:
            raise HTTPException(HTTPStatus.FORBIDDEN, "Whole numbers are for operators.")
        entry = find_entry(office, slug)
        told = find_person(office, entry, contact_id)
        story = _story(told, outlook_of(office, entry, told), may_see=may_see)
        return story.model_copy(update={"number": told.contact.number}) if whole_number else story

    return router


def review_routes(office: Office) -> APIRouter:
    """Return who is in review, and what is decided of them."""
    router = APIRouter(prefix="/campaigns/{slug}", tags=["people"])

    @router.get("/review")
    def review(slug: str) -> list[ReviewItem]:
        """List whose phone may have rung unseen, for somebody to decide."""
        return review_queue(office.store, find_entry(office, slug).stored)

    @router.post("/review/{contact_id}/{decision}", status_code=HTTPStatus.NO_CONTENT)
    def settle(request: Request, slug: str, contact_id: ContactId, decision: Decision) -> None:
        """Say of somebody in review what nobody but a person can tell."""
        entry = find_entry(office, slug)
        decide(office, person_of(request), entry, contact_id=contact_id, decision=decision)

    return router


def _line(seen: Any) -> Mapping[str, Any]:
    return {**asdict(seen), "number": masked(seen.number)}


def _story(told: Told, ahead: Outlook | None, *, may_see: bool) -> Story:
    contact = told.contact
    return Story(
        id=contact.id,
        number=masked(contact.number),
        zones=contact.zones,
        state=contact.state,
        why=contact.why,
        waits_until=contact.waits_until,
        expires_at=contact.expires_at,
        attempts_used=contact.attempts_used,
        never_call=told.suppression.reason if told.suppression else None,
        rows=[
            RowTold(file=row.file, row_number=row.row_number, status=row.status, reason=row.reason)
            for row in told.rows
        ],
        attempts=[_attempt(chapter, may_see=may_see) for chapter in chapters_of(told)],
        obstacles=[
            ObstacleTold(rule=each.rule, until=each.until, why=each.why)
            for each in (ahead.obstacles if ahead else ())
        ],
        next_at=ahead.next_at if ahead else None,
        binds_last=ahead.binds_last if ahead else None,
        never=ahead.never if ahead else None,
        fields=contact.fields if may_see else None,
    )


def _attempt(chapter: Chapter, *, may_see: bool) -> AttemptTold:
    attempt = chapter.attempt
    return AttemptTold(
        id=attempt.id,
        ordinal=attempt.ordinal,
        state=attempt.state,
        disposition=attempt.disposition,
        reason=attempt.reason,
        from_number=masked(attempt.from_number),
        reserved_at=attempt.reserved_at,
        placed_at=attempt.placed_at,
        ended_at=attempt.ended_at,
        talk_minutes=attempt.talk_minutes,
        call_id=attempt.call_id,
        results=[
            ResultTold(
                word=result.word,
                effect=result.effect,
                posted_at=result.posted_at,
                call_back_at=result.call_back_at,
                fields=result.fields if may_see else None,
                transcript=[asdict(said) for said in result.transcript] if may_see else None,
            )
            for result in chapter.results
        ],
    )
