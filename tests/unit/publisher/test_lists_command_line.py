"""``thechip-lists`` from the outside: what it prints, how it ends, and that no mistake of a user is a traceback."""

import json
import os
import pty
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyrage
import pytest

from appliance.lists.pinning import decode_root
from appliance.lists.rules_document import encode_rules
from appliance.rules import BUILT_IN
from publisher.__main__ import main
from publisher.desk import Desk
from verifier.sdk.testing import SyntheticPki

from .conftest import SECRET, table_of

PASSPHRASE = "an invented passphrase"
RULES = replace(BUILT_IN, version="2026-2")
KEYS = "root-1,root-2,root-3,targets,snapshot,timestamp,central,card-status,province-01"


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


@dataclass
class CommandLine:
    folder: Path
    passphrases: Path
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str | Path) -> Ended:
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as ended:  # argparse
            code = int(ended.code or 0)
        captured = self.capsys.readouterr()
        assert "Traceback" not in captured.err
        assert PASSPHRASE not in captured.out + captured.err
        return Ended(code, captured.out, captured.err)

    def at_desk(self, *arguments: str | Path) -> Ended:
        """A command that needs no key."""
        return self(*arguments, "--desk", self.folder)

    def with_keys(self, *arguments: str | Path) -> Ended:
        """A command that needs keys, unattended: passphrases come from a file."""
        return self.at_desk(*arguments, "--passphrase-file", f"{KEYS}={self.passphrases}")


@pytest.fixture
def line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    path = tmp_path / "passphrase"
    path.write_text(f"{PASSPHRASE}\n")
    path.chmod(0o600)
    return CommandLine(tmp_path / "desk", path, capsys)


@pytest.fixture
def run(line: CommandLine) -> CommandLine:
    """The command line over a desk that ``init`` made."""
    assert line.with_keys("init").code == 0
    return line


@pytest.fixture
def issuer(tmp_path: Path) -> Path:
    path = tmp_path / "csca.cer"
    path.write_bytes(SyntheticPki(at=datetime.now(UTC) - timedelta(days=1)).csca.certificate)
    return path


# --- usage ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["add"],
        ["remove"],
        ["province"],
        ["verify", "x"],
        ["delegate", "01"],
        ["init", "--passphrase-file", "x"],
        ["init", "--hsm-role", "timestamp"],
        ["rotate"],
    ],
)
def test_wrong_usage_is_explained(line: CommandLine, arguments: list[str]) -> None:
    ended = line(*arguments)
    assert ended.code == 2
    assert "usage:" in ended.err


def test_no_option_takes_a_passphrase_itself(line: CommandLine) -> None:
    assert line("init", "--passphrase", PASSPHRASE).code == 2
    told = line("init", "--help").out
    assert "--passphrase-file NAME[,NAME]=PATH" in re.sub(r"\s+", " ", told)


@pytest.mark.parametrize(
    "arguments",
    [
        ["status"],
        ["publish"],
        ["rotate", "timestamp"],
        ["add", "rules", "x"],
        ["accept", "x"],
        ["delegate", "01", "--key", "x"],
    ],
)
def test_a_folder_without_a_desk_is_told(line: CommandLine, arguments: list[str]) -> None:
    ended = line.at_desk(*arguments)
    assert (ended.code, ended.out) == (3, "")
    assert ended.err.endswith("[desk-error]\n")
    assert ended.err.startswith("thechip-lists: there is no desk in")


@pytest.mark.parametrize(
    "arguments",
    [["rotate", "nobody"], ["rotate", "root", "--threshold", "7"], ["rotate", "timestamp", "--hsm", "x"], ["sign"]],
)
def test_what_cannot_be_is_a_mistake_in_usage(run: CommandLine, arguments: list[str]) -> None:
    ended = run.with_keys(*arguments)
    assert ended.code == 2
    assert "[wrong-usage]" in ended.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["add", "trust", "nowhere"],
        ["add", "card-status", "nowhere"],
        ["add", "rules", "nowhere"],
        ["accept", "nowhere"],
    ],
)
def test_a_file_that_is_not_there_is_named(run: CommandLine, arguments: list[str]) -> None:
    ended = run.at_desk(*arguments)
    assert ended.code == 3
    assert "nowhere" in ended.err or "passphrase of card-status" in ended.err


# --- the ceremony -----------------------------------------------------------------------------------------------------


def test_init_prints_the_hash_that_appliances_are_given(run: CommandLine, line: CommandLine) -> None:
    desk = Desk(line.folder)
    again = line.with_keys("init")
    assert (again.code, "already" in again.err) == (3, True)
    assert desk.first_root_sha256 != ""


