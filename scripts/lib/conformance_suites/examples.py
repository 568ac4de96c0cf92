"""Suites that are written as tests of our own: what ``tests/conformance`` holds of them, read from its files."""

import ast
from pathlib import Path

from conformance_suites.results import Group, Suite

_TESTS = Path(__file__).parents[3] / "tests" / "conformance"


def worked_examples() -> Suite:
    """Return the worked examples of ICAO 9303-11."""
    groups = [_group(path) for path in sorted(_TESTS.glob("test_icao_*.py"))]
    return Suite("ICAO 9303-11, worked examples", _ICAO, groups)


def _group(path: Path) -> Group:
    tree = ast.parse(path.read_text())
    title = (ast.get_docstring(tree) or path.stem).partition("\n")[0].rstrip(".")
    tests = sum(isinstance(node, ast.FunctionDef) and node.name.startswith("test_") for node in tree.body)
    return Group(title, run=tests, passed=tests)


_ICAO = """\
Each is a test function in `tests/conformance/test_icao_*.py`. This page only counts them; `scripts/test` runs them, and
fails where one does not pass. The figures are those of the appendices; where a real card's session stands in for them,
the test names it."""
