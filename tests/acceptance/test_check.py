"""`inkbatch check` as a person sees it who waits for a long list."""

import os

import pytest


def shown(terminal, *words):
    """Run `inkbatch check` before a terminal, and return the code and all that it showed."""
    reader, screen = os.openpty()
    try:
        with terminal.started("check", *words, TERM="xterm", output=screen) as process:
            os.close(screen)
            text = b"".join(iter(lambda: some_of(reader), b""))
            return process.wait(), text.decode()
    finally:
        os.close(reader)


def some_of(reader):
    """Return what comes next; a terminal whose program has ended is at its end, or broken."""
    try:
        return os.read(reader, 65_536)
    except OSError:
        return b""


@pytest.mark.parametrize("out", [(), ("--out", "findings.csv")])
def test_check_tells_how_far_it_is(terminal, out):
    """A terminal shows that the list is being read, and the account of it when that is done."""
    people = "".join(f"Ann,+1415555{last:04d}\n" for last in range(100, 200))
    (terminal.folder / "people.csv").write_text(f"Name,Phone\n{people}")
    code, text = shown(terminal, "people.csv", *out)
    assert code == 0
    assert "Reading the call list" in text
    assert text.index("100 rows") < text.index("people.csv: 100 rows")


def test_check_tells_scripts_nothing_but_the_account(terminal):
    """With --json there is one document and no progress, even before a terminal."""
    (terminal.folder / "people.csv").write_text("Name,Phone\nAnn,+14155550100\n")
    code, text = shown(terminal, "people.csv", "--json")
    assert code == 0
    assert "Reading" not in text
