"""A bare install gives the SDK, its test kit and the command line with cryptography and asn1crypto alone."""

import subprocess
import sys

import pytest

BARE = """
import importlib.abc, sys
ALLOWED = {"verifier", "cryptography", "asn1crypto", "cffi", "_cffi_backend", "pycparser"} | sys.stdlib_module_names
class Gate(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in ALLOWED:
            raise ImportError(f"{name} is not in a bare install")
sys.meta_path.insert(0, Gate())
"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", BARE + code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("module", ["verifier.sdk", "verifier.sdk.testing.misbehaving", "verifier.cli"])
def test_a_bare_install_is_enough_for(module: str) -> None:
    result = run(f"import {module}")
    assert result.returncode == 0, result.stderr


def test_the_gate_of_these_tests_shuts() -> None:
    result = run("import sqlalchemy")
    assert "not in a bare install" in result.stderr


def test_the_door_has_at_most_thirty_names_and_each_is_documented() -> None:
    from verifier import sdk

    assert len(sdk.__all__) <= 30
    assert [name for name in sdk.__all__ if name != "Password" and not getattr(sdk, name).__doc__] == []
