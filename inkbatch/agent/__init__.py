"""A kit for the person who writes the agent that talks on the phone.

::

    async def remind(call: AgentCall) -> None:
        async for event in call.events():
            match event:
                case Started():
                    contact = await call.contact()
                    await call.say(f"Hello {contact.fields['first_name']}, will you come?")
                case Heard(text=text, is_final=True) if "yes" in text.lower():
                    await call.say("Wonderful. Good-bye!")
                    await call.hang_up()
                    await call.post_result("confirmed", effect=Effect.SUCCESS)

    app = agent_app(remind, results=results_client())
"""

from inkbatch.agent.app import AgentApp, Handler, agent_app
from inkbatch.agent.call import AgentCall
from inkbatch.agent.events import AudioReceived, Event, Heard, Interrupted, Started, Stopped
from inkbatch.agent.handshake import CallContext
from inkbatch.agent.limits import Limits
from inkbatch.agent.local_contacts import LocalContacts, local_contacts
from inkbatch.agent.pipeline import Pipeline
from inkbatch.agent.results import (
    Acknowledgement,
    AttemptFacts,
    Attempts,
    CalledContact,
    Result,
    Results,
    Utterance,
)
from inkbatch.agent.results_client import ResultsClient, results_client
from inkbatch.agent.serving import agent_on_loopback, serve_agent
from inkbatch.domain.result import Effect, Party

__all__ = [
    "Acknowledgement",
    "AgentApp",
    "AgentCall",
    "AttemptFacts",
    "Attempts",
    "AudioReceived",
    "CallContext",
    "CalledContact",
    "Effect",
    "Event",
    "Handler",
    "Heard",
    "Interrupted",
    "Limits",
    "LocalContacts",
    "Party",
    "Pipeline",
    "Result",
    "Results",
    "ResultsClient",
    "Started",
    "Stopped",
    "Utterance",
    "agent_app",
    "agent_on_loopback",
    "local_contacts",
    "results_client",
    "serve_agent",
]
