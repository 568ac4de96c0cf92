"""The README's first example can be pasted: it runs as it stands, and prints what is said below it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(?P<language>python|text)\n(?P<content>.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def blocks() -> dict[str, str]:
    found = {block["language"]: block["content"] for block in BLOCK.finditer((ROOT / "README.md").read_text("utf-8"))}
    assert set(found) == {"python", "text"}
    return found


def test_the_first_example_prints_what_the_page_says(blocks: dict[str, str], tmp_path: Path) -> None:
    command = [sys.executable, "-c", blocks["python"]]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == (blocks["text"], "", 0)


def test_the_first_example_passes_strict_type_checking(blocks: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "first.py").write_text(blocks["python"], encoding="utf-8")
    options = ["--strict", "--follow-imports=silent", "--cache-dir", tmp_path / "cache"]
    command = [sys.executable, "-m", "mypy", *map(str, options), str(tmp_path / "first.py")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
