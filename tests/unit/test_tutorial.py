"""The tutorial's program, taken from its page and run on the folder that the page makes, prints what the page says."""

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "tutorial.md"
BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<content>.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    found = [match["content"] for match in BLOCK.finditer(page) if match["language"] == language]
    return [content for content in found if not content.startswith(">>>")]


def typed_in(page: str) -> str:
    examples = doctest.DocTestParser().get_examples(page)
    return "".join(example.source for example in examples)


def test_the_program_of_the_tutorial_prints_the_refused_files_with_their_reasons(page: str, tmp_path: Path) -> None:
    (program,), (printed,) = blocks(page, "python"), blocks(page, "text")
    (tmp_path / "typed_in.py").write_text(typed_in(page), encoding="utf-8")
    (tmp_path / "refused.py").write_text(program, encoding="utf-8")
    subprocess.run([sys.executable, "typed_in.py"], cwd=tmp_path, capture_output=True, check=True)
    published = ("trust/card-status/cards.list", "trust/card-status/key.hex")
    command = [sys.executable, "refused.py", "evidence", "trust", *published]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == (printed, "", 1)


def test_the_program_of_the_tutorial_passes_strict_type_checking(page: str, tmp_path: Path) -> None:
    (program,) = blocks(page, "python")
    (tmp_path / "refused.py").write_text(program, encoding="utf-8")
    options = ["--strict", "--follow-imports=silent", "--cache-dir", tmp_path / "cache"]
    command = [sys.executable, "-m", "mypy", *options, tmp_path / "refused.py"]
    done = subprocess.run(command, cwd=PAGE.parents[1], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
