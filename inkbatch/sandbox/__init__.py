"""A pretend Inkbox for demos, tests and rehearsals: the calls API, its limits and its callees.

It shares no code with the client that is tested against it, so that a wrong reading of the API
page cannot hide on both sides.
"""

from inkbatch.sandbox.call import CallStatus, HangupReason, LedgerCall
from inkbatch.sandbox.carrier import Carrier, Fate
from inkbatch.sandbox.clock import Clock, RealClock, RunningClock, SpedUpClock
from inkbatch.sandbox.exchange import Exchange
from inkbatch.sandbox.faults.orders import FaultOrders
from inkbatch.sandbox.faults.reading import FaultsError, load_faults, read_orders
from inkbatch.sandbox.media.dialogue import Dialogue, Line
from inkbatch.sandbox.media.options import MediaMode, MediaOptions
from inkbatch.sandbox.media.record import StreamRecord, StreamState
from inkbatch.sandbox.options import SandboxOptions
from inkbatch.sandbox.organisations import (
    ORGANISATION_A,
    ORGANISATION_B,
    NumberStatus,
    Organisation,
    PhoneNumber,
    phone_number_id,
)
from inkbatch.sandbox.organisations_file import load_organisations
from inkbatch.sandbox.population import Population
from inkbatch.sandbox.population_file import load_population
from inkbatch.sandbox.pretend_inkbox import Sandbox
from inkbatch.sandbox.script import Behaviour, Outcome, Script, ScriptError, load_script
from inkbatch.sandbox.server import serve
from inkbatch.sandbox.switchboard import Listener, ListenerFactory, Switchboard
from inkbatch.sandbox.webhooks.sender import WebhookOptions

__all__ = [
    "ORGANISATION_A",
    "ORGANISATION_B",
    "Behaviour",
    "CallStatus",
    "Carrier",
    "Clock",
    "Dialogue",
    "Exchange",
    "Fate",
    "FaultOrders",
    "FaultsError",
    "HangupReason",
    "LedgerCall",
    "Line",
    "Listener",
    "ListenerFactory",
    "MediaMode",
    "MediaOptions",
    "NumberStatus",
    "Organisation",
    "Outcome",
    "PhoneNumber",
    "Population",
    "RealClock",
    "RunningClock",
    "Sandbox",
    "SandboxOptions",
    "Script",
    "ScriptError",
    "SpedUpClock",
    "StreamRecord",
    "StreamState",
    "Switchboard",
    "WebhookOptions",
    "load_faults",
    "load_organisations",
    "load_population",
    "load_script",
    "phone_number_id",
    "read_orders",
    "serve",
]
