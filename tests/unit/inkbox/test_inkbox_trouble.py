"""Why a request got no answer, told in words a person can act on."""

import socket
import ssl

import httpx
import pytest

from inkbatch.adapters.inkbox.connections import AnswerTooLong
from inkbatch.adapters.inkbox.trouble import reason_of


def caused(by):
    error = httpx.ConnectError("All connection attempts failed")
    error.__cause__ = by
    return error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (caused(ConnectionRefusedError(111, "refused")), "connection refused"),
        (caused(ExceptionGroup("", [OSError(), ConnectionRefusedError()])), "connection refused"),
        (caused(socket.gaierror(-2, "not known")), "its name cannot be resolved"),
        (caused(ssl.SSLCertVerificationError(1, "self-signed")), "its certificate is not trusted"),
        (caused(OSError(113, "no route")), "no connection could be made"),
        (httpx.ConnectTimeout(""), "no connection in time"),
        (httpx.PoolTimeout(""), "all connections were busy"),
        (httpx.ReadTimeout(""), "no whole answer in time"),
        (TimeoutError(), "no whole answer in time"),
        (httpx.RemoteProtocolError(""), "the connection broke before the answer was whole"),
        (AnswerTooLong(""), "the answer was too long"),
        (KeyError("+14155550132"), "the answer could not be read (KeyError)"),
    ],
)
def test_names_what_went_wrong_without_repeating_any_data(error, reason):
    """The reason is the operating system's where there is one, and never a value."""
    assert reason_of(error) == reason
