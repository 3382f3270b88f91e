"""The suppression list: searched, added to, taken from, imported, exported."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response

from inkbatch.adapters.call_lists.cells import BadCell
from inkbatch.domain.phone_number import masked
from inkbatch.domain.suppression import Suppression
from inkbatch.web.access.guard import only_operators, person_of, sees_masks_alone
from inkbatch.web.api.files import FILE, TAKES_A_FILE
from inkbatch.web.api.models import (
    Imported,
    Suppress,
    Suppressions,
    SuppressionTold,
    Unsuppress,
)
from inkbatch.web.campaigns.report import FORMS
from inkbatch.web.office import Office
from inkbatch.web.suppression.verbs import Asked, bring_in_body, list_as_file, suppress, take_off

LIMIT, LIMIT_MAX = 200, 1_000


def suppression_routes(office: Office) -> APIRouter:
    """Return the list and what changes it; all is written into the log."""
    router = APIRouter(prefix="/suppressions", tags=["suppression list"])

    @router.get("")
    def search(
        request: Request,
        q: Annotated[str, Query(max_length=100)] = "",
        limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = LIMIT,
    ) -> Suppressions:
        """Search by a part of the number or of the reason; the export has all.

        With a viewer's token a number is looked for by its last four digits, which are shown.
        """
        matching, masks = q.replace("\0", ""), sees_masks_alone(request)
        with office.store.reading() as tx:
            found = tx.suppressions(matching=matching, shown_digits_only=masks, limit=limit + 1)
        return Suppressions(
            suppressions=[_told(each) for each in found[:limit]], has_more=len(found) > limit
        )

    @router.post("", status_code=HTTPStatus.CREATED)
    def add(request: Request, told: Suppress) -> SuppressionTold:
        """Put a number on the list; one that is there keeps the entry that lasts longer."""
        asked = Asked(number=told.number, region=told.region, reason=told.reason, until=told.until)
        try:
            return _told(suppress(office, person_of(request), asked))
        except BadCell as bad:
            raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, str(bad)) from None

    @router.post("/remove", status_code=HTTPStatus.NO_CONTENT)
    def remove(request: Request, told: Unsuppress) -> None:
        """Take a number off the list: it may be called again. It stands in no address."""
        if take_off(office, person_of(request), told.number) is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, "That number is not on the list.")

    @router.post("/import", openapi_extra=TAKES_A_FILE)
    async def bring(
        request: Request,
        name: Annotated[str, Query(max_length=1_000)],
        region: Annotated[str, Query(max_length=60)] = "",
    ) -> Imported:
        """Take a file of numbers: all of them or none."""
        _, added = await bring_in_body(office, request, name=name, region=region)
        return Imported(added=added)

    @router.get(
        "/export{form}",
        response_class=Response,
        responses=FILE,
        dependencies=[Depends(only_operators)],
    )
    def export(request: Request, form: str) -> Response:
        """Return the whole list as .csv, .xlsx or .parquet, with whole numbers: for operators."""
        content = list_as_file(office, person_of(request), form)
        return Response(content, media_type=FORMS[form])

    return router


def _told(entry: Suppression) -> SuppressionTold:
    return SuppressionTold(
        number=masked(entry.number),
        reason=entry.reason,
        source=entry.source,
        added_at=entry.added_at,
        expires_at=entry.expires_at,
    )