def test_what_init_says(line: CommandLine) -> None:
    ended = line.with_keys("init")
    assert ended.code == 0
    told = decode_root(Desk(line.folder).first_root).read_aloud
    assert f"SHA-256 of 1.root.json, which appliances are given:\n  {told}\n" in ended.out
    assert re.search(r"^root        2 of root-1 [0-9a-f]{16}, root-2 [0-9a-f]{16}, root-3", ended.out, re.MULTILINE)
    assert re.search(r"^card-status [0-9a-f]{16}$", ended.out, re.MULTILINE)


def test_the_keys_of_root_are_made_on_the_sticks_that_are_named(line: CommandLine, tmp_path: Path) -> None:
    sticks = [tmp_path / f"stick{number}" for number in (1, 2, 3)]
    options = [word for stick in sticks for word in ("--keys", stick)]
    assert line.with_keys("init", *options).code == 0
    assert [[path.name[:6] for path in stick.iterdir()] for stick in sticks] == [["root-1"], ["root-2"], ["root-3"]]
    half = line.with_keys("rotate", "timestamp", "--keys", sticks[0])
    assert "waits for 1 signature more" in half.out
    whole = line.with_keys("sign", "--keys", sticks[2])
    assert "is complete; publish takes it" in whole.out
    assert "signed root, version 2" in line.with_keys("publish").out


def test_a_root_is_signed_where_there_is_no_desk(line: CommandLine, tmp_path: Path) -> None:
    sticks = [tmp_path / f"stick{number}" for number in (1, 2, 3)]
    line.with_keys("init", *[word for stick in sticks for word in ("--keys", stick)])
    line.with_keys("rotate", "timestamp", "--keys", sticks[0])
    sent = line.with_keys("rotate", "timestamp", "--keys", sticks[0]).out.splitlines()[-2:]
    shutil.copy(line.folder / "pending" / "2.root.json", sticks[1])
    ended = line(
        "sign", sticks[1] / "2.root.json", "--desk", tmp_path, "--passphrase-file", f"root-2={line.passphrases}"
    )
    assert ended.code == 0
    assert ended.out.splitlines()[:2] == sent
    assert "bring 2.root.json back to the desk" in ended.out
    assert "is complete" in line.with_keys("sign", sticks[1] / "2.root.json").out


def test_plain_rotate_root_asks_which_key(run: CommandLine) -> None:
    ended = run.with_keys("rotate", "root")
    assert (ended.code, "one of root-1, root-2, root-3" in ended.err) == (2, True)
    assert run.with_keys("rotate", "root", "--renew", "--new-key").code == 2
    assert run.with_keys("rotate", "timestamp", "--renew").code == 2
    assert "pending" not in run.at_desk("status").out
    assert run.with_keys("rotate", "root", "--renew").code == 0
    assert "signed root, version 2" in run.with_keys("publish").out


def test_a_lost_root_key_is_replaced_and_its_successor_is_named(run: CommandLine) -> None:
    lost = next((run.folder / "keys").glob("root-2.*"))
    lost.unlink()
    assert "(root-2, not here)" in run.at_desk("status").out
    files = f"root-1,root-3,root-4={run.passphrases}"
    ended = run.at_desk("rotate", "root", "--new-key", "--remove", "root-2", "--passphrase-file", files)
    keyid = lost.name.split(".")[1]
    assert f"root gives up the key root-2 {keyid}\n" in ended.out
    made = next((run.folder / "keys").glob("root-4.*")).name
    assert f"carry {made} apart from the desk now; --passphrase-file calls it root-4\n" in ended.out
    assert "is complete; publish takes it" in ended.out
    assert "signed root, version 2" in run.with_keys("publish").out


def test_a_key_that_was_given_up_is_told_to_be_destroyed(run: CommandLine) -> None:
    old = next((run.folder / "keys").glob("timestamp.*"))
    assert "after publish, destroy" in run.with_keys("rotate", "timestamp").out
    assert f"keys/{old.name} signs nothing any more: destroy it" in run.with_keys("publish").out
    assert f"keys/{old.name} signs nothing: destroy it" in run.at_desk("status").out
    old.unlink()
    assert "destroy" not in run.with_keys("publish").out + run.at_desk("status").out


