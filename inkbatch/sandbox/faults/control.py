"""`/sandbox/faults`: see, order and lift the faults of a sandbox that runs."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request

from inkbatch.sandbox.faults.book import FaultBook
from inkbatch.sandbox.faults.orders import FaultOrders
from inkbatch.sandbox.faults.reading import FaultsError, read_orders


async def _book(request: Request) -> FaultBook:
    book: FaultBook = request.app.state.fault_book
    return book


TheBook = Annotated[FaultBook, Depends(_book)]

# Not in the OpenAPI document: who sends generated requests there is not to order faults.
router = APIRouter(prefix="/sandbox/faults", include_in_schema=False)


@router.get("")
async def get_faults(book: TheBook) -> dict[str, Any]:
    """Tell the faults in force, each with its occasions and how often it struck."""
    return book.told()


@router.put("")
async def order_faults(book: TheBook, request: Request) -> dict[str, Any]:
    """Order faults instead of those in force, and start all counts anew; 422 says what is wrong.

    The body is that of a file of faults, as JSON: `{"seed": 1, "faults": [{"fault": "hang",
    "when": "after", "times": 1}]}`.
    """
    try:
        book.order(read_orders(await _json(request), source="faults"))
    except FaultsError as error:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error
    return book.told()


@router.delete("")
async def lift_faults(book: TheBook) -> dict[str, Any]:
    """Lift every fault."""
    book.order(FaultOrders())
    return book.told()


async def _json(request: Request) -> Any:
    try:
        return await request.json()
    except (ValueError, RecursionError) as error:
        raise FaultsError(f"the body is no JSON: {error}") from error
