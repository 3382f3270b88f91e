"""Why a request got no answer, in words for a person."""

import socket
import ssl
from collections.abc import Iterator

import httpx

from inkbatch.adapters.inkbox.connections import AnswerTooLong

KINDS: tuple[tuple[type[BaseException], str], ...] = (
    (httpx.PoolTimeout, "all connections were busy"),
    (httpx.ConnectTimeout, "no connection in time"),
    (httpx.ConnectError, "no connection could be made"),
    (httpx.TimeoutException, "no whole answer in time"),
    (TimeoutError, "no whole answer in time"),
    (AnswerTooLong, "the answer was too long"),
    (httpx.TransportError, "the connection broke before the answer was whole"),
)
"""What each kind of error means, the narrower kinds first."""


def reason_of(error: BaseException) -> str:
    """Return the plain reason: the operating system's where there is one, else httpx's."""
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return "its certificate is not trusted"
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return "its name cannot be resolved"
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return "connection refused"
    return _kind(error)


def _kind(error: BaseException) -> str:
    unforeseen = f"the answer could not be read ({type(error).__name__})"
    return next((words for kind, words in KINDS if isinstance(error, kind)), unforeseen)


def _causes(error: BaseException) -> Iterator[BaseException]:
    yield error
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _causes(part)
    following = error.__cause__ or error.__context__
    if following is not None:
        yield from _causes(following)
