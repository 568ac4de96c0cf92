"""What integrators rely on changes on purpose only: everything public is compared with a snapshot in the repository.

``python tests/unit/test_public_api.py`` writes the snapshot anew. ``docs/versions.md`` says what may change when. A
member whose type no door offers is not public, and neither is how an object is made that only ``decode`` makes.
"""

import argparse
import ast
import importlib
import inspect
import json
import re
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from pathlib import Path
from types import FunctionType, ModuleType

from verifier import sdk
from verifier.cli import build_parser
from verifier.cli.exit_codes import ExitCode
from verifier.errors import VerifierError
from verifier.verification.rulings import all_rulings

SNAPSHOT = Path(__file__).parents[1] / "vectors" / "public_api.json"
DOORS = (
    "verifier.sdk",
    "verifier.sdk.batch",
    "verifier.sdk.card_status",
    "verifier.sdk.errors",
    "verifier.sdk.evidence",
    "verifier.sdk.lds",
    "verifier.sdk.profiles",
    "verifier.sdk.publishing",
    "verifier.sdk.readers",
    "verifier.sdk.recording",
    "verifier.sdk.testing",
    "verifier.sdk.testing.faults",
    "verifier.sdk.testing.misbehaving",
    "verifier.sdk.testing.tampering",
    "verifier.sdk.trust",
)
UNSAID = {
    "__post_init__",
    "__repr__",
    "__str__",
    "__hash__",
    "__eq__",
    "__getstate__",
    "__setstate__",
    "__reduce__",
    "__test__",
}
READ = {"property", "cached_property"}
SHOWN_DECORATORS = {"classmethod", "staticmethod", "contextmanager"}
DECODERS = ("verifier.sdk.lds.", "verifier.sdk.trust.")
CLASS = re.compile(r"^class (\w+)", re.MULTILINE)
WORD = re.compile(r"\w+")
HELP = """
The public interface is no longer that of tests/vectors/public_api.json.
{changes}
Removed or changed: somebody's program breaks. Keep the old way for one minor release with a DeprecationWarning, or say
in the changelog that it goes (a major version; before 1.0 a minor one). Gone is also what no door offers a type for any
more. A parameter or field that is added and has a default is an addition. Added: a minor version. See docs/versions.md.
If it is meant: python tests/unit/test_public_api.py writes the file anew; commit it, with a fragment in docs/changes/.
"""


# --- what is public --------------------------------------------------------------------------------------------------


def public_interface() -> dict[str, str]:
    """Return everything public by its dotted name, each with a text that changes when it does."""
    found: dict[str, str] = {}
    first_names: dict[int, str] = {}
    hidden = types_behind_no_door()
    for door in DOORS:
        module = importlib.import_module(door)
        for name in public_names(module):
            value = getattr(module, name)
            path = f"{door}.{name}"
            if isinstance(value, type | FunctionType) and id(value) in first_names:
                found[path] = f"is {first_names[id(value)]}"
                continue
            first_names[id(value)] = path
            members = described(path, module, name, hidden)
            found |= {
                key: text for key, text in members.items() if key == path or hidden.isdisjoint(WORD.findall(text))
            }
    return dict(sorted((found | reasons() | command_line()).items()))


def public_names(module: ModuleType) -> list[str]:
    if hasattr(module, "__all__"):
        return list(module.__all__)
    own = (name for node in syntax_of(module).body for name in names_bound_by(node))
    return [name for name in own if not name.startswith("_")]


def types_behind_no_door() -> set[str]:
    sources = Path(sdk.__file__).parents[1].rglob("*.py")
    known = {name for source in sources for name in CLASS.findall(source.read_text(encoding="utf-8"))}
    return known - {name for door in DOORS for name in public_names(importlib.import_module(door))}


def described(path: str, module: ModuleType, name: str, hidden: set[str]) -> dict[str, str]:
    value = getattr(module, name)
    if isinstance(value, ModuleType):
        return {path: "module"}
    if isinstance(value, type):
        is_decoded = path.startswith(DECODERS) and hasattr(value, "decode")
        return {path: class_line(value, hidden, made=not is_decoded), **class_members(path, value)}
    if inspect.isfunction(value):
        return {path: signature(syntax_of(value).body[0])}
    if isinstance(value, Mapping):
        return {path: "mapping"} | {f"{path}[{key!r}]": "there" for key in value}
    if isinstance(value, str | bytes | int):
        return {path: f"= {value!r}"}
    return {path: f"= {alias(module, name)}"}


