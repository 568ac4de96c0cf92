"""The units of systemd that an image carries: systemd understands them, and they start what there is."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

UNITS = Path(__file__).parents[2] / "images" / "overlay" / "etc" / "systemd" / "system"
INSTALLED = "/opt/thechip/bin/"
SERVICES = sorted(path.name for path in UNITS.glob("thechip-*.service"))
FOR_EVER = ["thechip-lists.service", "thechip-page.service", "thechip-station.service"]
OF_THE_APPLIANCE = [*FOR_EVER, "thechip-retention.service"]
SANDBOX = {
    "User": "thechip",
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ReadWritePaths": "/var/lib/thechip",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "ProtectKernelTunables": "yes",
    "ProtectKernelModules": "yes",
    "ProtectControlGroups": "yes",
    "ProtectClock": "yes",
    "RestrictNamespaces": "yes",
    "LockPersonality": "yes",
    "SystemCallArchitectures": "native",
    "CapabilityBoundingSet": "",
}
IN_MEMORY = {"RuntimeDirectory": "thechip", "RuntimeDirectoryMode": "0700", "RuntimeDirectoryPreserve": "yes"}
"""Every process shares the folder, and none of them takes it away when it ends: what was unlocked stays so."""


def settings_of(name: str) -> dict[str, str]:
    """What a unit sets, the last word on each."""
    lines = (UNITS / name).read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if re.match(r"[A-Za-z]+=", line))


def understood(folder: Path) -> str:
    """What ``systemd-analyze verify`` says of the services of a folder; nothing where all is well."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        # a machine without systemd cannot be asked; in CI a skip is a failure
        pytest.skip("systemd-analyze is not installed")
    command = [analyze, "verify", "--man=no", *sorted(map(str, folder.glob("*.service")))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr + (f"status {done.returncode}" if done.returncode else "")


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    """The units, with the programs of this installation in place of an appliance's."""
    for unit in UNITS.iterdir():
        content = unit.read_text(encoding="utf-8").replace(INSTALLED, f"{Path(sys.executable).parent}/")
        (tmp_path / unit.name).write_text(content, encoding="utf-8")
    return tmp_path


def test_systemd_understands_every_unit(copies: Path) -> None:
    assert understood(copies) == ""


def test_a_misspelt_setting_and_a_program_that_is_not_there_would_be_found(copies: Path) -> None:
    page = copies / "thechip-page.service"
    page.write_text(page.read_text().replace("Restart=", "Restrat=").replace("/gunicorn ", "/no-such-gunicorn "))
    said = understood(copies)
    assert "Restrat" in said
    assert "no-such-gunicorn" in said


@pytest.mark.parametrize("name", FOR_EVER)
def test_what_serves_is_started_again_however_it_ended_and_with_every_start_of_the_machine(name: str) -> None:
    found = settings_of(name)
    assert (found["Restart"], found["WantedBy"]) == ("always", "multi-user.target")


def test_page_and_station_never_give_up_and_neither_waits_for_the_other() -> None:
    for name in ("thechip-page.service", "thechip-station.service"):
        found = settings_of(name)
        assert (found["StartLimitIntervalSec"], found["Type"], found["After"]) == ("0", "notify", "local-fs.target")
        assert found.keys().isdisjoint({"Requires", "BindsTo", "PartOf", "Wants"})


@pytest.mark.parametrize("name", OF_THE_APPLIANCE)
def test_every_process_of_the_appliance_is_shut_in_and_shares_one_folder_in_memory(name: str) -> None:
    found = settings_of(name)
    assert {key: found.get(key) for key in SANDBOX | IN_MEMORY} == SANDBOX | IN_MEMORY


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_unit_starts_is_installed_and_takes_these_arguments(name: str, tmp_path: Path) -> None:
    program, *arguments = settings_of(name)["ExecStart"].split()
    if not program.startswith(INSTALLED):
        assert name == "thechip-stick@.service", "of the system"
        return
    there = Path(sys.executable).with_name(program.removeprefix(INSTALLED))
    assert there.exists()
    check = "--check-config" if there.name == "gunicorn" else "--help"
    told = {"THECHIP_STATE": str(tmp_path / "state"), "PATH": "/usr/bin:/bin"}
    done = subprocess.run([there, *arguments, check], env=told, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
