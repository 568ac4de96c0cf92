"""The documentation builds without a warning, and nothing in it is loaded from elsewhere."""

import importlib
import re
import subprocess
import sys
from pathlib import Path
from types import FunctionType

import pytest

ROOT = Path(__file__).parents[2]
LOADED = re.compile(r'<(?:script|img|iframe)[^>]* src="(?:https?:)?//|<link[^>]* href="(?:https?:)?//[^"]*"[^>]*>')


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs")
    options = ["--fail-on-warning", "--keep-going", "--quiet", "-b", "html", "-d", folder / "doctrees"]
    command = [sys.executable, "-m", "sphinx", *options, ROOT / "docs", folder / "html"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "html"


DOORS = (
    "",
    ".batch",
    ".card_status",
    ".errors",
    ".evidence",
    ".lds",
    ".profiles",
    ".publishing",
    ".readers",
    ".recording",
    ".testing",
    ".trust",
)


@pytest.mark.parametrize("door", DOORS)
def test_every_public_name_has_its_entry_in_the_reference(built: Path, door: str) -> None:
    pages = "".join(page.read_text(encoding="utf-8") for page in (built / "reference").glob("*.html"))
    offered = importlib.import_module(f"verifier.sdk{door}").__all__
    assert [name for name in offered if f"{name}</span>" not in pages] == []


@pytest.mark.parametrize("door", DOORS)
def test_every_class_and_function_of_a_door_is_documented(door: str) -> None:
    module = importlib.import_module(f"verifier.sdk{door}")
    offered = {name: getattr(module, name) for name in module.__all__}
    callables = {name: value for name, value in offered.items() if isinstance(value, type | FunctionType)}
    generated = {name for name, value in callables.items() if (value.__doc__ or "").startswith(f"{name}(")}
    assert generated == set()
    assert [name for name, value in callables.items() if not value.__doc__] == []


def test_no_page_loads_anything_from_elsewhere(built: Path) -> None:
    loading = {page.name: LOADED.findall(page.read_text(encoding="utf-8")) for page in built.rglob("*.html")}
    assert len(loading) > 20
    assert {name: found for name, found in loading.items() if found} == {}
