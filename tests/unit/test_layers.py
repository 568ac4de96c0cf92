"""Each contract of import-linter bites: a planted violation is caught, under the contract's own name."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("verifier", "appliance", "web_admin", "publisher")

VIOLATIONS = [
    ("web_admin | publisher → appliance → verifier", "appliance/config/settings.py", "import web_admin"),
    ("web_admin | publisher → appliance → verifier", "verifier/errors.py", "import appliance"),
    ("web_admin | publisher → appliance → verifier", "appliance/config/settings.py", "import publisher.files"),
    ("web_admin | publisher → appliance → verifier", "publisher/trust.py", "import web_admin.app"),
    ("The appliance knows the SDK by its door only", "appliance/checkin/service.py", "import verifier.lds.mrz"),
    ("The appliance knows the SDK by its door only", "web_admin/app.py", "import verifier.pki.certificate"),
    ("The appliance knows the SDK by its door only", "publisher/trust.py", "import verifier.pki.certificate"),
    ("The rooms of the verifier", "verifier/iso7816/tlv.py", "import verifier.access.bac"),
    ("The rooms of the verifier", "verifier/reading/plan.py", "import verifier.verification.verify"),
    ("The rooms of the verifier", "verifier/newcomer.py", ""),
    ("The rooms of the appliance", "appliance/ledger.py", "import appliance.station.door"),
    ("The rooms of the appliance", "appliance/checkin/service.py", "import appliance.firmware_host.reader"),
    ("The rooms of the appliance", "appliance/newcomer.py", ""),
    ("The rooms of the publisher", "publisher/keyring.py", "import publisher.metadata"),
    ("The rooms of the publisher", "publisher/trust.py", "import publisher.rosters"),
    ("The rooms of the publisher", "publisher/newcomer.py", ""),
    ("The publisher knows the documents of lists", "publisher/rosters.py", "import appliance.roster"),
    ("No I/O in the engine outside transport and cli", "verifier/lds/mrz.py", "import socket"),
    ("No I/O in the engine outside transport and cli", "verifier/verification/verify.py", "import time"),
    ("The page never touches the reader", "web_admin/app.py", "import appliance.firmware_host.reader"),
]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "static", "*.po", "*.mo")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_tree_as_it_is_keeps_every_contract(tree: Path) -> None:
    result = lint(tree)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(("contract", "file", "line"), VIOLATIONS)
def test_a_planted_violation_is_caught(tree: Path, contract: str, file: str, line: str) -> None:
    planted = tree / file
    before = planted.read_text() if planted.exists() else ""
    planted.write_text(f"{before}\n{line}\n")
    result = lint(tree)
    assert result.returncode != 0
    assert any(contract in row and "BROKEN" in row for row in result.stdout.splitlines()), result.stdout
