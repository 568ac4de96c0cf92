"""The samples that newcomers copy have types that hold: under ``mypy --strict``, without a word of explanation."""

import doctest
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOW_TO = sorted(str(page.relative_to(ROOT)) for page in (ROOT / "docs" / "how-to").glob("*.md"))
SAMPLES = ("docs/tutorial.md", "docs/sdk.md", "docs/testing-kit.md", *HOW_TO)


def sample_of(document: str) -> str:
    """Return the code of a document's examples, without those that show an error, as one module."""
    examples = doctest.DocTestParser().get_examples((ROOT / document).read_text(encoding="utf-8"))
    return "".join(example.source for example in examples if example.exc_msg is None)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mypy")


@pytest.mark.parametrize("document", [*SAMPLES, "docs/deviations.md"])
def test_the_samples_of_a_document_pass_strict_type_checking(tmp_path: Path, cache: Path, document: str) -> None:
    sample = tmp_path / "sample.py"
    sample.write_text(sample_of(document), encoding="utf-8")
    (tmp_path / "mypy.ini").write_text(
        "[mypy]\nstrict = true\nfollow_imports = silent\n[mypy-asn1crypto.*]\nignore_missing_imports = true\n"
    )
    command = ["-m", "mypy", "--config-file", tmp_path / "mypy.ini", "--cache-dir", cache, sample]
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("document", SAMPLES)
def test_the_samples_of_a_document_name_nothing_in_vain(tmp_path: Path, document: str) -> None:
    sample = tmp_path / "sample.py"
    inside_a_function = "def sample():\n" + textwrap.indent(sample_of(document), "    ")
    sample.write_text(inside_a_function, encoding="utf-8")
    command = ["-m", "ruff", "check", "--isolated", "--preview", "--select", "F401,F841,F811,F821,RUF059", sample]
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
