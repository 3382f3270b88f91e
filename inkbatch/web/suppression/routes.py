"""The suppression list: searched, added to, imported, taken from, and given out."""

from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from inkbatch.adapters.call_lists.cells import BadCell
from inkbatch.domain.phone_number import masked
from inkbatch.web.access.guard import only_operators, person_of, sees_masks_alone
from inkbatch.web.campaigns.report import FORMS, attached
from inkbatch.web.forms import Form, read_form
from inkbatch.web.lists.receiving import UPLOAD_BYTES_MAX
from inkbatch.web.office import Office
from inkbatch.web.suppression.verbs import Asked, bring_in_body, list_as_file, suppress, take_off
from inkbatch.web.templating import page

PATH = "/never-call"
SHOWN_MAX = 200


def suppression_routes(office: Office) -> APIRouter:
    """Return the page of the list and what changes it; all is written into the log."""
    router = APIRouter(prefix=PATH)

    @router.get("")
    def listed(
        request: Request,
        q: Annotated[str, Query(max_length=100)] = "",
        said: Annotated[str, Query(max_length=300)] = "",
    ) -> HTMLResponse:
        is_part = request.headers.get("hx-target") == "rows"
        template = "suppression/rows.html" if is_part else "suppression/page.html"
        rows = _listed(office, q, shown_digits_only=sees_masks_alone(request))
        return page(request, template, **rows, said=said, problem=None, form=Form({}))

    @router.post("")
    async def add(request: Request) -> Response:
        form = await read_form(request)
        return await run_in_threadpool(_add, office, request, form)

    @router.post("/remove")
    async def remove(request: Request) -> RedirectResponse:
        form = await read_form(request)
        return await run_in_threadpool(_remove, office, request, form["number"])

    @router.post("/import")
    async def bring(
        request: Request,
        name: Annotated[str, Query(max_length=1_000)],
        region: Annotated[str, Query(max_length=60)] = "",
    ) -> JSONResponse:
        """Take a file as the body of the request; all of its numbers or none."""
        file, added = await bring_in_body(office, request, name=name, region=region)
        sentence = f"{file}: {added} numbers are new on the list."
        return JSONResponse({"next": f"{PATH}?{urlencode({'said': sentence})}"})

    @router.get("/export{form}", dependencies=[Depends(only_operators)])
    def export(request: Request, form: str) -> Response:
        content = list_as_file(office, person_of(request), form)
        return Response(content, media_type=FORMS[form], headers=attached(f"never-call{form}"))

    return router


def _add(office: Office, request: Request, form: Form) -> Response:
    asked = Asked(
        number=form["number"], region=form["region"], reason=form["reason"], until=form["until"]
    )
    try:
        entry = suppress(office, person_of(request), asked)
    except BadCell as bad:
        values = {**_listed(office), "said": "", "problem": str(bad), "form": form}
        return page(
            request,
            "suppression/page.html",
            http_status=HTTPStatus.UNPROCESSABLE_ENTITY,
            **values,
        )
    return _back(f"{masked(entry.number)} is on the list now.")


def _remove(office: Office, request: Request, number: str) -> RedirectResponse:
    gone = take_off(office, person_of(request), number)
    if gone is None:
        return _back("That number is not on the list.")
    return _back(f"{masked(number)} was taken off the list: it may be called again.")


def _listed(office: Office, q: str = "", *, shown_digits_only: bool = False) -> dict[str, Any]:
    with office.store.reading() as tx:
        found = tx.suppressions(
            matching=q, shown_digits_only=shown_digits_only, limit=SHOWN_MAX + 1
        )
    return {
        "rows": found[:SHOWN_MAX],
        "has_more": len(found) > SHOWN_MAX,
        "shown_max": SHOWN_MAX,
        "q": q,
        "forms": FORMS,
        "most": UPLOAD_BYTES_MAX,
    }


def _back(sentence: str) -> RedirectResponse:
    return RedirectResponse(f"{PATH}?{urlencode({'said': sentence})}", HTTPStatus.SEE_OTHER)
