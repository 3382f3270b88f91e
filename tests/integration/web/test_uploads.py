"""A file on its way in: capped while it streams, known by its bytes, looked through, given back."""

import io
import socket
import time

import openpyxl
import pytest

from inkbatch.ports.viewing import ContactFilter
from inkbatch.web.access.guard import COOKIE
from inkbatch.web.lists.receiving import LIMITS

ENDED_WITHIN_SECONDS = 60
LIST = b"Name,Phone\nAnn,+12125550100\nBob,+12125550100\nCy,12\nDi,=1+1\n"


def put(client, name, content, **query):
    """Upload a file as the page's script does; return the answer."""
    headers = {"Accept": "application/json"}
    return client.post("/uploads", params={"name": name, **query}, content=content, headers=headers)


def found(client, name="list.csv", content=LIST, **query):
    """Upload a file and return its page's path, once the list was looked through."""
    path = put(client, name, content, **query).json()["next"]
    give_up_at = time.monotonic() + ENDED_WITHIN_SECONDS
    while "Reading the list" in client.get(path).text:
        assert time.monotonic() < give_up_at
    return path


def test_a_body_that_says_it_is_too_large_is_refused_at_once(page):
    """413 comes before anything of the body was sent."""
    with page.visitor() as client:
        answer = raw_upload(page, client, length=2**40, sent=b"")
    assert answer.startswith(b"HTTP/1.1 413")


def test_a_body_without_a_length_is_cut_off_at_its_limit(page):
    """Chunks that never end are answered 413 long before their end, and nothing is kept."""
    with page.visitor() as client:
        answer = endless_upload(page, client)
    assert b"HTTP/1.1 413" in answer
    assert list(page.office.uploads.iterdir()) == []


def raw_upload(page, client, *, length, sent):
    with connected(page) as sock:
        sock.sendall(head(page, client, f"Content-Length: {length}", name="list.csv") + sent)
        return sock.recv(4096)


def endless_upload(page, client):
    """Send one chunk more than a workbook may have, and no end; return what is answered."""
    mib = b"x" * 2**20
    chunk = b"%x\r\n%s\r\n" % (len(mib), mib)
    with connected(page) as sock:
        sock.sendall(head(page, client, "Transfer-Encoding: chunked", name="list.xlsx"))
        for _ in range(LIMITS.workbook_bytes_max // 2**20):
            sock.sendall(chunk)
        sock.sendall(b"1\r\nx\r\n")
        return sock.recv(4096)


def connected(page):
    host, port = page.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=60)


def head(page, client, length, *, name):
    lines = (
        f"POST /uploads?name={name} HTTP/1.1",
        f"Host: {page.url.removeprefix('http://')}",
        "Sec-Fetch-Site: same-origin",
        f"Cookie: {COOKIE}={client.cookies[COOKIE]}",
        length,
    )
    return "\r\n".join((*lines, "", "")).encode()


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("list.exe", b"MZ", "does not end in one of"),
        ("list", b"a,b", "does not end in one of"),
        ("list.csv.html", b"<html>", "does not end in one of"),
        ("list.xls", bytes.fromhex("D0CF11E0A1B11AE1"), "save it as .xlsx"),
        ("list.xlsm", b"PK\x03\x04", "may hold macros"),
        ("list.xlsx", b"Name,Phone\n", "cannot be read as XLSX"),
        ("list.xlsx", bytes.fromhex("D0CF11E0A1B11AE1"), "cannot be read as XLSX"),
        ("list.csv", b"PK\x03\x04 and more", "a workbook or another zip archive"),
        ("list.csv", b"%PDF-1.7", "a PDF document"),
        ("list.parquet", b"PAR1 without an end", "its end is missing"),
        ("list.csv", b"", "is empty"),
    ],
)
def test_what_is_no_list_by_name_or_bytes_is_refused(page, name, content, why):
    """The answer is 415 with a sentence, and nothing stays on the disk."""
    with page.visitor() as client:
        answer = put(client, name, content)
    assert answer.status_code == 415
    assert why in answer.json()["detail"]
    assert not page.office.uploads.exists() or list(page.office.uploads.iterdir()) == []


