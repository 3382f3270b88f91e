"""What ships for servers, checked as far as that goes without them."""

import configparser
import json
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.resources import files
from itertools import chain
from pathlib import Path

import jsonschema
import pathspec
import pytest
import typer
import yaml

from flows.local_server import EVENT_RETENTION, EVENT_SECONDS_MAX, LEASES
from inkbatch.cli import app
from inkbatch.settings import Settings

FOLDER = Path(__file__).parents[3] / "flows" / "deployment"
TEXTS = {
    path.relative_to(FOLDER).as_posix(): path.read_text("utf-8")
    for path in sorted(FOLDER.rglob("*"))
    if path.is_file()
}
ANALYZE = shutil.which("systemd-analyze")
UNITS = [name for name in TEXTS if name.endswith(".service")]
PREFECT_COMMANDS = {("server", "start"), ("worker", "start")}
"""Those that the tests of several machines start for real."""

HARDENING = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "CapabilityBoundingSet": "",
    "UMask": "0077",
}


def read_yaml(name):
    """Return a file as a document."""
    return yaml.safe_load(TEXTS[name])


def require_command(words):
    """Fail unless the command line takes these words."""
    group = typer.main.get_command(app)
    with group.make_context("inkbatch", list(words), resilient_parsing=True) as context:
        name, command, rest = group.resolve_command(context, list(words))
        while hasattr(command, "resolve_command"):
            name, command, rest = command.resolve_command(context, rest)
        command.make_context(name, rest, parent=context)


def test_the_compose_file_fits_the_schema_of_compose_files():
    """`docker compose config` would take it."""
    schema = files("check_jsonschema.builtin_schemas.vendor") / "compose-spec.json"
    jsonschema.validate(read_yaml("compose.yaml"), json.loads(schema.read_text("utf-8")))


def test_each_service_starts_a_command_that_there_is():
    """A verb or an option that was renamed would stop a service at its start."""
    services = read_yaml("compose.yaml")["services"]
    ours = {name: each for name, each in services.items() if each["image"] == "inkbatch"}
    assert {"prefect", "upgrade", "deploy", "worker", "web", "webhooks"} == set(ours)
    for service in ours.values():
        if service.get("entrypoint") == ["prefect"]:
            assert tuple(service["command"][:2]) in PREFECT_COMMANDS
        else:
            require_command(service["command"])


def test_secrets_stand_in_files_and_each_service_has_what_it_names():
    """No key is in the environment of a container, where anybody who may look sees it."""
    compose = read_yaml("compose.yaml")
    for service in compose["services"].values():
        environment = service.get("environment", {})
        named = {value.rpartition("/")[2] for key, value in environment.items() if "_FILE" in key}
        assert named == set(service.get("secrets", ()))
        assert named <= compose["secrets"].keys()
        waits_for = service.get("depends_on", {})
        assert waits_for.keys() <= compose["services"].keys()


def test_each_variable_is_one_that_inkbatch_knows():
    """One that was renamed would be read by nobody."""
    known = {f"INKBATCH_{name.upper()}" for name in Settings.model_fields}
    for name, text in TEXTS.items():
        assert set(re.findall(r"INKBATCH_[A-Z_]*[A-Z]", text)) <= known, name


