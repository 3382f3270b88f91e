"""`/sandbox/faults`: see, order and lift the faults of a sandbox that runs."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, HTTPException, Request

from inkbatch.sandbox.faults.book import FaultBook
from inkbatch.sandbox.faults.orders import FaultOrders
from inkbatch.sandbox.faults.reading import FaultsError, read_orders


async def _book(request: Request) -> FaultBook:
    book: FaultBook = request.app.state.fault_book
    return book


TheBook = Annotated[FaultBook, Depends(_book)]

router = APIRouter(prefix="/sandbox/faults")


@router.get("")
async def get_faults(book: TheBook) -> dict[str, Any]:
    """Tell the faults in force, each with its occasions and how often it struck."""
    return book.told()


@router.put("", openapi_extra={"requestBody": {"content": {"application/json": {}}}})
async def order_faults(book: TheBook, orders: Annotated[Any, Body()]) -> dict[str, Any]:
    """Order faults instead of those in force; counts start anew. 422 says what is wrong."""
    try:
        book.order(read_orders(orders, source="faults"))
    except FaultsError as error:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error
    return book.told()


@router.delete("")
async def lift_faults(book: TheBook) -> dict[str, Any]:
    """Lift every fault."""
    book.order(FaultOrders())
    return book.told()
