"""``thechip-appliance lists``, as a technician types it: what it says, in which words, and how it ends."""

import hashlib
import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lists_world.keepers import Household
from lists_world.mirrors import Mirror, answers
from lists_world.town import DAY, Town

from appliance.__main__ import main
from appliance.list_keeping.keeper import ListKeeper
from appliance.lists.sealed_set import PartKind
from appliance.services import Services

WELL, NOT_AS_IT_MUST_BE, USAGE, TROUBLE = 0, 1, 2, 3


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def fields(self) -> dict[str, object]:
        return json.loads(self.out)


@dataclass
class CommandLine:
    household: Household
    capsys: pytest.CaptureFixture[str]

    def __call__(self, what: str, *more: str | Path) -> Ended:
        self.household.write_config()
        code = main(["lists", what, "--state", str(self.household.state), *map(str, more)])
        captured = self.capsys.readouterr()
        assert "Traceback" not in captured.err
        return Ended(code, captured.out, captured.err)


@pytest.fixture
def lists(household: Household, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The command line on a machine with the household's clock, and no stick."""
    real = Services.open
    monkeypatch.setattr(Services, "open", lambda config: real(config, machine=household.machine))
    monkeypatch.setattr(ListKeeper, "sticks", lambda _: ())
    return CommandLine(household, capsys)


@pytest.fixture
def root(town: Town) -> Path:
    path = town.folder / "1.root.json"
    path.write_bytes(town.first_root)
    return path


def fingerprint_of(root: Path) -> str:
    return hashlib.sha256(root.read_bytes()).hexdigest()


class Terminal(io.StringIO):
    """Somebody who types this."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def pinned(lists: CommandLine, root: Path) -> CommandLine:
    assert lists("pin", root, "--fingerprint", fingerprint_of(root)).code == WELL
    return lists


# --- setting up ------------------------------------------------------------------------------------------------------


def test_before_a_root_is_pinned_every_command_says_what_to_do(lists: CommandLine, town: Town) -> None:
    status = lists("status")
    assert (status.code, status.out) == (
        NOT_AS_IT_MUST_BE,
        "No root is pinned: thechip-appliance lists pin 1.root.json\n",
    )
    assert lists("verify").out == "No lists were taken up yet.\n"
    taken = lists("import", town.public)
    assert taken.code == TROUBLE
    assert "no root of the signed lists is pinned on this device: thechip-appliance lists pin FILE" in taken.err
    assert "no root of the signed lists is pinned on this device" in lists("sync").err


@pytest.mark.parametrize("answer", ["y", "Yes "])
def test_a_root_is_pinned_once_somebody_says_that_the_fingerprint_was_compared(
    lists: CommandLine, root: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(f"{answer}\n"))
    done = lists("pin", root)
    shown = done.out.splitlines()[2]
    assert (done.code, len(shown.split()), shown.replace(" ", "")) == (WELL, 8, fingerprint_of(root))
    assert done.out.index(shown) < done.out.index("Is every group the same? [y/N]") < done.out.index("Pinned root 1")
    assert "2 of 3 keys sign" in done.out
    assert "No root is pinned" not in lists("status").out


@pytest.mark.parametrize("answer", ["", "\n", "n\n", "maybe\n"])
def test_whoever_does_not_say_so_pins_nothing_and_hears_what_to_do(
    lists: CommandLine, root: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    done = lists("pin", root)
    assert done.code == NOT_AS_IT_MUST_BE
    assert "nothing was pinned. If a group differs, this is not the publisher's root" in done.err
    assert lists("status").out.startswith("No root is pinned")


def test_without_a_terminal_the_fingerprint_has_to_be_named(
    lists: CommandLine, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    done = lists("pin", root)
    assert (done.code, done.out) == (USAGE, "")
    assert "nobody is at a terminal to compare the fingerprint" in done.err
    assert lists("status").out.startswith("No root is pinned")
    told = fingerprint_of(root).upper()
    assert lists("pin", root, "--fingerprint", f"{told[:32]} {told[32:48]}:{told[48:]}").code == WELL


def test_a_root_with_another_fingerprint_is_not_pinned(lists: CommandLine, root: Path) -> None:
    done = lists("pin", root, "--fingerprint", "ab" * 32)
    assert done.code == USAGE
    assert "this is another root, and nothing was pinned: its fingerprint is" in done.err
    assert "Ask the publisher for another copy" in done.err
    assert lists("status").out.startswith("No root is pinned")


def test_what_is_no_root_or_not_there_is_told(lists: CommandLine, town: Town) -> None:
    other = lists("pin", town.public / "metadata" / "timestamp.json")
    assert (other.code, "take the file 1.root.json [list-refused]" in other.err) == (TROUBLE, True)
    missing = lists("pin", town.folder / "missing.json")
    assert (missing.code, "No such file or directory" in missing.err) == (TROUBLE, True)


# --- taking up -------------------------------------------------------------------------------------------------------


def test_import_tells_what_came_of_it(pinned: CommandLine, town: Town) -> None:
    looked = pinned("import", town.public, "--dry-run")
    assert looked.code == WELL
    assert looked.out.startswith("Lists 3, signed 2026-11-29 03:00 UTC: newer than those in use.\n")
    assert "rules/2026-2.json" in looked.out
    assert not pinned.household.lists.folder.current.exists()
    taken = pinned("import", town.public)
    assert (taken.code, taken.err) == (WELL, "")
    assert taken.out.startswith("stick: new lists are in use; lists 3, ")
    assert pinned("import", town.public).out.startswith("stick: nothing is newer; lists 3, ")
    assert ": those in use.\n" in pinned("import", town.public, "--dry-run").out
    town.publish(days=1)
    pinned.household.machine.at = town.now
    assert pinned("import", town.public).out.startswith("stick: the same lists, signed anew; lists 4, ")


def test_import_and_dry_run_as_json(pinned: CommandLine, town: Town) -> None:
    looked = pinned("import", town.public, "--dry-run", "--json").fields
    assert (looked["is_new"], looked["issued"]) == (True, "2026-11-29T03:00:00+00:00")
    taken = pinned("import", town.public, "--json").fields
    assert {name: taken[name] for name in ("outcome", "source", "timestamp", "card_status", "failed")} == {
        "outcome": "installed", "source": "stick", "timestamp": 3, "card_status": 1, "failed": [],
    }  # fmt: skip
    assert taken["content"] == pinned.household.lists.sealed.content


def test_a_folder_without_lists_is_told_once_and_in_words(pinned: CommandLine, town: Town) -> None:
    done = pinned("import", town.folder / "nowhere")
    assert done.code == TROUBLE
    assert done.err.count("there are no lists in") == 1
    assert "it must hold thechip-lists/metadata/timestamp.json and the rest [source-incomplete]" in done.err


def test_sync_names_the_mirrors_that_failed_and_the_one_that_did_not(pinned: CommandLine, town: Town) -> None:
    with Mirror(town.public, behaviours={"*": answers(503)}) as broken, Mirror(town.public) as good:
        pinned.household.mirrors = (broken.address, good.address)
        done = pinned("sync")
        assert done.code == WELL
        assert done.out.startswith(f"{good.address}: new lists are in use; lists 3, ")
        assert done.err == (
            f"thechip-appliance: {broken.address}: the source answers with the error 503 [source-unreachable]\n"
        )
        again = pinned("sync", "--json").fields
        assert again["failed"] == [{"source": broken.address, "reason": "source-unreachable"}]
        pinned.household.mirrors = (broken.address,)
        failed = pinned("sync")
        assert (failed.code, failed.out) == (TROUBLE, "")
        assert failed.err == done.err


def test_forged_lists_end_in_trouble_and_stand_in_the_history(pinned: CommandLine, town: Town, tmp_path: Path) -> None:
    old = town.carry_to(tmp_path / "old")
    town.next_day()
    pinned.household.machine.at = town.now
    pinned("import", town.public)
    done = pinned("import", old)
    assert done.code == TROUBLE
    assert done.err == (
        "thechip-appliance: stick: older lists than this device has seen, or old ones among new ones "
        "[list-rolled-back]\n"
    )
    pinned.household.machine.synchronised = True
    status = pinned("status")
    assert status.code == WELL
    assert "stick: failed [list-rolled-back]" in status.out


# --- how things stand ------------------------------------------------------------------------------------------------


def test_status_tells_all_that_somebody_needs_on_the_telephone(pinned: CommandLine, town: Town) -> None:
    bare = pinned("status")
    assert bare.code == NOT_AS_IT_MUST_BE
    assert "lists     none yet: thechip-appliance lists sync, or lists import PATH\n" in bare.out
    pinned("import", town.public)
    pinned.household.machine.synchronised = True
    pinned.household.machine.at += 8 * DAY
    pinned.household.machine.uptime += 8 * 86_400
    sealed, status = pinned.household.lists.sealed, pinned("status")
    assert status.code == WELL
    lines = dict(line.split(maxsplit=1) for line in status.out.splitlines()[:-1])
    assert lines["lists"] == "3, signed 2026-11-29 03:00 UTC, 8 days old [amber]"
    assert lines["cards"] == "card status list 1 of 2026-11-29"
    assert lines["content"] == f"{sealed.content[:16]}…"
    assert lines["roster"] == "of phuong-mau-3 in province 01"
    assert lines["from"] == "stick, 2026-11-29 03:00 UTC"
    assert lines["runs"] == "out  2027-01-13 (timestamp); then this copy gives nothing new, and what is in use stays"
    assert status.out.splitlines()[-1] == "11-29 03:00  stick: new lists are in use"


@pytest.mark.parametrize(
    ("days", "light", "code"), [(0, "green", WELL), (20, "amber", WELL), (40, "red", NOT_AS_IT_MUST_BE)]
)
def test_status_ends_by_the_light(pinned: CommandLine, town: Town, days: int, light: str, code: int) -> None:
    pinned("import", town.public)
    pinned.household.machine.synchronised = True
    pinned.household.machine.at += days * DAY
    pinned.household.machine.uptime += days * 86_400
    status = pinned("status", "--json")
    assert (status.code, status.fields["freshness"], status.fields["age_days"]) == (code, light, days)
    assert status.fields["problem"] is None
    assert status.fields["expires_first"] == {"role": "timestamp", "at": "2027-01-13T03:00:00+00:00"}


@pytest.mark.parametrize(
    ("days", "light", "said"),
    [(0, "none", "at least 0 days old, but"), (1, "none", "at least 1 day old, but"), (40, "red", "at least 40 days")],
)
def test_while_the_time_is_not_known_status_shows_no_green(
    pinned: CommandLine, town: Town, days: int, light: str, said: str
) -> None:
    pinned("import", town.public)
    machine = pinned.household.machine
    machine.restarts(at=town.now + days * DAY if days else datetime(1970, 1, 1, 0, 0, 20, tzinfo=UTC))
    status = pinned("status")
    assert status.code == NOT_AS_IT_MUST_BE
    assert f"{said}" in status.out
    assert f"the time is not known: clock show [{light}]" in status.out
    fields = pinned("status", "--json").fields
    assert (fields["freshness"], fields["age_days"], fields["age_at_least"]) == (light, days, True)


def test_status_says_that_a_roster_is_not_published(pinned: CommandLine, town: Town) -> None:
    town.provinces["01"].remove_roster("phuong-mau-3")
    town.bring_bundle("01")
    town.publish()
    pinned("import", town.public)
    assert (
        "roster    none for phuong-mau-3: not published, or the signature of province 01 has expired\n"
        in pinned("status").out
    )


def test_what_is_damaged_is_found_by_verify_and_mended_by_repair(pinned: CommandLine, town: Town) -> None:
    pinned("import", town.public)
    whole = pinned("verify")
    content = pinned.household.lists.sealed.content
    assert (whole.code, whole.out) == (WELL, f"The lists in use are whole: 6 files, content {content[:16]}.\n")
    assert pinned("verify", "--json").fields == {"ok": True, "content": content, "reason": None}
    rules = pinned.household.lists.folder.parts / pinned.household.lists.sealed.parts[PartKind.RULES].name
    (rules / "2026-2.json").chmod(0o600)
    (rules / "2026-2.json").write_bytes(b"{}")
    damaged = pinned("verify")
    assert damaged.code == NOT_AS_IT_MUST_BE
    assert damaged.out == (
        "The lists in use are damaged: the part rules is not what was taken up. "
        "Take them up anew: lists sync --repair, or lists import from a stick.\n"
    )
    assert pinned("verify", "--json").fields["reason"] == "list-altered"
    with Mirror(town.public) as mirror:
        pinned.household.mirrors = (mirror.address,)
        assert "nothing is newer" in pinned("sync").out
        assert "the same lists, all of them checked anew and whole; lists 3, " in pinned("sync", "--repair").out
    assert pinned("verify").code == WELL
