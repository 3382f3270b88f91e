"""Who is called and what came of it, over HTTP from and to inkbatch.

Every request may be sent again: reading changes nothing, and a result carries an id that inkbatch
takes once.
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_base, wait_random_exponential

from inkbatch.adapters.inkbox.address import KEY, checked_url
from inkbatch.adapters.inkbox.connections import Answer, Connections
from inkbatch.adapters.inkbox.trouble import reason_of
from inkbatch.agent.results import Acknowledgement, AttemptFacts, CalledContact, Result
from inkbatch.domain.errors import (
    ResultRefused,
    ResultsUnavailable,
    SettingsError,
    UnknownAttempt,
)
from inkbatch.settings import DEFAULT_RESULTS_URL, Settings, load_settings

AT_ONCE, REUSE_SECONDS = 20, 5.0
TRY_SECONDS, CONNECT_SECONDS = 10.0, 5.0
DETAIL_CHARACTERS_MAX = 300
OK, UNAUTHORIZED, NOT_FOUND, REQUEST_TIMEOUT, TOO_MANY, SERVER_ERRORS = 200, 401, 404, 408, 429, 500

Told = TypeVar("Told", bound=BaseModel)


def results_client(settings: Settings | None = None) -> "ResultsClient":
    """Return a client as the environment says: INKBATCH_RESULTS_URL and INKBATCH_AGENT_TOKEN.

    Raises SettingsError without a token.
    """
    settings = settings or load_settings()
    if not settings.agent_tokens:
        raise SettingsError(
            "INKBATCH_AGENT_TOKEN is not set, so inkbatch takes no result from this agent. Set it "
            "to the same value here and where inkbatch runs."
        )
    return ResultsClient(settings.results_url, settings.agent_tokens[0])


class ResultsClient:
    """Asks and tells inkbatch; fulfils `Attempts` and `Results`.

    Uses https, or http on this machine; follows no redirect and no proxy of the environment.
    Each question is tried `tries_max` times within `deadline` over all. `transport` replaces the
    network. Raises SettingsError for a URL or token that cannot be used.
    """

    def __init__(
        self,
        url: str = DEFAULT_RESULTS_URL,
        token: SecretStr | str = "",
        *,
        tries_max: int = 6,
        deadline: timedelta = timedelta(seconds=30),
        back_off: wait_base | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._url = checked_url(
            url,
            setting="INKBATCH_RESULTS_URL",
            secret="INKBATCH_AGENT_TOKEN",  # noqa: S106 (the name of a setting)
            example=DEFAULT_RESULTS_URL,
        )
        self._token = _checked_token(token)
        self._tries_max = tries_max
        self._deadline = deadline
        self._back_off = back_off or wait_random_exponential(multiplier=0.2, max=5)
        self._connections = _connections(transport)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def attempt(self, attempt_id: str) -> AttemptFacts:
        """Return what inkbatch knows of an attempt.

        Raises UnknownAttempt, ResultRefused for a wrong token, ResultsUnavailable.
        """
        answer = await self._ask("GET", attempt_id, "")
        return _read(_WireAttempt, answer).as_facts()

    async def post(self, attempt_id: str, result: Result) -> Acknowledgement:
        """Tell inkbatch what came of an attempt; once, however often it is sent.

        Raises UnknownAttempt, ResultRefused (a wrong token, or a result that it does not take),
        and ResultsUnavailable, after which the same `result` may be posted again.
        """
        answer = await self._ask("POST", attempt_id, "/result", result.as_json())
        return Acknowledgement(**_read(_WireAcknowledgement, answer).model_dump())

    async def aclose(self) -> None:
        """Close every connection."""
        await self._connections.aclose()

    async def _ask(
        self, method: str, attempt_id: str, what: str, body: Mapping[str, Any] | None = None
    ) -> Answer:
        path = f"/api/v1/attempts/{quote(attempt_id, safe='')}{what}"
        retrying = AsyncRetrying(
            stop=stop_after_attempt(self._tries_max),
            wait=self._back_off,
            retry=retry_if_exception_type(_TryAgain),
            reraise=True,
        )
        try:
            async with asyncio.timeout(self._deadline.total_seconds()):
                return await retrying(self._ask_once, method, path, body)
        except _TryAgain as spent:
            raise self._unavailable(str(spent)) from spent.__cause__
        except TimeoutError as error:
            raise self._unavailable("it took too long over all") from error

    async def _ask_once(self, method: str, path: str, body: Mapping[str, Any] | None) -> Answer:
        request = httpx.Request(
            method,
            f"{str(self._url).rstrip('/')}{path}",
            json=body,
            headers={
                "Authorization": f"Bearer {self._token.get_secret_value()}",
                "Accept": "application/json",
                "User-Agent": "inkbatch-agent",
            },
            extensions={"timeout": httpx.Timeout(TRY_SECONDS, connect=CONNECT_SECONDS).as_dict()},
        )
        try:
            async with asyncio.timeout(TRY_SECONDS):
                answer = await self._connections.send(request)
        except (httpx.HTTPError, TimeoutError) as error:
            raise _TryAgain(reason_of(error)) from error
        if answer.status == OK:
            return answer
        if answer.status >= SERVER_ERRORS or answer.status in (REQUEST_TIMEOUT, TOO_MANY):
            raise _TryAgain(f"it answered {answer.status}")
        raise _refusal(answer)

    def _unavailable(self, reason: str) -> ResultsUnavailable:
        where = self._url.netloc.decode("ascii")
        return ResultsUnavailable(
            f"inkbatch at {where} does not answer: {reason}. Look whether it runs there, and "
            "whether INKBATCH_RESULTS_URL is right; posting the same result again is safe."
        )


class _TryAgain(Exception):
    """Tells tenacity that a failure may pass."""


class _Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class _WireContact(_Wire):
    number: str
    zones: tuple[str, ...] = ()
    fields: dict[str, str] = {}


class _WireAttempt(_Wire):
    attempt_id: str
    campaign: str
    ordinal: int
    state: str
    contact: _WireContact

    def as_facts(self) -> AttemptFacts:
        told = {name: getattr(self, name) for name in type(self).model_fields}
        return AttemptFacts(**{**told, "contact": CalledContact(**self.contact.model_dump())})


class _WireAcknowledgement(_Wire):
    attempt_id: str
    result: str
    effect: str
    effective: bool
    why: str | None = None


def _read(model: type[Told], answer: Answer) -> Told:
    try:
        return model.model_validate_json(answer.body)
    except ValidationError as error:
        raise ResultsUnavailable(
            "what answers at INKBATCH_RESULTS_URL is not inkbatch, or of another version: its "
            "answer cannot be read"
        ) from error


def _refusal(answer: Answer) -> Exception:
    if answer.status == NOT_FOUND:
        return UnknownAttempt(
            "inkbatch knows no attempt of this id. Is INKBATCH_RESULTS_URL the inkbatch that "
            "placed the call, with the same database?"
        )
    if answer.status == UNAUTHORIZED:
        return ResultRefused(
            "inkbatch does not take the agent's token. Set INKBATCH_AGENT_TOKEN to the same value "
            "here and where inkbatch runs."
        )
    return ResultRefused(f"inkbatch answered {answer.status}: {_detail(answer)}")


def _detail(answer: Answer) -> str:
    """Return what a validation error says of places and rules, never the values it repeats."""
    try:
        problems = _WireProblems.model_validate_json(answer.body).detail
    except ValidationError:
        return "it gave no reason that can be read"
    if isinstance(problems, str):
        return problems[:DETAIL_CHARACTERS_MAX]
    told = "; ".join(f"{'.'.join(map(str, each.loc))}: {each.msg}" for each in problems)
    return told[:DETAIL_CHARACTERS_MAX]


class _WireProblem(_Wire):
    loc: tuple[str | int, ...] = ()
    msg: str = ""


class _WireProblems(_Wire):
    detail: str | list[_WireProblem]


def _checked_token(token: SecretStr | str) -> SecretStr:
    text = token.get_secret_value() if isinstance(token, SecretStr) else token
    if not KEY.fullmatch(text):
        raise SettingsError(
            "INKBATCH_AGENT_TOKEN is empty or holds blanks or characters that no token has."
        )
    return SecretStr(text)


def _connections(transport: httpx.AsyncBaseTransport | None) -> Connections:
    if transport is not None:
        return Connections([transport])
    context = httpx.create_ssl_context(trust_env=False)
    return Connections.pooled(context, at_once=AT_ONCE, reuse_seconds=REUSE_SECONDS)
