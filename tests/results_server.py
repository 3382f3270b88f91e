"""An HTTP server on a real socket that takes results as inkbatch does, and may fail on the way.

Written from the interface alone, with nothing of inkbatch.
"""

import asyncio
import json
from contextlib import asynccontextmanager

TOKEN = "agent-token-1"
CONTACT = {
    "number": "+14155550132",
    "zones": ["America/Los_Angeles"],
    "fields": {"first_name": "Dagny", "clinic": "Harbour Dental"},
}


class ResultsServer:
    """Knows the attempts `a1` and `a2`; `faults` are what happens to the next requests, in order.

    A fault is a status to answer with, `drop` (close before reading), `lose` (do it, then close
    without an answer), `half` (half an answer), `hang` (never answer) or `garbage`.
    """

    def __init__(self, *faults):
        self.faults = list(faults)
        self.requests, self.results = [], []
        self.arrived = asyncio.Event()

    async def answer(self, reader, writer):
        """Serve one connection for as long as it lasts."""
        try:
            while True:
                await self._answer_one(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer_one(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        fault = self.faults.pop(0) if self.faults else None
        if fault == "drop":
            raise ConnectionError
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        method, path, _ = first.split(" ")
        told = json.loads(body) if body else None
        self.requests.append((method, path, headers, told))
        if isinstance(fault, int):
            return await _write(writer, fault, {"detail": "as ordered"})
        if fault == "hang":
            return await asyncio.Event().wait()
        status, answer = self._done(method, path, headers, told)
        if fault == "lose":
            raise ConnectionError
        if fault == "half":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
            raise ConnectionError
        await _write(writer, status, "garbage" if fault == "garbage" else answer)
        if method == "POST":
            self.arrived.set()
        return None

    def _done(self, method, path, headers, told):
        if headers.get("authorization") != f"Bearer {TOKEN}":
            return 401, {"detail": "wrong token"}
        *_, attempt_id = path.removesuffix("/result").split("/")
        if attempt_id not in ("a1", "a2") or not path.startswith("/api/v1/attempts/"):
            return 404, {"detail": "unknown attempt"}
        if method == "GET":
            return 200, {
                "attempt_id": attempt_id,
                "campaign": "trial",
                "ordinal": 2,
                "state": "placed",
                "contact": CONTACT,
                "new_key": 1,
            }
        if told["result"] == "refused":
            loc, msg = ["body", "fields"], "too many"
            return 422, {"detail": [{"loc": loc, "msg": msg, "input": "Dagny"}]}
        if told["id"] not in [each["id"] for each in self.results]:
            self.results.append({"attempt_id": attempt_id, **told})
        return 200, {
            "attempt_id": attempt_id,
            "result": told["result"],
            "effect": told["effect"],
            "effective": told["effect"] != "none",
            "why": "a result without an effect" if told["effect"] == "none" else None,
        }


@asynccontextmanager
async def results_server(*faults):
    """Run one on a free port of loopback; gives it and its URL."""
    server = ResultsServer(*faults)
    tasks = set()

    def serve(reader, writer):
        tasks.add(asyncio.create_task(server.answer(reader, writer)))

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server, f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _write(writer, status, answer):
    body = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
    head = f"HTTP/1.1 {status} Told\r\nContent-Length: {len(body)}\r\n"
    if 300 <= status < 400:
        head += "Location: http://127.0.0.1:1/elsewhere\r\n"
    writer.write(f"{head}Content-Type: application/json\r\n\r\n".encode() + body)
    await writer.drain()