def reasons() -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for ruling in all_rulings():
        found.setdefault(ruling.reason, []).append(f"{ruling.check.value} {ruling.outcome.value}")
    return {f"reason {reason}": ", ".join(sorted(where)) for reason, where in found.items()}


def command_line() -> dict[str, str]:
    found = {f"exit status {code.value}": code.name for code in ExitCode}

    def walk(parser: argparse.ArgumentParser, path: str) -> None:
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                for name, child in action.choices.items():
                    found[f"{path} {name}"] = "command"
                    walk(child, f"{path} {name}")
            for option in action.option_strings:
                found[f"{path} {option}"] = "flag" if action.nargs == 0 else "option with a value"

    walk(build_parser(), "thechip")
    return found


# --- classes ---------------------------------------------------------------------------------------------------------


def class_line(cls: type, hidden: set[str], *, made: bool) -> str:
    bases = ", ".join(base.__name__ for base in cls.__bases__ if base.__name__ not in hidden | {"object"})
    reason = f", reason {cls.reason!r}" if issubclass(cls, VerifierError) else ""
    if not is_dataclass(cls):
        return f"class({bases}){reason}"
    kind = "frozen dataclass" if cls.__dataclass_params__.frozen else "dataclass"  # type: ignore[attr-defined]
    return f"{kind}({bases}), made as {constructor(cls)}" if made else f"{kind}({bases})"


def constructor(cls: type) -> str:
    def written(one: Field[object]) -> str:
        needed = one.default is MISSING and one.default_factory is MISSING
        return one.name if needed else f"{one.name}=…"

    return f"({', '.join(written(one) for one in fields(cls) if one.init)})"


def class_members(path: str, cls: type) -> dict[str, str]:
    """Describe what a class and its own bases define; what stands in a library's class is the library's affair."""
    if issubclass(cls, Enum):
        return {f"{path}.{name}": f"= {member.value!r}" for name, member in cls.__members__.items()} | {
            f"{path}.{name}": text for name, text in own_members(cls).items() if name not in cls.__members__
        }
    lines: dict[str, str] = {}
    for one in reversed(cls.__mro__):
        if one.__module__.partition(".")[0] == "verifier":
            lines |= own_members(one)
    return {f"{path}.{name}": text for name, text in lines.items()}


def own_members(cls: type) -> dict[str, str]:
    (definition,) = syntax_of(cls).body
    assert isinstance(definition, ast.ClassDef)
    found: dict[str, str] = {}
    for node in definition.body:
        if isinstance(node, ast.FunctionDef):
            if node.name == "__init__":
                found |= {name: text for name, text in attributes_set_by(node) if not name.startswith("_")}
            if is_shown(node.name):
                found[node.name] = signature(node)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and is_shown(node.target.id):
            found[node.target.id] = f": {ast.unparse(node.annotation)}{default_of(node.value)}"
        elif isinstance(node, ast.Assign):
            names = [name for name in names_bound_by(node) if is_shown(name)]
            found |= {name: f"= {ast.unparse(node.value)}" for name in names}
    return found


def is_shown(name: str) -> bool:
    return not name.startswith("_") or (name.startswith("__") and name not in UNSAID)


