"""The units of systemd that an image carries: systemd understands them, and they start what there is."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.keys.board import board_secret

OVERLAY = Path(__file__).parents[2] / "images" / "overlay"
UNITS = OVERLAY / "etc" / "systemd" / "system"
USERS = OVERLAY / "usr" / "lib" / "sysusers.d" / "thechip.conf"
FILES = OVERLAY / "usr" / "lib" / "tmpfiles.d" / "thechip.conf"
USER_AND_GROUP = ("thechip", "thechip")
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
    "RestrictNamespaces": "yes",
    "LockPersonality": "yes",
    "SystemCallArchitectures": "native",
    "CapabilityBoundingSet": "",
}
OF_MODULES = {"char-ttyUSB": "usbserial", "char-ttyACM": "cdc_acm", "char-alsa": "snd"}
"""The groups of devices that no kernel knows before a module is loaded; the others are built in where there is a Pi."""
IN_MEMORY = {"RuntimeDirectory": "thechip", "RuntimeDirectoryMode": "0700", "RuntimeDirectoryPreserve": "yes"}
"""Every process shares the folder, and none of them takes it away when it ends: what was unlocked stays so."""


def settings_of(name: str) -> dict[str, str]:
    """What a unit sets, the last word on each."""
    lines = (UNITS / name).read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if re.match(r"[A-Za-z]+=", line))


def every(name: str, setting: str) -> list[str]:
    """All words that a unit gives to a setting which may come more than once."""
    content = (UNITS / name).read_text(encoding="utf-8")
    return [word for line in re.findall(rf"^{setting}=(.*)$", content, re.MULTILINE) for word in line.split()]


def told_by(program: str, *arguments: str) -> str:
    """What one of systemd's programs says, errors too."""
    found = shutil.which(program)
    if found is None:
        # a machine without systemd cannot be asked; in CI a skip is a failure
        pytest.skip(f"{program} is not installed")
    done = subprocess.run([found, *arguments], capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr + (f"status {done.returncode}" if done.returncode else "")


def understood(folder: Path) -> str:
    """What ``systemd-analyze verify`` says of the services of a folder; nothing where all is well."""
    return told_by("systemd-analyze", "verify", "--man=no", *sorted(map(str, folder.glob("*.service"))))


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
        assert (found["StartLimitIntervalSec"], found["Type"]) == ("0", "notify")
        waits_for = [unit for unit in every(name, "After") if not unit.startswith("modprobe@")]
        assert waits_for == ["local-fs.target"]
        assert [unit for unit in every(name, "Wants") if not unit.startswith("modprobe@")] == []
        assert found.keys().isdisjoint({"Requires", "BindsTo", "PartOf"})


def test_the_modules_of_the_devices_that_the_station_opens_are_loaded_before_it_starts() -> None:
    """systemd.resource-control(5): a group that /proc/devices does not name when the unit starts is not allowed."""
    station = "thechip-station.service"
    groups = [word for word in every(station, "DeviceAllow") if word.startswith("char-")]
    modules = {f"modprobe@{OF_MODULES[group]}.service" for group in groups if group in OF_MODULES}
    assert modules == {f"modprobe@{module}.service" for module in OF_MODULES.values()}
    assert modules == set(every(station, "Wants"))
    assert modules <= set(every(station, "After"))
    assert set(groups) - OF_MODULES.keys() == {"char-ttyAMA", "char-ttyS", "char-input", "char-gpiochip"}


def test_every_user_and_group_that_a_unit_names_is_made_where_the_system_lacks_it(tmp_path: Path) -> None:
    groups = every("thechip-station.service", "SupplementaryGroups")
    words = [line.split() for line in USERS.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    assert [name for kind, name, *_ in words if kind == "u"] == ["thechip"]
    assert {name for kind, name, *_ in words if kind == "g"} == set(groups)
    assert [word for word in words if word[0] == "m"] == [["m", "thechip", group] for group in groups]
    said = told_by("systemd-sysusers", "--dry-run", f"--root={tmp_path}", str(USERS))
    assert re.findall(r"^Creating (?:user|group) '(\S+)'", said, re.MULTILINE) == [*groups, "thechip", "thechip"]


def test_a_programmed_key_is_made_readable_where_the_appliance_looks_for_it_and_the_state_directory_is_made(
    tmp_path: Path,
) -> None:
    lines = [line.split() for line in FILES.read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    assert lines[0] == ["d", settings_of("thechip-station.service")["ReadWritePaths"], "0700", *USER_AND_GROUP, "-"]
    kind, pattern, *about = lines[1]
    assert (kind, about) == ("z", ["0440", "root", USER_AND_GROUP[1], "-"])
    programmed = tmp_path / "sys/bus/nvmem/devices/rpi_otp_private0/nvmem"
    programmed.parent.mkdir(parents=True)
    programmed.write_bytes(b"k" * 32)
    assert board_secret("otp", root=tmp_path).secret == b"k" * 32
    assert list(tmp_path.glob(pattern.removeprefix("/"))) == [programmed]


@pytest.mark.parametrize("name", OF_THE_APPLIANCE)
def test_no_unit_forbids_to_ask_the_kernel_whether_a_time_server_keeps_the_clock(name: str) -> None:
    """ProtectClock= refuses adjtimex(2) for reading too. Nobody sets the time: there is no capability to."""
    assert "adjtimex" in told_by("systemd-analyze", "syscall-filter", "@clock").split()
    found = settings_of(name)
    assert found.keys().isdisjoint({"ProtectClock", "SystemCallFilter"})
    assert (found["CapabilityBoundingSet"], found["NoNewPrivileges"]) == ("", "yes")


def test_what_lets_go_of_persons_tries_again_until_the_keys_are_open() -> None:
    """With 3 it ends while they are locked, or while nobody has confirmed the time."""
    found = settings_of("thechip-retention.service")
    assert (found["Type"], found["Restart"], found["RestartSec"]) == ("oneshot", "on-failure", "5min")


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
