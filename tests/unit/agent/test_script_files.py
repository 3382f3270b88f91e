"""Agent scripts: what is read, and what each mistake is told as."""

import re
from pathlib import Path

import pytest

from inkbatch.adapters.campaign_files import load_campaign
from inkbatch.agent import Pipeline
from inkbatch.agent.script import load_script
from inkbatch.domain.agent_url import placeholders
from inkbatch.domain.errors import AgentScriptError
from tests.unit.agent.test_pcmu import wav

SAMPLE = Path(__file__).parents[3] / "campaigns" / "appointment_reminder"
STEP = '[steps.a]\nsay = "Hello"\n'


def written(tmp_path, text):
    path = tmp_path / "agent.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_sample_fits_the_campaign_that_it_ships_with():
    """It names only fields that the agent's URL carries, so it works without a look-up too."""
    script = load_script(SAMPLE / "agent.toml")
    url = load_campaign(SAMPLE).client_websocket_url
    said = " ".join(step.say or "" for step in script.document.steps.values())
    used = set(re.findall(r"\{contact\.(\w+)", said))
    assert used
    assert used <= set(placeholders(url))
    for name in used:
        assert f"{name}={{contact.{name}}}" in url


def test_the_sample_takes_every_way_out():
    """Success, a call back and never again; each step is reached from the first."""
    document = load_script(SAMPLE / "agent.toml").document
    effects = {str(step.effect) for step in document.steps.values()}
    assert effects == {"success", "call_back", "do_not_call", "none"}
    reached, front = set(), {document.first_step, document.give_up, *document.always.values()}
    while front:
        reached |= front
        steps = [document.steps[name] for name in front]
        front = {each for step in steps for each in (*step.on.values(), step.otherwise)}
        front -= reached | {None}
    assert reached == set(document.steps)


def test_what_is_silent_has_a_value(tmp_path):
    """A name and one step are a script."""
    document = load_script(written(tmp_path, f'name = "x"\n{STEP}')).document
    assert (document.first_step, document.pipeline, document.tries) == ("a", Pipeline.TEXT, 2)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "name is missing"),
        ('name = "x"\n', "steps is missing"),
        ('name = "x"\n[steps]\n', "steps = {} is not allowed"),
        (f'nane = "x"\n{STEP}', "did you mean name?"),
        (f'name = "x"\npipeline = "txt"\n{STEP}', "one of text, audio, hears_text, speaks_text"),
        (f'name = "x"\nfirst = "b"\n{STEP}', 'first = "b" is no step: the steps are a'),
        (f'name = "x"\ngive_up = "b"\n{STEP}', 'give_up = "b" is no step'),
        (f'name = "x"\n{STEP}on = {{ yes = "b" }}', 'steps.a.on.yes = "b" is no step'),
        (f'name = "x"\n{STEP}on = {{ maybe = "a" }}', "steps.a.on.maybe is no answer"),
        (f'name = "x"\n{STEP}otherwise = "b"', 'steps.a.otherwise = "b" is no step'),
        (f'name = "x"\nalways = {{ no = "b" }}\n{STEP}', 'always.no = "b" is no step'),
        (f'name = "x"\n{STEP}effect = "won"', "one of success, call_back, do_not_call, none"),
        (f'name = "x"\n{STEP}effect = "success"', "[steps.a] effect"),
        (f'name = "x"\n{STEP}call_back_at = "5pm"', '"heard" for the time'),
        (f'name = "x"\n{STEP}call_back_at = "17:00"', 'belongs to effect = "call_back"'),
        (f'name = "x"\n{STEP}sya = "Hi"', "did you mean say?"),
        (f'name = "x"\ntries = 0\n{STEP}', "tries = 0 is not allowed: from 1 to 10"),
        (f'name = "x"\nsilence_seconds = nan\n{STEP}', "silence_seconds"),
        ('name = "x"\n[steps.a]\nresult = "b"', "steps.a.say is missing"),
        (f'name = "x"\npipeline = "audio"\n{STEP}', "steps.a.audio is missing"),
        ("name = ", "not valid TOML"),
    ],
)
def test_each_mistake_names_file_key_and_what_is_allowed(tmp_path, text, told):
    """One line for each; nothing is started with half a script."""
    path = written(tmp_path, text)
    with pytest.raises(AgentScriptError) as error:
        load_script(path)
    assert told in str(error.value)
    assert all(line.startswith(str(path)) for line in str(error.value).splitlines())


def test_all_mistakes_are_told_at_once(tmp_path):
    """Nobody mends a script one start at a time."""
    text = 'name = "x"\n[steps.a]\nsay = "A"\non = { yes = "b", hm = "c" }\notherwise = "d"'
    with pytest.raises(AgentScriptError) as error:
        load_script(written(tmp_path, text))
    assert len(str(error.value).splitlines()) == 4


def test_recordings_and_tones_are_ready_before_the_first_call(tmp_path):
    """Their paths start from the script's folder; `--pipeline` may ask for them."""
    (tmp_path / "hello.wav").write_bytes(wav(bytes(3200)))
    text = (
        'name = "x"\n[steps.a]\nsay = "A"\naudio = "hello.wav"\n'
        '[steps.b]\nsay = "B"\naudio = { tone_hz = 440, seconds = 0.1 }\n'
    )
    path = written(tmp_path, text)
    assert load_script(path).sounds == {}
    sounds = load_script(path, pipeline=Pipeline.AUDIO).sounds
    assert {name: len(sound) for name, sound in sounds.items()} == {"a": 1600, "b": 800}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "No such file"),
        (b"ID3", "no WAV file"),
        (wav(bytes(8), rate=16_000), "16,000"),
    ],
)
def test_a_recording_that_cannot_be_played_is_told_at_the_start(tmp_path, content, told):
    """Not in the middle of the first call."""
    if content is not None:
        (tmp_path / "x.wav").write_bytes(content)
    path = written(tmp_path, 'name = "x"\npipeline = "audio"\n[steps.a]\naudio = "x.wav"\n')
    with pytest.raises(
        AgentScriptError, match=r"steps.a.audio = .x.wav. cannot be played"
    ) as error:
        load_script(path)
    assert told in str(error.value)


def test_a_script_that_is_not_there_or_no_text(tmp_path):
    """A sentence, not a traceback."""
    with pytest.raises(AgentScriptError, match="cannot be opened"):
        load_script(tmp_path / "none.toml")
    (tmp_path / "x.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(AgentScriptError, match="not UTF-8"):
        load_script(tmp_path / "x.toml")
    (tmp_path / "x.toml").write_bytes(b"#" * 2_000_000)
    with pytest.raises(AgentScriptError, match="larger than 1 MiB"):
        load_script(tmp_path / "x.toml")
