"""The shape of an agent script: its keys, what each may hold, and what holds where it is silent.

A field's description says what is allowed; it is told with every error.
"""

from datetime import timedelta
from typing import Annotated, Any, Self

from pydantic import Field, PlainValidator, StringConstraints, model_validator

from inkbatch.adapters.campaign_files.tables import Table
from inkbatch.adapters.campaign_files.values import Duration
from inkbatch.agent.pipeline import Pipeline
from inkbatch.agent.results import CLOCK_TIME
from inkbatch.agent.script.answers import ANSWERS, TIME
from inkbatch.domain.result import Effect

HEARD = "heard"


def _one_of(kind: type[Pipeline] | type[Effect]) -> PlainValidator:
    def read(value: Any) -> Any:
        if value not in tuple(kind):
            raise ValueError(f"it is one of {', '.join(kind)}")
        return kind(value)

    return PlainValidator(read)


def _call_back_at(value: Any) -> str:
    if value != HEARD and not (isinstance(value, str) and CLOCK_TIME.fullmatch(value)):
        raise ValueError('write "heard" for the time the callee says, or a time such as "17:00"')
    return str(value)


Word = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,60}$")]
Spoken = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
Phrase = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Phrases = Annotated[list[Phrase], Field(min_length=1, max_length=200)]
Answers = dict[Word, Word]
CellText = Annotated[str, StringConstraints(max_length=1_000)]


class ToneTable(Table):
    """A tone instead of a recording."""

    tone_hz: Annotated[float, Field(ge=20, le=3_400)]
    """From 20 to 3400."""
    seconds: Annotated[float, Field(gt=0, le=60)]
    """Above 0, at most 60."""


class StepTable(Table):
    """Something the agent says, and where the conversation goes by what it hears."""

    say: Spoken | None = None
    """A text of 1 to 2000 characters; {contact.first_name} stands for the contact's field."""
    audio: Annotated[str, StringConstraints(min_length=1, max_length=1_000)] | ToneTable | None = (
        None
    )
    """A WAV file (16 bits, one channel, 8000 Hz), from this file's folder; or a tone such as
    { tone_hz = 440, seconds = 0.5 }."""
    on: Answers = Field(default_factory=dict)
    """A table from answers to steps, such as { yes = "confirmed" }; a step without it is the
    last one."""
    otherwise: Word | None = None
    """The step for what is not recognised; without it this step is said again."""
    result: Word | None = None
    """What came of the call once this step is reached: a-z, 0-9 and _, at most 60."""
    effect: Annotated[Effect, _one_of(Effect)] = Effect.NONE
    """One of success, call_back, do_not_call, none."""
    call_back_at: Annotated[str, PlainValidator(_call_back_at)] | None = None
    """With the effect call_back: "heard" for the time the callee said, or a time such as
    "17:00"."""
    call_back_after: Duration = timedelta(hours=2)
    """A duration such as "2h", for when no time was heard."""
    fields: Annotated[dict[Word, CellText], Field(max_length=50)] = Field(default_factory=dict)
    """A table of texts to post with the result, at most 50."""

    @model_validator(mode="after")
    def _result_fits(self) -> Self:
        if self.effect is not Effect.NONE and self.result is None:
            raise ValueError(f'effect = "{self.effect}" needs a result, the word for it in reports')
        if self.call_back_at is not None and self.effect is not Effect.CALL_BACK:
            raise ValueError('call_back_at belongs to effect = "call_back"')
        return self


class ScriptDocument(Table):
    """The whole script."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    """A text of 1 to 80 characters."""
    pipeline: Annotated[Pipeline, _one_of(Pipeline)] = Pipeline.TEXT
    """One of text, audio, hears_text, speaks_text."""
    first: Word | None = None
    """The name of a step; without it, the first in the file."""
    silence_seconds: Annotated[float, Field(ge=0.05, le=60)] = 8.0
    """From 0.05 to 60: so long the callee may say nothing before a step is said again."""
    tries: Annotated[int, Field(ge=1, le=10)] = 2
    """From 1 to 10: so often a step is said before the agent gives up."""
    give_up: Word | None = None
    """The step for when the tries are used up; without it the agent just hangs up."""
    answers: dict[Word, Phrases] = Field(default_factory=dict)
    """A table from answers to lists of 1 to 200 phrases, each of 1 to 100 characters."""
    always: Answers = Field(default_factory=dict)
    """A table from answers to steps, for every step, such as { do_not_call = "opt_out" }."""
    steps: Annotated[dict[Word, StepTable], Field(min_length=1, max_length=200)]
    """Tables [steps.NAME], from 1 to 200."""

    @property
    def first_step(self) -> str:
        """The name of the step the conversation begins with."""
        return self.first or next(iter(self.steps))

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        problems = [
            *(
                f'{key} = "{step}" is no step: the steps are {", ".join(self.steps)}'
                for key, step in self._step_names()
                if step not in self.steps
            ),
            *(
                f"{key}.{answer} is no answer: they are {', '.join(self._known_answers())}, and "
                "what [answers] adds"
                for key, answers in self._answer_tables()
                for answer in answers
                if answer not in self._known_answers()
            ),
            *self._missing_speech(),
        ]
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def _known_answers(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*ANSWERS, TIME, *self.answers)))

    def _answer_tables(self) -> list[tuple[str, dict[str, str]]]:
        by_step = [(f"steps.{name}.on", step.on) for name, step in self.steps.items()]
        return [("always", self.always), *by_step]

    def _step_names(self) -> list[tuple[str, str]]:
        named = [("first", self.first), ("give_up", self.give_up)]
        named += [(f"steps.{name}.otherwise", step.otherwise) for name, step in self.steps.items()]
        named += [
            (f"{key}.{answer}", step)
            for key, table in self._answer_tables()
            for answer, step in table.items()
        ]
        return [(key, step) for key, step in named if step is not None]

    def _missing_speech(self) -> list[str]:
        key = "say" if self.pipeline.tts else "audio"
        return [
            f'steps.{name}.{key} is missing: with pipeline = "{self.pipeline}" every step has one'
            for name, step in self.steps.items()
            if getattr(step, key) is None
        ]
