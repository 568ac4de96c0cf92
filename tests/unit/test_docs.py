"""The documentation builds without a warning, and nothing in it is loaded from elsewhere."""

import re
import subprocess
import sys
from pathlib import Path

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


def test_every_public_name_has_its_entry_in_the_reference(built: Path) -> None:
    from verifier import sdk

    pages = "".join(page.read_text(encoding="utf-8") for page in (built / "reference").glob("*.html"))
    missing = [name for name in sdk.__all__ if f"{name}</span>" not in pages]
    assert missing == []


def test_no_page_loads_anything_from_elsewhere(built: Path) -> None:
    loading = {page.name: LOADED.findall(page.read_text(encoding="utf-8")) for page in built.rglob("*.html")}
    assert len(loading) > 20
    assert {name: found for name, found in loading.items() if found} == {}
