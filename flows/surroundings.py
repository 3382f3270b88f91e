"""Where the flows of this process work; the demo puts its sandbox and clock here."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace

from pydantic import SecretStr

from inkbatch.dialer.run import OnPass
from inkbatch.domain.errors import SettingsError
from inkbatch.settings import load_service_settings
from inkbatch.wiring import Workplace


def _of_the_environment() -> Workplace:
    return Workplace(settings=load_service_settings())


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """The workplace of the environment, unless somebody put up another one.

    Where it is not `is_watched`, as in the demo, no notice is told and no progress shown.
    """

    workplace: Workplace = field(default_factory=_of_the_environment)
    on_pass: OnPass | None = None
    is_watched: bool = True


_current: ContextVar[Surroundings | None] = ContextVar("surroundings", default=None)


def surroundings() -> Surroundings:
    """Return what the flows of this process work with."""
    return _current.get() or Surroundings()


async def surroundings_with_key() -> Surroundings:
    """Do the same, with the key from the Prefect Secret block that INKBATCH_API_KEY_BLOCK names.

    It is in this process alone: in no parameter, state or deployment. Raises SettingsError where
    the block cannot be read.
    """
    here = surroundings()
    settings = here.workplace.settings
    if not settings.api_key_block or (settings.api_key and settings.api_key.get_secret_value()):
        return here
    key = await _key_in(settings.api_key_block)
    with_key = settings.model_copy(update={"api_key": key})
    return replace(here, workplace=replace(here.workplace, settings=with_key))


async def _key_in(block: str) -> SecretStr:
    from prefect.blocks.system import Secret

    try:
        secret: Secret[str] = await Secret.aload(block)
    except ValueError as error:
        raise SettingsError(
            f"there is no Secret block {block} on the Prefect server, or it cannot be read. Make "
            "it on Prefect's page under Blocks, or correct INKBATCH_API_KEY_BLOCK."
        ) from error
    return SecretStr(str(secret.value.get_secret_value()))


@contextmanager
def within(new: Surroundings) -> Iterator[None]:
    """Let the flows started inside the block work with `new`."""
    token = _current.set(new)
    try:
        yield
    finally:
        _current.reset(token)