def test_a_file_name_leads_nowhere(page):
    """Folders in a name are dropped: the file stands in its own folder of uploads."""
    with page.visitor() as client:
        put(client, "../../../etc/cron.d/evil.csv", LIST)
    (kept,) = page.office.uploads.iterdir()
    assert {file.name for file in kept.iterdir()} == {"evil.csv", "upload.json"}


def test_every_row_is_accounted_for(page):
    """The page tells how many rows are ready, doubled and not to be called, and why."""
    with page.visitor() as client:
        path = found(client)
        doubled = client.get(path, params={"status": "duplicate"}).text
        rejected = client.get(path, params={"status": "rejected"}).text
    assert "Row 2 has the same number" in doubled
    assert "The number is too short" in rejected


def test_the_corrected_file_runs_no_formula(page):
    """Cells that look like formulas come back as texts, each row with its reason."""
    with page.visitor() as client:
        path = found(client)
        book = openpyxl.load_workbook(io.BytesIO(client.get(f"{path}/corrected.xlsx").content))
        text = client.get(f"{path}/corrected.csv").content.decode("utf-8-sig")
    rows = list(book.active.iter_rows())
    assert rows[4][1].value == "=1+1"
    assert rows[4][1].data_type in ("s", "inlineStr")
    assert "'=1+1" in text
    assert rows[0][-1].value == "inkbatch reason"


def test_a_column_may_be_used_as_something_else(page):
    """A list without a phone column by its headers is read once a person says which it is."""
    content = b"Name,Where\nAnn,+12125550100\nBob,oops\n"
    with page.visitor() as client:
        path = found(client, content=content)
        client.post(f"{path}/columns", data={"use_0": "phone", "use_1": "", "region": "US"})
        wrong = settled(client, path)
        client.post(f"{path}/columns", data={"use_0": "", "use_1": "phone", "region": "US"})
        right = settled(client, path)
    assert "<b>2</b><span>Cannot be called" in wrong
    assert "<b>1</b><span>Ready to call" in right


def settled(client, path):
    while "Reading the list" in (text := client.get(path).text):
        continue
    return text


def test_a_new_list_takes_the_place_of_the_old_one(enrolled):
    """The campaign's file names the new list; who was taken in before stays in the account."""
    content = b"Phone\n+12125550100\n+12125550199\n"
    with enrolled.visitor() as client:
        path = found(client, "more.csv", content, campaign="reminders")
        client.post(f"{path}/campaign")
        assert client.post("/campaigns/reminders/prepare").status_code == 303
    with enrolled.office.store.reading() as tx:
        contacts = tx.contacts_page(1, only=ContactFilter(), after=0, limit=50)
    assert [each.number for each in contacts].count("+12125550100") == 1
    assert len(contacts) == 11


def test_a_made_campaign_is_the_command_line_s_too(page):
    """The folder holds the list and a file that names it; nobody is enrolled or dialed yet."""
    with page.visitor() as client:
        path = found(client)
        answer = client.post(f"{path}/campaign", data={"name": "spring"})
        again = client.post(f"{found(client)}/campaign", data={"name": "spring"})
        odd = client.post(f"{found(client)}/campaign", data={"name": "../spring"})
    folder = page.office.folder / "spring"
    assert answer.headers["location"] == "/campaigns/spring/setup"
    assert (folder / "list.csv").read_bytes() == LIST
    assert 'call_list = "list.csv"' in (folder / "campaign.toml").read_text("utf-8")
    assert (again.status_code, odd.status_code) == (422, 422)
    with page.office.store.reading() as tx:
        assert tx.campaigns() == []
