"""A Prefect server that serve is told to use, and what may stand at its address instead."""

import socket
from contextlib import contextmanager
from threading import Thread

import pytest

from flows.local_server import require_answer
from inkbatch.domain.errors import InkbatchError


@contextmanager
def greeting(words):
    """Something on this machine that says a few words to its first caller."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def greet():
            caller, _ = listening.accept()
            with caller:
                caller.recv(4096)
                caller.sendall(words)

        thread = Thread(target=greet)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/api"
        thread.join()


@pytest.mark.parametrize("address", ["http://localhost:abc/api", "http://a b/api", "nowhere"])
def test_an_address_that_cannot_be_one_is_a_sentence(address):
    """A typing mistake in PREFECT_API_URL shows no traceback."""
    with pytest.raises(InkbatchError, match="no Prefect server answers at"):
        require_answer(address)


def test_whoever_does_not_speak_http_is_no_prefect_server():
    """Such as an SSH server at the port that was typed."""
    with (
        greeting(b"SSH-2.0-OpenSSH_9.6\r\n") as address,
        pytest.raises(InkbatchError, match="no Prefect server answers at"),
    ):
        require_answer(address)


def test_a_server_that_wants_a_key_answers():
    """Prefect itself says later what it wants; it is there."""
    with greeting(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n") as address:
        require_answer(address)
