"""A bare install gives the SDK, its test kit and the command line with cryptography and asn1crypto alone."""

import subprocess
import sys

import pytest

BARE = """
import importlib.abc, sys
ALLOWED = {"verifier", "cryptography", "asn1crypto", "cffi", "_cffi_backend", "pycparser"} | sys.stdlib_module_names
class Gate(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in ALLOWED and not top.startswith("_sysconfigdata"):
            raise ModuleNotFoundError(f"{name} is not in a bare install", name=name)
sys.meta_path.insert(0, Gate())
"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", BARE + code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("module", ["verifier.sdk", "verifier.sdk.testing.misbehaving", "verifier.cli"])
def test_a_bare_install_is_enough_for(module: str) -> None:
    result = run(f"import {module}")
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("arguments", ["['--help']", "['demo']", "[]"])
def test_in_a_bare_install_the_appliance_says_which_packages_it_needs(arguments: str) -> None:
    gate = 'ALLOWED.add("appliance")\n'
    result = run(f"{gate}from appliance.__main__ import main; sys.exit(main({arguments}))")
    assert result.returncode == 2
    assert result.stderr == "thechip-appliance needs more packages: pip install 'thechip[admin]'\n"


@pytest.mark.parametrize("arguments", ["['--help']", "['status']", "[]"])
def test_in_a_bare_install_the_publisher_says_which_packages_it_needs(arguments: str) -> None:
    gate = 'ALLOWED.update({"appliance", "publisher"})\n'
    result = run(f"{gate}from publisher.__main__ import main; sys.exit(main({arguments}))")
    assert result.returncode == 2
    assert result.stderr == "thechip-lists needs more packages: pip install 'thechip[publisher]'\n"


def test_the_gate_of_these_tests_shuts() -> None:
    result = run("import sqlalchemy")
    assert "not in a bare install" in result.stderr


def test_the_door_has_at_most_thirty_names_and_each_is_documented() -> None:
    from verifier import sdk

    assert len(sdk.__all__) <= 30
    assert [name for name in sdk.__all__ if name != "Password" and not getattr(sdk, name).__doc__] == []
