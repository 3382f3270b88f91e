"""Where a key may go in plain text."""

import pytest

from inkbatch.domain.this_machine import is_this_machine


@pytest.mark.parametrize(
    ("host", "is_here"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost.example.com", False),
        ("127.0.0.1.example.com", False),
        ("10.0.0.1", False),
        ("::", False),
        ("", False),
    ],
)
def test_only_loopback_is_this_machine(host, is_here):
    """A name that merely begins like one of ours leads elsewhere."""
    assert is_this_machine(host) is is_here
