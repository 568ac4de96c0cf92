"""What a release must pass: the wheel is complete, brings nothing else along, and its SDK works by itself."""

import argparse
import os
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = {"verifier", "appliance", "web_admin", "publisher"}
NEEDED = ("verifier/py.typed", "appliance/storage/migrations/env.py", "web_admin/static/", "web_admin/templates/")
BARE = {"asn1crypto", "cffi", "cryptography", "pip", "pycparser", "thechip"}

SMOKE = """
from datetime import UTC, datetime
from verifier import sdk
from verifier.sdk import CanPassword, Evidence, Outcome, inspect, load_profile, policy_for, verify
from verifier.sdk.testing import SyntheticCardStatus, SyntheticPki, invented_person, personalise
from verifier.sdk.testing.misbehaving import CATALOGUE

assert all(getattr(sdk, name) is not None for name in sdk.__all__)
now, profile = datetime.now(UTC), load_profile("party-card")
pki = SyntheticPki(at=now)
card, _ = personalise(pki.issue_document_signer(), invented_person(1)), pki.issue_crl()
status = SyntheticCardStatus().card_status_list(at=now)
seen = inspect(card, pki.trust_store(), profile=profile, password=CanPassword("123456"), at=now, card_status=status)
assert seen.report.outcome is Outcome.PASSED, seen.report
again = Evidence.from_bytes(seen.evidence.to_bytes())
for trust, expected in ((pki.trust_store(), "PASSED"), (SyntheticPki(at=now).trust_store(), "FAILED")):
    report = verify(again, trust, policy_for(profile), at=now, card_status=status)
    assert report.outcome.value == expected, report
print(f"the SDK reads and verifies a virtual chip; {len(CATALOGUE)} misbehaving cards are at hand")
"""


class ReleaseError(Exception):
    """The release must not go out; the sentence says why."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/release-check", description=__doc__)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave the wheel here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        try:
            wheel = _build(options.keep or folder)
            _look_into(wheel)
            _try(wheel, folder)
        except ReleaseError as error:
            print(f"not fit to be released: {error}", file=sys.stderr)
            return 1
    print(f"{wheel.name} is fit to be released")
    return 0


def _build(folder: Path) -> Path:
    _run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT)
    (wheel,) = folder.glob("thechip-*.whl")
    return wheel


def _look_into(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.partition("/")[0] for name in names if ".dist-info/" not in name}
    if tops != PACKAGES:
        msg = f"the wheel holds {sorted(tops)}, and not just {sorted(PACKAGES)}"
        raise ReleaseError(msg)
    for needed in NEEDED:
        if not any(name.startswith(needed) for name in names):
            msg = f"the wheel lacks {needed}"
            raise ReleaseError(msg)
    stray = [name for name in names if "/tests/" in name or name.endswith((".po~", ".orig", ".pyc"))]
    if stray:
        msg = f"the wheel holds {stray[0]}"
        raise ReleaseError(msg)
    print(f"{wheel.name}: {len(names)} files, {wheel.stat().st_size // 1024} kB")


def _try(wheel: Path, folder: Path) -> None:
    """Install into an environment with nothing in it, and run from a folder with nothing in it."""
    home, elsewhere = folder / "environment", folder / "elsewhere"
    elsewhere.mkdir()
    venv.create(home, with_pip=True)
    python = home / "bin" / "python"
    _run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel)
    _run(python, "-m", "pip", "check")
    listed = _run(python, "-m", "pip", "list", "--format=freeze", "--disable-pip-version-check")
    installed = {line.partition("==")[0].lower() for line in listed.split()} - {"setuptools", "wheel"}
    if installed - BARE:
        msg = f"a bare install brings {sorted(installed - BARE)} along"
        raise ReleaseError(msg)
    print(f"a bare install: {', '.join(sorted(installed - {'pip'}))}")
    print(_run(python, "-I", "-c", SMOKE, cwd=elsewhere).strip())
    _run(home / "bin" / "thechip", "--help", cwd=elsewhere)


def _run(*command: str | Path, cwd: Path | None = None) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment["PIP_CONSTRAINT"] = str(ROOT / "constraints.txt")
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        msg = f"{Path(command[0]).name} {' '.join(map(str, command[1:4]))} …: {done.stderr.strip()[-2000:]}"
        raise ReleaseError(msg)
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
