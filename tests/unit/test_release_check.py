"""The release check passes the wheel of this tree, and stops one that lacks or brings too much."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts" / "lib" / "release_check.py"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this tree, after the whole check has passed it."""
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run([sys.executable, SCRIPT, "--keep", folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "a bare install: asn1crypto, cffi, cryptography, pycparser, thechip" in done.stdout
    (built,) = folder.glob("*.whl")
    return built


def look_into(wheel: Path) -> subprocess.CompletedProcess[str]:
    code = "import sys, pathlib, release_check as r\ntry: r._look_into(pathlib.Path(sys.argv[1]))\n"
    code += "except r.ReleaseError as error: sys.exit(str(error))"
    return subprocess.run(
        [sys.executable, "-c", code, wheel], cwd=SCRIPT.parent, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("without", "with_", "sentence"),
    [
        ("verifier/py.typed", None, "the wheel lacks verifier/py.typed"),
        (None, "tests/unit/test_x.py", "the wheel holds ['appliance', 'publisher', 'tests'"),
        (None, "verifier/cli/output.py.orig", "the wheel holds verifier/cli/output.py.orig"),
    ],
)
def test_a_wheel_that_lacks_or_holds_too_much_is_stopped(
    wheel: Path, tmp_path: Path, without: str | None, with_: str | None, sentence: str
) -> None:
    spoilt = tmp_path / wheel.name
    with zipfile.ZipFile(wheel) as whole, zipfile.ZipFile(spoilt, "w") as archive:
        for name in whole.namelist():
            if name != without:
                archive.writestr(name, whole.read(name))
        if with_ is not None:
            archive.writestr(with_, b"")
    done = look_into(spoilt)
    assert done.returncode == 1
    assert sentence in done.stderr
