"""Keeps the pages true: what they name exists, and what exists is named."""

from __future__ import annotations

import importlib
import inspect
import json
import re
import shlex
import textwrap
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer
from google.protobuf import descriptor_pool, json_format, message_factory
from grpc_health.v1 import health_pb2

from pushsvc import retry
from pushsvc.cli.root import app
from pushsvc.convert.refusals import STATUSES
from pushsvc.delivery.batcher import Batcher
from pushsvc.delivery.lane import Lane
from pushsvc.domain import DeliveryState
from pushsvc.errors import PushError, StoreUnavailable
from pushsvc.metrics import Metrics
from pushsvc.servicer import PushServicer
from pushsvc.settings import CLIENT_VARIABLES, ENV_PREFIX, Settings
from pushsvc.store.base import Store
from pushsvc.v1 import delivery_pb2
from pushsvc.v1.push_service_pb2 import DESCRIPTOR
from vendors.contract import Vendor
from vendors.outcomes import Outcome
from vendors.registry import Registry

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.zh-CN.md")
PAGES = sorted(
    str(path.relative_to(ROOT))
    for path in [
        *ROOT.glob("*.md"),
        *(page for folder in ROOT.glob("[a-z]*/") if folder.name != "build" for page in folder.rglob("*.md")),
    ]
)
SHELL_PROGRAMS = {"pushsvc", "grpcurl", "ghz", "make", "curl"}
SHELL_PUNCTUATION = "|&;()<>\n"

# As README tells them: the name it gives each call, the file it links, the function that is meant.
SEVEN_CALLS = (
    ("servicer.SendOffline", "pushsvc/servicer.py", PushServicer.SendOffline),
    ("Batcher", "pushsvc/delivery/batcher.py", Batcher.submit),
    ("Store.accept", "pushsvc/store/base.py", Store.accept),
    ("Lane", "pushsvc/delivery/lane.py", Lane.offer),
    ("vendor.exchange", "vendors/contract.py", Vendor.exchange),
    ("retry.plan", "pushsvc/retry.py", retry.plan),
    ("Store.settle", "pushsvc/store/base.py", Store.settle),
)


class Block(NamedTuple):
    """A fenced block of a page."""

    language: str
    text: str


class Command(NamedTuple):
    """One command of a shell block."""

    variables: Mapping[str, str]
    words: Sequence[str]

    @property
    def program(self) -> str:
        return Path(self.words[0]).name


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str) -> list[Block]:
    found = re.findall(r"^ *```(\w*)\n(.*?)^ *```$", read(page), re.MULTILINE | re.DOTALL)
    return [Block(language, textwrap.dedent(text)) for language, text in found]


def prose(page: str) -> str:
    """The page without its fenced blocks."""
    return re.sub(r"^ *```.*?^ *```$", "", read(page), flags=re.MULTILINE | re.DOTALL)


def table(page: str, heading: str) -> list[list[str]]:
    """The cells of the first table under a heading, without backticks around them."""
    section = re.split(rf"^#+ {re.escape(heading)}$", read(page), maxsplit=1, flags=re.MULTILINE)[1]
    lines = lines_until_blank(section[section.index("\n|") + 1 :])
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines[2:]]


def lines_until_blank(text: str) -> list[str]:
    return text.split("\n\n", maxsplit=1)[0].splitlines()


def first_cells(page: str, heading: str) -> list[str]:
    return [row[0] for row in table(page, heading)]


def commands(page: str) -> Iterator[Command]:
    for language, text in blocks(page):
        first_word = text.split(maxsplit=1)[0] if text.strip() else ""
        if language == "sh" or (not language and first_word in SHELL_PROGRAMS):
            yield from shell_commands(text)


def shell_commands(text: str) -> Iterator[Command]:
    without_comments = re.sub(r"(^|\s)#.*$", "", text, flags=re.MULTILINE)
    lexer = shlex.shlex(without_comments.replace("\\\n", " "), posix=True, punctuation_chars=SHELL_PUNCTUATION)
    lexer.whitespace, lexer.whitespace_split = " \t", True
    words: list[str] = []
    for token in [*lexer, "\n"]:
        if not set(token) <= set(SHELL_PUNCTUATION):
            words.append(token)
            continue
        variables: dict[str, str] = {}
        while words and (assignment := re.fullmatch(r"(\w+)=(.*)", words[0], re.DOTALL)):
            variables[assignment[1]] = assignment[2]
            words.pop(0)
        if words:
            yield Command(variables, words)
        words = []


def leaf_commands() -> dict[str, Any]:
    """Each command of the command line by the words that call it; a group may be one itself."""
    leaves = {}
    for name, each in vars(typer.main.get_command(app))["commands"].items():
        if vars(each).get("invoke_without_command"):
            leaves[name] = each
        for inner, leaf in vars(each).get("commands", {"": each}).items():
            leaves[f"{name} {inner}".strip()] = leaf
    return leaves


