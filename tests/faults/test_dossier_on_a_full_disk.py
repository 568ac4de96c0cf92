"""A stick without room for a dossier: neither file is left there, whole or cut, and the sentence says what to do."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from lists_world.full_disk import Room, disk_with

from appliance.__main__ import main
from appliance.config import Config
from appliance.roster import MemberClass
from appliance.services import Services

AT = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """An appliance with an officer and a member."""
    state = tmp_path / "state"
    state.mkdir()
    (state / "appliance.toml").write_text('state_directory = "."\n[clock]\ntrust = "system"\n')
    services = Services.open(Config.load(state / "appliance.toml"))
    code = services.accounts.issue_setup_token(at=AT)
    services.accounts.set_up(code, username="canbo", display_name="Mẫu Thị Cán Bộ", password_hash="x", at=AT)
    services.roster.add("Mẫu Thị Sen", MemberClass.OFFICIAL)
    services.database.close()
    return state


def test_nothing_of_a_dossier_stays_on_a_stick_that_gets_full_at_any_moment(
    state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["person", "export", "member:1", "--officer", "canbo", "--state", str(state), "--to"]
    for fails_from in range(1000):
        stick = tmp_path / f"stick-{fails_from}"
        stick.mkdir()
        with disk_with(Room(fails_from)):
            code = main([*command, str(stick)])
        left, said = sorted(path.suffix for path in stick.iterdir()), capsys.readouterr().err
        if code == 0:
            break
        assert (code, left) == (2, [])
        assert "No space left on device" in said
        assert "neither of the two was left in it: name another" in said
    assert fails_from > 5, "the disk was full at some moment"
    assert left == [".json", ".pdf"]