def test_passphrases_are_asked_for_at_a_terminal_and_never_shown(tmp_path: Path) -> None:
    """A real terminal: each new key's passphrase is typed twice, and the terminal shows none."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "publisher", "province", "init", "01", "--desk", str(tmp_path / "p")]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    shown = b""
    try:
        for prompt in (b"(new): ", b"again: "):
            while prompt not in shown:
                shown += os.read(ours, 1024)
            os.write(ours, PASSPHRASE.encode() + b"\n")
        while b"by another way" not in shown:
            shown += os.read(ours, 1024)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert b"Passphrase of province-01 (new): " in shown
    assert PASSPHRASE.encode() not in shown


def test_a_ceremony_says_at_its_beginning_whose_passphrases_are_asked_for(tmp_path: Path, line: CommandLine) -> None:
    ours, theirs = pty.openpty()
    known = f"timestamp,snapshot,targets,central={line.passphrases}"
    command = [sys.executable, "-m", "publisher", "init", "--desk", str(tmp_path / "p"), "--passphrase-file", known]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    shown = b""
    try:
        while b"(new): " not in shown:
            shown += os.read(ours, 1024)
        os.write(ours, b"\n")
        assert process.wait(30) == 3
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert shown.startswith(b"4 passphrases will be asked for, each twice: card-status, root-1, root-2, root-3.")
    assert b"Each of root's is typed by whoever will keep that key." in shown
    assert not list(tmp_path.rglob("*.pem"))


# --- publishing -------------------------------------------------------------------------------------------------------


def test_a_day_of_a_publisher(run: CommandLine, issuer: Path, tmp_path: Path) -> None:
    added = run.at_desk("add", "trust", issuer)
    assert re.search(r"^new  root  VN until \d{4}-\d\d-\d\d [0-9a-f]{64}  C=VN", added.out)
    assert "staged: 1 root, 0 link certificates, 0 CRLs" in added.out
    assert "nothing changed" in run.at_desk("add", "trust", issuer).out
    cards = tmp_path / "cards.csv"
    cards.write_text(table_of(range(3)))
    listed = run.with_keys("add", "card-status", cards)
    assert "staged: card status list 1, 3 cards: 3 lost\n+3 new, −0 no longer listed, 0 changed\n" in listed.out
    assert "a new base of 191 bytes: the first\n" in listed.out
    rules = tmp_path / "rules.json"
    rules.write_bytes(encode_rules(RULES))
    assert run.at_desk("add", "rules", rules).out == "staged: rules of version 2026-2\n"
    assert "staged  rules/2026-2.json" in run.at_desk("status").out
    published = run.with_keys("publish")
    assert (published.code, published.err) == (0, "")
    assert "target rules/2026-2.json" in published.out
    assert re.search(r"^signed timestamp, version 2, \d+ bytes, until \d{4}-\d\d-\d\d \(always\)$", published.out, re.M)
    verified = run("verify", run.folder / "public", "--root", run.folder / "public" / "metadata" / "1.root.json")
    assert verified.code == 0
    assert "an appliance takes it: 5 targets" in verified.out
    cards.write_text(table_of(range(4)))
    assert re.search(r"^a delta to the base of .*, of 213 bytes$", run.with_keys("add", "card-status", cards).out, re.M)
    assert run.with_keys("publish").code == 0
    assert run.at_desk("status").code == 0


def test_the_rules_of_a_version_stay_as_they_were_published(run: CommandLine, tmp_path: Path) -> None:
    rules = tmp_path / "rules.json"
    rules.write_bytes(encode_rules(replace(BUILT_IN, version="2026-9")))
    run.at_desk("add", "rules", rules)
    run.with_keys("publish")
    rules.write_bytes(encode_rules(replace(BUILT_IN, version="2026-9")).replace(b"85", b"51"))
    ended = run.at_desk("add", "rules", rules)
    assert (ended.code, "give these another version" in ended.err) == (3, True)
    assert "staged  " not in run.at_desk("status").out
    rules.write_text("{}")
    assert "[list-rejected]" in run.at_desk("add", "rules", rules).err


def test_what_is_staged_can_be_let_go(run: CommandLine, issuer: Path, tmp_path: Path) -> None:
    rules, cards = tmp_path / "rules.json", tmp_path / "cards.csv"
    rules.write_bytes(encode_rules(RULES))
    cards.write_text(table_of(range(3)))
    run.at_desk("add", "trust", issuer)
    run.with_keys("add", "card-status", cards)
    run.at_desk("add", "rules", rules)
    assert "replaced" not in run.at_desk("add", "rules", rules).out
    rules.write_bytes(encode_rules(RULES).replace(b"85", b"51"))
    assert "other rules that were staged under this version are replaced" in run.at_desk("add", "rules", rules).out
    assert run.at_desk("unstage", "rules/2026-2.json").out == "no longer staged: rules/2026-2.json\n"
    gone = run.at_desk("unstage", "card-status/base.list").out
    assert gone == "no longer staged: card-status/base.list\nno longer staged: card-status/issuer.key\n"
    assert run.at_desk("unstage", "trust").code == 0
    assert "staged" not in run.at_desk("status").out
    ended = run.at_desk("unstage", "rules")
    assert (ended.code, "nothing is staged as rules" in ended.err) == (2, True)


def test_without_passphrases_nothing_is_published_and_it_is_told_which_are_missing(run: CommandLine) -> None:
    ended = run.at_desk("publish")
    assert ended.code == 3
    assert "no passphrase was given of timestamp (at a terminal, or --passphrase-file timestamp=FILE)" in ended.err
    assert ended.err.endswith("[passphrase-missing]\n")


def test_a_certificate_is_removed_by_its_fingerprint(run: CommandLine, issuer: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.cer"
    other.write_bytes(
        SyntheticPki(at=datetime.now(UTC) - timedelta(days=1), state="UTO", country="UT").csca.certificate
    )
    told = run.at_desk("add", "trust", issuer, other).out
    fingerprint = re.search(r"root  UT until \S+ ([0-9a-f]{64})", told)[1]
    gone = run.at_desk("remove", "trust", fingerprint[:12])
    assert "gone root  UT until 20" in gone.out
    assert "staged: 1 root" in gone.out
    assert run.at_desk("remove", "trust", "abc").code == 3


def test_a_faulty_register_is_told_by_all_its_lines(run: CommandLine, tmp_path: Path) -> None:
    cards = tmp_path / "cards.csv"
    for faults, told in ((7, "7 faults"), (120, "at least 100 faults")):
        cards.write_text("hash,state,since\n" + "xy,lost,2026-01-01\n" * faults)
        ended = run.with_keys("add", "card-status", cards)
        assert ended.code == 2
        lines = ended.err.splitlines()
        assert lines[0] == "thechip-lists: line 2: a hash is 32 or 64 hexadecimal digits"
        assert len(lines) == min(faults, 100) + 1
        assert lines[-1] == f"thechip-lists: {told} in the table of cards; nothing is staged [faulty-table]"


def test_a_table_that_is_only_a_part_is_refused_until_somebody_says_the_number(
    run: CommandLine, tmp_path: Path
) -> None:
    cards = tmp_path / "cards.csv"
    cards.write_text(table_of(range(40)))
    run.with_keys("add", "card-status", cards)
    run.with_keys("publish")
    cards.write_text(table_of([40]))
    ended = run.with_keys("add", "card-status", cards)
    assert (ended.code, ended.err.endswith("--no-longer-listed 40 [table-incomplete]\n")) == (3, True)
    assert "staged " not in run.at_desk("status").out
    meant = run.with_keys("add", "card-status", cards, "--no-longer-listed", "40")
    assert "+1 new, −40 no longer listed, 0 changed\n" in meant.out


def test_status_is_one_when_something_expires_soon(line: CommandLine) -> None:
    Desk.found(line.folder, at=datetime.now(UTC) - timedelta(days=40), passphrases=SECRET)
    ended = line.at_desk("status")
    assert ended.code == 1
    assert re.search(r"^! timestamp    version 1 .* days left; 1 of [0-9a-f]{16} \(timestamp\)$", ended.out, re.M)
    told = json.loads(line.at_desk("status", "--json").out)
    assert (told["is_well"], [role["role"] for role in told["roles"] if role["is_soon"]]) == (False, ["timestamp"])
    Desk(line.folder, passphrases=SECRET).publish(at=datetime.now(UTC))
    assert line.at_desk("status").code == 0


def test_a_clock_that_is_behind_publishes_nothing(line: CommandLine) -> None:
    Desk.found(line.folder, at=datetime.now(UTC) + timedelta(days=1), passphrases=SECRET)
    ended = line.with_keys("publish")
    assert (ended.code, "[clock-suspect]" in ended.err) == (3, True)
    assert line.with_keys("publish", "--clock-is-right").code == 0


def test_a_folder_that_no_appliance_takes_is_told(run: CommandLine) -> None:
    root = run.folder / "public" / "metadata" / "1.root.json"
    (run.folder / "public" / "metadata" / "timestamp.json").write_text("{}")
    ended = run("verify", run.folder / "public", "--root", root)
    assert (ended.code, "[publication-invalid]" in ended.err) == (1, True)
    assert run("verify", run.folder / "public", "--root", run.folder / "nowhere").code == 3


def test_a_desk_from_a_backup_goes_on_from_a_mirror(run: CommandLine, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    shutil.copytree(run.folder, backup)
    assert run.with_keys("publish").code == 0
    shutil.rmtree(backup / "public")
    shutil.copytree(run.folder / "public", backup / "public")
    ended = run("recover", "--desk", backup)
    assert (ended.code, "timestamp    version 2" in ended.out) == (0, True)
    assert "this desk goes on from what was published" in ended.out


# --- provinces --------------------------------------------------------------------------------------------------------


@pytest.fixture
def province(run: CommandLine, tmp_path: Path) -> CommandLine:
    line = CommandLine(tmp_path / "province", run.passphrases, run.capsys)
    assert line.with_keys("province", "init", "01").code == 0
    return line


@pytest.fixture
def roster(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "roster.csv"
        path.write_text(text)
        return path

    return write


def test_a_provinces_roster_goes_its_way(
    run: CommandLine, province: CommandLine, roster: Callable[[str], Path]
) -> None:
    recipient = str(pyrage.x25519.Identity.generate().to_public())
    table = roster("họ tên,diện\nMẫu Thị Sen,chính thức\n")
    staged = province.at_desk(
        "add", "roster", table, "--province", "01", "--chi-bo", "cb-3", "--title", "Chi bộ 3", "--to", recipient
    )
    assert "staged: rosters/01/cb-3.age, 1 member, sealed to 1 appliance" in staged.out
    assert "Sen" not in staged.out + staged.err
    assert "signed province-01, version 1" in province.with_keys("publish").out
    assert province.with_keys("publish").out == "nothing to publish\n"
    assert province.at_desk("status").code == 0
    delegated = run.with_keys("delegate", "01", "--key", province.folder / "province-01.public.json")
    assert "signs the rosters of province 01" in delegated.out
    accepted = run.at_desk("accept", province.folder / "public")
    assert "pending: version 1 of province-01, 1 roster, 1 new, 0 gone" in accepted.out
    assert "target rosters/01/cb-3.age" in run.with_keys("publish").out
    assert "rosters/01/cb-3.age will be gone" in province.at_desk("remove", "roster", "--chi-bo", "cb-3").out
    assert "gone   rosters/01/cb-3.age" in province.with_keys("publish").out
    assert "nobody signs the rosters" in run.with_keys("revoke-delegation", "01").out


def test_a_provinces_desk_is_not_its_bundle(run: CommandLine, province: CommandLine) -> None:
    run.with_keys("delegate", "01", "--key", province.folder / "province-01.public.json")
    closed = province.at_desk("publish")
    assert "no passphrase was given of province-01" in closed.err
    province.with_keys("publish")
    ended = run.at_desk("accept", province.folder)
    assert (ended.code, f"its bundle is the folder {province.folder / 'public'}" in ended.err) == (3, True)


def test_a_pending_delegation_is_told_when_it_waits(run: CommandLine, province: CommandLine) -> None:
    run.with_keys("delegate", "01", "--key", province.folder / "province-01.public.json")
    ended = run.with_keys("publish")
    assert (ended.code, "waits for a bundle of province-01" in ended.err) == (0, True)


def test_the_desk_of_one_province_signs_nothing_of_another(
    province: CommandLine, roster: Callable[[str], Path]
) -> None:
    table = roster("họ tên,diện\nMẫu Thị Sen,chính thức\n")
    ended = province.at_desk(
        "add", "roster", table, "--province", "02", "--chi-bo", "x", "--title", "x", "--to", "age1x"
    )
    assert (ended.code, "desk of province 01" in ended.err) == (2, True)


def test_faults_of_a_roster_are_told_without_persons(province: CommandLine, roster: Callable[[str], Path]) -> None:
    table = roster("họ tên,diện\nMẫu Thị Sen,xyz\n")
    ended = province.at_desk("add", "roster", table, "--chi-bo", "x", "--title", "x", "--to", "age1x")
    assert ended.code == 3
    assert "line 2" in ended.err
    assert "Sen" not in ended.err


def test_keys_of_card_status_and_of_a_province_rotate_at_their_desks(run: CommandLine, province: CommandLine) -> None:
    assert "the next add card-status makes a base" in run.with_keys("rotate", "card-status").out
    assert "delegate 01 --key FILE" in province.with_keys("rotate", "province-01").out
    assert "at its own desk" in run.with_keys("rotate", "province-01").err


def test_a_bundle_of_nobody_is_refused(run: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "bundle" / "metadata").mkdir(parents=True)
    ended = run.at_desk("accept", tmp_path / "bundle")
    assert (ended.code, "[bundle-rejected]" in ended.err) == (3, True)
