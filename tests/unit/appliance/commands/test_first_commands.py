"""What a technician calls first: ``init`` and ``setup-link``."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from command_line import CommandLine

from appliance.config import Config


def test_init_writes_what_run_understands(run: CommandLine) -> None:
    config = Config.load(run.config)
    assert [(reader.kind, reader.device) for reader in config.readers] == [("pn532-hsu", "/dev/ttyUSB0")]
    assert config.state_directory == run.state
    assert config.trust_directory.is_dir()
    assert run.state.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("reader", "table"),
    [
        ("/dev/ttyAMA0", {"kind": "pn532-hsu", "device": "/dev/ttyAMA0"}),
        ("usb:1a86:7523", {"kind": "pn532-hsu", "usb": "1a86:7523"}),
        ("pcsc", {"kind": "pcsc"}),
        ("pcsc:ACR1252", {"kind": "pcsc", "device": "ACR1252"}),
    ],
)
def test_init_takes_every_way_to_a_reader(run: CommandLine, tmp_path: Path, reader: str, table: dict[str, str]) -> None:
    assert run("init", "--state", tmp_path / "new", "--reader", reader).code == 0
    file = tmp_path / "new" / "appliance.toml"
    assert tomllib.loads(file.read_text())["readers"] == [table]
    assert Config.load(file).readers[0].kind == table["kind"]


def test_init_leads_to_signed_lists_and_names_the_trial_without_them_last(run: CommandLine, tmp_path: Path) -> None:
    said = run("init", "--state", tmp_path / "new", "--reader", "/dev/ttyUSB0").out
    steps = ("lists pin 1.root.json", "lists import PATH", "lists sync", "For a trial without a publisher")
    assert [said.index(step) for step in steps] == sorted(said.index(step) for step in steps)


def test_init_does_not_overwrite(run: CommandLine) -> None:
    before = run.config.read_bytes()
    ended = run("init", "--state", run.state, "--reader", "/dev/ttyS1")
    assert ended.code == 2
    assert "is there already; it is not overwritten" in ended.err
    assert run.config.read_bytes() == before


@pytest.mark.parametrize("device", ['/dev/tty"USB0', "ttyUSB0", "", "/dev/tty\nUSB0", '/dev/x"\nprofile = "icao-mrtd'])
def test_init_refuses_what_is_no_device_file_and_writes_nothing(run: CommandLine, device: str, tmp_path: Path) -> None:
    ended = run("init", "--state", tmp_path / "other", "--reader", device)
    assert ended.code == 2
    assert ("a reader's device is an absolute path" if device else "readers.device is empty") in ended.err
    assert not (tmp_path / "other").exists()


def test_init_where_nothing_can_be_written_is_a_sentence(run: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for state in (tmp_path / "file" / "below", tmp_path / "file"):
        ended = run("init", "--state", state, "--reader", "/dev/ttyUSB0")
        assert ended.code == 2
        assert "[config-error]" in ended.err


def test_the_configuration_that_init_writes_is_in_the_documentation() -> None:
    text = (Path(__file__).parents[4] / "docs" / "appliance.md").read_text(encoding="utf-8")
    block = text.partition("```toml\n")[2].partition("```")[0]
    assert tomllib.loads(block)["readers"] == [{"kind": "pn532-hsu", "device": "/dev/ttyUSB0"}]
    for command in ("init", "setup-link", "roster import", "roster list", "run --config", "ledger verify"):
        assert f"thechip-appliance {command}" in text


def test_setup_link_is_given_until_there_is_an_administrator(run: CommandLine) -> None:
    first, second = (run.on_config("setup-link", "--address", "http://box:8080") for _ in range(2))
    assert first.code == second.code == 0
    assert "http://box:8080/setup/" in first.out
    assert "It works once, within 24 hours. A link that was printed before works no more." in first.out
    assert first.out != second.out
    code = second.out.partition("/setup/")[2].split()[0]
    run.services().accounts.set_up(
        code, username="an", display_name="Mẫu Thị An", password_hash="x", at=datetime.now(UTC)
    )
    assert run.on_config("setup-link").out == "The page is at http://127.0.0.1:8080/\n"