def test_each_variable_of_prefects_is_one_that_prefect_knows():
    """Asked in a process of its own: importing Prefect changes this one."""
    script = (
        "import json; from prefect.settings import Settings;"
        "from prefect.settings.legacy import _get_valid_setting_names as names;"
        "print(json.dumps(sorted(names(Settings))))"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    known = {*json.loads(told.stdout), "PREFECT_REDIS_MESSAGING_HOST", "PREFECT_AUTH"}
    for name, text in TEXTS.items():
        assert set(re.findall(r"PREFECT_[A-Z_]*[A-Z]", text)) <= known, name


def test_each_server_drops_the_events_of_calls_as_early_as_the_one_that_serve_starts():
    """Else its database becomes three times as large."""
    compose = read_yaml("compose.yaml")["services"]["prefect"]["environment"]
    chart = read_yaml("helm/prefect-server.yaml")["global"]["prefect"]["env"]
    of_chart = {each["name"]: each["value"] for each in chart}
    for environment in (compose, of_chart):
        assert json.loads(environment[EVENT_RETENTION]) == EVENT_SECONDS_MAX


def test_no_server_forgets_whose_places_it_has_to_free():
    """With leases in memory, a run that died keeps its campaign from ever running again."""
    compose = read_yaml("compose.yaml")["services"]
    chart = read_yaml("helm/prefect-server.yaml")
    of_chart = {each["name"]: each["value"] for each in chart["global"]["prefect"]["env"]}
    for environment in (compose["prefect"]["environment"], of_chart):
        assert environment[LEASES] == "prefect_redis.lease_storage"
    assert chart["redis"]["enabled"]
    assert "redis:/data" in compose["redis"]["volumes"]


def test_images_are_named_without_the_host_of_a_registry():
    """Whoever runs it decides where images come from."""
    images = [
        *re.findall(r"^FROM (\S+)", TEXTS["Dockerfile"], re.MULTILINE),
        *(each["image"] for each in read_yaml("compose.yaml")["services"].values()),
        read_yaml("helm/prefect-worker.yaml")["worker"]["image"]["repository"],
        read_yaml("helm/prefect-server.yaml")["global"]["prefect"]["image"]["repository"],
    ]
    assert len(images) >= 8
    assert [each for each in images if not re.fullmatch(r"[a-z]+(/[a-z]+)?(:[\w.-]+)?", each)] == []


def test_the_images_prefect_is_the_one_that_is_tested():
    """A server of another version may not know what our client asks."""
    lock = (FOLDER.parents[1] / "requirements.lock").read_text("utf-8")
    (version,) = re.findall(r"^prefect==(\S+)", lock, re.MULTILINE)
    tag = read_yaml("helm/prefect-server.yaml")["global"]["prefect"]["image"]["prefectTag"]
    assert tag.partition("-")[0] == version


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_starts_a_command_that_there_is_and_is_hardened(name):
    """It runs as a user of its own that can write to its own folder alone."""
    unit = configparser.ConfigParser(strict=False, interpolation=None, delimiters="=")
    unit.optionxform = str
    unit.read_string(TEXTS[name])
    program, *words = unit["Service"]["ExecStart"].split()
    assert program == "/opt/inkbatch/bin/inkbatch"
    require_command(words)
    assert {key: unit["Service"][key] for key in HARDENING} == HARDENING
    assert unit["Service"]["User"] == unit["Service"]["StateDirectory"] == "inkbatch"


@pytest.mark.skipif(ANALYZE is None, reason="no systemd here: the units were only read, as above")
def test_systemd_finds_nothing_to_complain_of(tmp_path):
    """It knows every setting of the units, and what they run is there."""
    copies = []
    for name in UNITS:
        copy = tmp_path / Path(name).name
        copy.write_text(TEXTS[name].replace("/opt/inkbatch/bin/inkbatch", sys.executable), "utf-8")
        copies.append(str(copy))
    assert len(copies) == 3
    said = subprocess.run([ANALYZE, "verify", *copies], check=False, capture_output=True, text=True)
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


METRIC = re.compile(r"\binkbatch_[a-z_]+")
EXPORTER = FOLDER.parents[1] / "inkbatch" / "web" / "metrics"


def exported():
    """Return the names of the metrics that `inkbatch web` tells."""
    sources = [path.read_text("utf-8") for path in EXPORTER.glob("*.py")]
    return set(chain.from_iterable(map(METRIC.findall, sources)))


def expressions():
    """Yield what the dashboard and the alerts ask Prometheus for."""
    dashboard = json.loads(TEXTS["grafana/inkbatch.json"])
    for panel in dashboard["panels"]:
        yield from (target["expr"] for target in panel["targets"])
    for variable in dashboard["templating"]["list"]:
        yield variable.get("definition", "")
    for group in read_yaml("prometheus/inkbatch.yaml")["groups"]:
        yield from (rule["expr"] for rule in group["rules"])


def test_dashboard_and_alerts_ask_for_metrics_that_there_are():
    """A panel over a metric that was renamed stays empty, and an alert silent."""
    asked = set(chain.from_iterable(map(METRIC.findall, expressions())))
    assert len(asked) >= 10
    assert asked <= exported()


def test_the_panels_of_the_dashboard_do_not_overlap():
    """Each has a title, an id and a place of its own."""
    panels = json.loads(TEXTS["grafana/inkbatch.json"])["panels"]
    places = list(
        chain.from_iterable(
            (
                (x, y)
                for x in range(at["x"], at["x"] + at["w"])
                for y in range(at["y"], at["y"] + at["h"])
            )
            for at in (panel["gridPos"] for panel in panels)
        )
    )
    assert len(places) == len(set(places))
    assert max(x for x, _ in places) < 24
    assert (
        len({panel["id"] for panel in panels}) == len({p["title"] for p in panels}) == len(panels)
    )


def test_each_alert_says_what_is_wrong_and_what_to_do():
    """Whoever is woken by it knows where to look."""
    for group in read_yaml("prometheus/inkbatch.yaml")["groups"]:
        for rule in group["rules"]:
            assert rule.keys() <= {"alert", "expr", "for", "labels", "annotations"}
            assert re.fullmatch(r"\d+[smhd]", rule.get("for", "0s"))
            assert rule["labels"]["severity"] in {"warning", "critical"}
            assert rule["annotations"].keys() == {"summary", "description"}


SECRETS = ["flows/deployment/secrets/inkbox_api_key", "flows/deployment/.env", ".env"]
OURS = ["flows/deployment/compose.yaml", "inkbatch/adapters/secret_files.py", "flows/dial.py"]


@pytest.fixture
def left_out():
    """Return for each way out of this folder the patterns of what does not leave by it."""
    root = FOLDER.parents[1]
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    return {
        "a commit": (root / ".gitignore").read_text("utf-8").splitlines(),
        "an image": (root / ".dockerignore").read_text("utf-8").splitlines(),
        "a wheel": project["tool"]["hatch"]["build"]["targets"]["wheel"]["exclude"],
    }


@pytest.mark.parametrize("way", ["a commit", "an image", "a wheel"])
def test_no_secret_leaves_the_folder_it_is_deployed_from(left_out, way):
    """compose.yaml wants secrets beside it, in a folder that is committed, copied and packed."""
    patterns = pathspec.GitIgnoreSpec.from_lines(left_out[way])
    assert [path for path in SECRETS if not patterns.match_file(path)] == []
    assert [path for path in OURS if patterns.match_file(path)] == []
