"""The organisation's own numbers, offered beside the field that they belong in."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from inkbatch.domain.errors import InkbatchError
from inkbatch.web.access.guard import only_operators
from inkbatch.web.fresh import Fresh
from inkbatch.web.office import Office
from inkbatch.web.templating import page

SHOWN_MAX, GOOD_FOR_SECONDS = 20, 60.0


def number_routes(office: Office) -> APIRouter:
    """Return the part of the settings' page that offers numbers; Inkbox is asked once a minute."""
    router = APIRouter(dependencies=[Depends(only_operators)])
    known = Fresh(make=office.own_numbers, good_for_seconds=GOOD_FOR_SECONDS)

    @router.get("/numbers")
    async def numbers(request: Request) -> HTMLResponse:
        """Offer those that may place calls, or say why they cannot be asked for."""
        try:
            own, problem = await known.latest(), None
        except InkbatchError as error:
            own, problem = (), str(error)
        return page(request, "setup/numbers.html", numbers=own[:SHOWN_MAX], problem=problem)

    return router
