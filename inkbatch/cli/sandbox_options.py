"""What can be said of `inkbatch sandbox` on the command line, and its help."""

from pathlib import Path
from typing import Annotated, Literal

import typer

Port = Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65_535)]
Host = Annotated[
    str, typer.Option(help="Address to listen on; others than loopback let anybody in.")
]
CallsLimit = Annotated[int, typer.Option(help="Calls per window; 0 lifts the limit.")]
MinutesLimit = Annotated[float, typer.Option(help="Minutes per window; 0 lifts it.")]
WindowSeconds = Annotated[float, typer.Option(help="The rolling window.")]
Seed = Annotated[int, typer.Option(help="The same seed: the same callees.")]
Durations = Annotated[
    float, typer.Option(help="Rings and talks are so many times as long: 0.01 is quick.")
]
Speed = Annotated[
    float, typer.Option(help="The sandbox's clock goes so many times as fast: 600 is quick.")
]
Start = Annotated[
    str | None,
    typer.Option(help="Where its clock starts, such as 2026-03-02T09:00-05:00; else now."),
]
DialFailureRate = Annotated[
    float | None, typer.Option(help="Share of dials that end in a 502; none unless told.")
]
ScriptFile = Annotated[
    Path | None, typer.Option(help="TOML file: what single callees do, and the odds of all others.")
]
OrganisationsFile = Annotated[
    Path | None, typer.Option(help="TOML file: who has an account, with keys, numbers and limits.")
]
FaultsFile = Annotated[
    Path | None, typer.Option(help="TOML file of faults: lost answers, resets, late lists, ...")
]
LedgerFile = Annotated[
    Path | None,
    typer.Option(help="File in which its calls outlive the sandbox; made where there is none."),
]
WebhookHosts = Annotated[
    list[str] | None,
    typer.Option(help="A host beside this machine that webhooks may be sent to; repeatable."),
]
Media = Annotated[
    Literal["real", "skip"],
    typer.Option(help="Connect answered calls to an agent on this machine, or never."),
]
MediaHosts = Annotated[
    list[str] | None,
    typer.Option(help="A host that agents may have besides this machine; may be repeated."),
]
Recordings = Annotated[
    Path | None, typer.Option(help="Folder for what agents of audio say, as <call id>.wav.")
]

HELP = """\
Run a pretend Inkbox on this machine; nobody is called.

    Point inkbatch at it with INKBATCH_BASE_URL=http://127.0.0.1:8765/api/v1/phone and
INKBATCH_API_KEY=sandbox. The API to read: http://127.0.0.1:8765/docs. What was really
dialed, also where the answer was lost: http://127.0.0.1:8765/sandbox/ledger
With --ledger FILE it is there again after the sandbox was ended or killed.

--durations 0.05 makes calls short and leaves the time alone, which is right for `inkbatch
run`. With --speed, limits, Retry-After and every time stamp go by the sandbox's own faster
clock, as the Date of its answers tells.

A script holds blocked = ["+1..."], a table `callees` from numbers to what they do, call by
call (answer, talk_on, never_ends, voicemail, reject, busy, no_answer, invalid_number,
dial_failed, dial_failed_kept, or {outcome = "answer", ring_seconds = 4, talk_seconds = 60}),
and a table `population` with odds and lengths, such as busy_odds = 0.1,
talk_median_seconds = 60 or max_duration_seconds = 300.

An answered call whose client_websocket_url leads to this machine is really talked with the
agent there, as text or audio; agents anywhere else count as unreachable. What a callee says
stands in the script as tables `dialogues.NAME`, which a callee names by dialogue = "NAME":
say = "..." or wav = "file.wav", with hears = "pattern" (interrupts = true: before the agent
has finished), after_silence_seconds or at_seconds, hangs_up = true, times = 3. What was said:
http://127.0.0.1:8765/sandbox/calls/CALL_ID/transcript

A file of organisations holds tables `organisation` with name, api_key, calls_limit and
tables `organisation.number` with number.

Status events go to the webhook_url of a call, signed with whsec_sandbox, and only to this
machine unless --webhook-host allows another. What became of them: /sandbox/webhooks

A file of faults holds tables `faults`, one for each, with fault = "reset", when = "after",
paths = ["/place-call"], rate = 0.1 (or times = 1, after = 10); one that does not exist is
answered with all there are. See, order and lift them while it runs by GET, PUT and DELETE of
/sandbox/faults, which also tells how often each struck.
"""