def attributes_set_by(constructor_of: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    for node in ast.walk(constructor_of):
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        for target in targets:
            if isinstance(target, ast.Attribute):
                of_type = f": {ast.unparse(node.annotation)}" if isinstance(node, ast.AnnAssign) else ""
                yield target.attr, f"attribute{of_type}"


def default_of(value: ast.expr | None) -> str:
    """Return the default; of ``field(default=None, repr=False)`` only what a caller notices."""
    if value is None:
        return ""
    if isinstance(value, ast.Call) and ast.unparse(value.func) == "field":
        heeded = (word for word in value.keywords if word.arg in {"default", "default_factory", "init", "kw_only"})
        return "".join(f", {word.arg} {ast.unparse(word.value)}" for word in heeded)
    return f", default {ast.unparse(value)}"


# --- source ----------------------------------------------------------------------------------------------------------


def syntax_of(thing: ModuleType | type | Callable[..., object]) -> ast.Module:
    return ast.parse(textwrap.dedent(inspect.getsource(thing)))


def signature(node: ast.stmt) -> str:
    assert isinstance(node, ast.FunctionDef)
    decorators = [ast.unparse(one) for one in node.decorator_list]
    if not READ.isdisjoint(decorators) and node.returns is not None:
        return f": {ast.unparse(node.returns)}"  # as a field: who reads it does not notice
    decorators = [one for one in decorators if one in SHOWN_DECORATORS]
    returned = "" if node.returns is None else f" -> {ast.unparse(node.returns)}"
    return " ".join([*decorators, f"({ast.unparse(node.args)}){returned}"])


def names_bound_by(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def alias(module: ModuleType, name: str) -> str:
    """Return what stands for a name where it is assigned, in the module or where that has it from."""
    if module is sdk:
        module = importlib.import_module(sdk._HOME_OF[name])
    for node in syntax_of(module).body:
        if isinstance(node, ast.ImportFrom) and node.module and name in {one.name for one in node.names}:
            return alias(importlib.import_module(node.module), name)
        if isinstance(node, ast.Assign | ast.AnnAssign) and name in names_bound_by(node) and node.value:
            return ast.unparse(node.value)
    raise LookupError(name)


# --- the tests -------------------------------------------------------------------------------------------------------


def changes(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    removed = [f"removed  {name}  {before[name]}" for name in sorted(before.keys() - now.keys())]
    changed = [
        f"changed  {name}\n    was  {before[name]}\n    is   {now[name]}"
        for name in sorted(before.keys() & now.keys())
        if before[name] != now[name]
    ]
    added = [f"added    {name}  {now[name]}" for name in sorted(now.keys() - before.keys())]
    return [*removed, *changed, *added]


def test_the_public_interface_is_that_of_the_snapshot() -> None:
    found = changes(json.loads(SNAPSHOT.read_text(encoding="utf-8")), public_interface())
    assert not found, HELP.format(changes="\n".join(found))


def test_every_door_is_in_the_snapshot() -> None:
    folder = Path(sdk.__file__).parent
    files = {f"verifier.sdk.{file.stem}" for file in folder.glob("*.py") if file.stem not in {"__init__", "inspection"}}
    assert files | {"verifier.sdk"} == {door for door in DOORS if not door.startswith("verifier.sdk.testing")}


def test_what_is_removed_changed_and_added_is_told_apart() -> None:
    before = {"a": "(x: int) -> str", "b": "class()", "c": "module"}
    now = {"a": "(x: str) -> str", "c": "module", "d": "= 1"}
    assert [line.split()[:2] for line in changes(before, now)] == [["removed", "b"], ["changed", "a"], ["added", "d"]]


def test_the_snapshot_sees_parameters_fields_members_bases_and_reasons() -> None:
    found = public_interface()
    assert "at: datetime" in found["verifier.sdk.verify"]
    assert found["verifier.sdk.Report.outcome"] == ": Outcome"
    assert found["verifier.sdk.Report.passed"] == ": bool"
    assert found["verifier.sdk.Outcome.FAILED"] == "= 'FAILED'"
    assert found["verifier.sdk.errors.CardRemoved"] == "class(CardError), reason 'card-removed'"
    assert found["verifier.sdk.errors.CardRefused.status"] == "attribute"
    assert found["verifier.sdk.TrustStore.problems"] == "attribute"
    assert found["verifier.sdk.trust.TrustStore"] == "is verifier.sdk.TrustStore"
    assert found["verifier.sdk.Password"] == "= MrzPassword | CanPassword"
    assert found["verifier.sdk.testing.misbehaving.CATALOGUE['forged-sod']"] == "there"
    assert found["reason pace-hidden"] == "access FAILED, access PASSED"
    assert found["exit status 3"] == "UNDECIDED"
    assert found["thechip verify --trust"] == "option with a value"


if __name__ == "__main__":
    SNAPSHOT.parent.mkdir(exist_ok=True)
    SNAPSHOT.write_text(json.dumps(public_interface(), indent=0, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.stdout.write(f"{SNAPSHOT}\n")