def leads(page: str, link: str) -> bool:
    """Whether a relative link of a page leads to a file, and to a heading in it."""
    path, _, anchor = link.partition("#")
    target = ((ROOT / page).parent / path if path else ROOT / page).resolve()
    if not target.exists() or not anchor:
        return target.exists()
    headings = re.findall(r"^#+ (.+)$", prose(str(target.relative_to(ROOT))), re.MULTILINE)
    return anchor in map(slug, headings)


def slug(heading: str) -> str:
    """The anchor that a heading gets where Markdown is shown."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))


def default_text(default: object) -> str:
    if default is None or default in ((), ""):
        return "unset"
    return str(default).lower() if isinstance(default, bool) else str(default)


def test_every_setting_is_documented_with_its_variable_and_default() -> None:
    documented = {row[0]: tuple(row[1:3]) for row in table("docs/operations.md", "Settings")}

    assert documented == {
        name: (ENV_PREFIX + name.upper(), default_text(field.default)) for name, field in Settings.model_fields.items()
    }


def test_the_settings_file_shown_is_one_that_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    [shown] = [block.text for block in blocks("docs/operations.md") if block.language == "toml"]
    (tmp_path / "pushsvc.toml").write_text(shown, encoding="utf-8")
    monkeypatch.setenv("PUSHSVC_CONFIG", str(tmp_path / "pushsvc.toml"))

    settings = Settings()

    assert set(tomllib.loads(shown)) <= settings.model_fields_set


@pytest.mark.parametrize("readme", READMES)
def test_every_rpc_is_in_the_readme(readme: str) -> None:
    heading = {"README.md": "The API", "README.zh-CN.md": "接口"}[readme]

    methods = [method.name for method in DESCRIPTOR.services_by_name["PushService"].methods]

    assert sorted(first_cells(readme, heading)) == sorted(methods)


def test_every_error_is_documented_with_its_status() -> None:
    documented = {row[0]: row[1] for row in table("docs/errors.md", "Statuses")}

    assert documented == {error.__name__: status.name for error, status in STATUSES.items()}
    assert set(STATUSES) == {*PushError.__subclasses__(), *StoreUnavailable.__subclasses__()}


def test_every_reason_is_documented() -> None:
    assert first_cells("docs/errors.md", "Reasons of a delivery") == delivery_pb2.Reason.keys()


def test_every_outcome_is_documented() -> None:
    # A dataclass with slots is made twice.
    outcomes = list(dict.fromkeys(each.__name__ for each in Outcome.__subclasses__()))

    assert first_cells("docs/errors.md", "Outcomes") == outcomes


def test_the_diagram_has_every_state() -> None:
    [diagram] = [block.text for block in blocks("docs/architecture.md") if block.text.startswith("stateDiagram")]

    left, reached = map(set, zip(*re.findall(r"^ *(\S+) --> ([^\s:]+)", diagram, re.MULTILINE), strict=True))

    assert left == reached == {"[*]"} | {state.name for state in DeliveryState}


def metric_families() -> dict[str, tuple[str, ...]]:
    """Each metric of ours with its labels."""
    return dict(Metrics().families())


def test_every_metric_is_documented_with_its_labels() -> None:
    documented = {
        row[0]: tuple(label for label in row[1].split(", ") if label) for row in table("docs/operations.md", "Metrics")
    }

    assert documented == metric_families()


def test_the_dashboard_draws_every_metric_and_none_that_does_not_exist() -> None:
    dashboard = json.loads(read("docs/grafana-dashboard.json"))
    drawn = " ".join(target["expr"] for panel in dashboard["panels"] for target in panel["targets"])
    names = {re.sub(r"_(total|bucket|sum|count)$", "", name) for name in re.findall(r"pushsvc_\w+", drawn)}
    labels = set(re.findall(r"by \(([^)]*)\)", drawn)) | set(re.findall(r"\{(\w+)=", drawn))
    known = {label for each in metric_families().values() for label in each} | {"le", "job"}

    assert names == set(metric_families())
    assert {label for group in labels for label in re.split(r",\s*", group)} <= known


def test_every_command_is_documented() -> None:
    assert sorted(first_cells("docs/operations.md", "Commands")) == sorted(
        f"pushsvc {words}" for words in leaf_commands()
    )


def test_the_bounds_are_those_of_the_code() -> None:
    for _, numbers, names in table("docs/operations.md", "Bounds"):
        found = []
        for name in re.findall(r"[\w.]+", names):
            module, _, constant = name.rpartition(".")
            found.append(str(getattr(importlib.import_module(module), constant)))
        assert numbers.split(", ") == found, names


def test_the_layers_are_those_that_are_checked() -> None:
    contracts = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    [layers] = [contract["layers"] for contract in contracts if contract["type"] == "layers"]
    [drawn] = [block.text for block in blocks("docs/architecture.md") if block.text.startswith("cli")]

    assert [line.split("  ")[0] for line in drawn.splitlines()] == [layer.replace("pushsvc.", "") for layer in layers]


def test_every_vendor_has_a_page() -> None:
    missing = [name for name in Registry.installed().names() if not (ROOT / f"docs/vendors/{name}.md").exists()]

    assert missing == []


@pytest.mark.parametrize("page", [*READMES, "docs/architecture.md"])
def test_the_seven_calls_are_linked_in_their_order_and_exist(page: str) -> None:
    links = re.findall(r"\[`([\w.]+)`\]\((?:\.\./)?([\w./]+)\)", read(page))

    told = [link for link in links if link in {(name, file) for name, file, _ in SEVEN_CALLS}]

    assert told[:7] == [(name, file) for name, file, _ in SEVEN_CALLS]
    for _, file, function in SEVEN_CALLS:
        assert inspect.getsourcefile(function) == str(ROOT / file)


@pytest.mark.parametrize("page", PAGES)
def test_every_test_that_is_named_exists(page: str) -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py"))

    named = re.findall(r"`(test_\w+)`", read(page))

    assert [name for name in named if f"def {name}(" not in tests] == []


def test_both_readmes_show_the_same_code_in_the_same_order() -> None:
    english, chinese = ([block for block in blocks(page) if block.language != "mermaid"] for page in READMES)

    assert english == chinese
    assert len(english) > 5


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", prose(page))

    assert [link for link in links if not link.startswith(("https://", "http://")) and not leads(page, link)] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_make_target_exists(page: str) -> None:
    spoken = set(re.findall(r"`make ([a-z-]+)`", prose(page)))
    shown = {word for command in commands(page) if command.program == "make" for word in command.words[1:]}

    assert (spoken | shown) - make_targets() == set()


def rpc_bodies(page: str) -> Iterator[tuple[str, str]]:
    """`service/method` and the JSON body of each call shown."""
    for command in commands(page):
        if command.program in {"grpcurl", "ghz"} and "-d" in command.words:
            [method] = [word for word in command.words if re.fullmatch(r"[a-z][\w.]*\.\w+/\w+", word)]
            yield method, command.words[command.words.index("-d") + 1]


@pytest.mark.parametrize("page", PAGES)
def test_every_body_of_a_call_is_one_the_method_takes(page: str) -> None:
    for path, body in rpc_bodies(page):
        service, _, method = path.partition("/")
        descriptor = descriptor_pool.Default().FindServiceByName(service).methods_by_name[method]
        request = json_format.Parse(body, message_factory.GetMessageClass(descriptor.input_type)())
        assert request.ListFields(), path


def test_the_calls_a_newcomer_needs_are_shown() -> None:
    shown = [path for path, _ in rpc_bodies("README.md")]

    assert shown == [
        "pushsvc.v1.PushService/UpsertCert",
        "pushsvc.v1.PushService/RegisterToken",
        "pushsvc.v1.PushService/SendOffline",
        "pushsvc.v1.PushService/GetMessage",
        "pushsvc.v1.PushService/RegisterToken",
        "pushsvc.v1.PushService/SendOffline",
    ]
    assert next(path for path, _ in rpc_bodies("docs/operations.md")) == (
        f"{health_pb2.DESCRIPTOR.services_by_name['Health'].full_name}/Check"
    )


@pytest.mark.parametrize("page", PAGES)
def test_every_command_shown_is_one_the_command_line_takes(page: str) -> None:
    leaves = leaf_commands()
    for command in commands(page):
        if command.program != "pushsvc":
            continue
        words = " ".join(command.words[1:3]) if " ".join(command.words[1:3]) in leaves else command.words[1]
        leaf = leaves[words]
        arguments = list(command.words[1 + len(words.split()) :])
        # Parsed and not run: a file that is named need not be there.
        given, left_over, _ = leaf.make_parser(leaf.context_class(leaf)).parse_args(arguments)
        required = {param.name for param in leaf.params if param.required}
        assert (required - given.keys(), left_over) == (set(), []), command.words


@pytest.mark.parametrize("page", PAGES)
def test_every_command_spoken_of_exists(page: str) -> None:
    known = {*leaf_commands(), *(words.split()[0] for words in leaf_commands())}

    spoken = re.findall(r"`(?:\.venv/bin/)?pushsvc ([a-z]+(?: [a-z]+)?)", prose(page))

    assert [words for words in spoken if words not in known and words.split()[0] not in leaf_commands()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_variable_set_or_spoken_of_exists(page: str) -> None:
    known = {ENV_PREFIX + name.upper() for name in Settings.model_fields} | CLIENT_VARIABLES

    assert set(re.findall(r"\bPUSHSVC_[A-Z_]+\b", read(page))) - known == set()
