"""``thechip verify``: exit codes, JSON, dumps, and whom it names."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from verifier.sdk import Evidence

Run = Callable[..., object]
AT = ("--at", "2026-11-22T08:00:00Z")


@pytest.fixture
def verified(run: Run, trust: Path, card_status: tuple[str, ...]) -> Run:
    return lambda *more: run("verify", "--trust", trust, *AT, *card_status, *more)


@pytest.mark.parametrize(
    ("card", "code"), [("genuine", 0), ("clone-without-the-key", 1), ("expired", 1), ("revoked-card", 1)]
)
def test_the_exit_code_says_what_became_of_the_card(verified: Run, evidence_of: Callable, card: str, code: int) -> None:
    ran = verified(evidence_of(card))
    assert ran.code == code
    assert ran.err == ""


def test_without_card_status_list_the_code_says_undecided(run: Run, trust: Path, evidence_of: Callable) -> None:
    ran = run("verify", "--trust", trust, *AT, evidence_of("genuine"))
    assert ran.code == 3
    assert "card-status-list-missing" in ran.out


def test_the_worst_of_several_decides_and_a_damaged_one_hides_no_other(
    verified: Run, evidence_of: Callable, tmp_path: Path
) -> None:
    damaged = tmp_path / "damaged.json"
    damaged.write_text("{}")
    ran = verified("--json", evidence_of("genuine"), damaged, tmp_path / "missing.json", evidence_of("expired"))
    assert ran.code == 1
    assert [line.get("outcome") or line["error"]["reason"] for line in ran.json] == [
        "PASSED",
        "evidence-error",
        "file-error",
        "FAILED",
    ]
    assert verified(damaged).code == 5


def test_nobody_is_named_unless_asked_for(verified: Run, evidence_of: Callable) -> None:
    path = evidence_of("genuine")
    for arguments in ([path], [path, "--json"]):
        assert "MAU" not in verified(*arguments).out
    assert "MAU" in verified(path, "--show-holder").out
    assert verified(path, "--show-holder", "--json").json[0]["holder"]["surname"] == "MAU"
    forged = verified(evidence_of("altered-dg1"), "--show-holder")
    assert "not authenticated" in forged.out


def test_the_time_of_verification_is_an_argument(run: Run, trust: Path, evidence_of: Callable) -> None:
    ran = run("verify", "--trust", trust, "--at", "2060-01-01T00:00:00Z", "--json", evidence_of("genuine"))
    assert ran.json[0]["at"] == "2060-01-01T00:00:00+00:00"
    assert ran.code == 1
    assert run("verify", "--trust", trust, "--at", "yesterday", evidence_of("genuine")).code == 2


@pytest.mark.parametrize("at", ["2026-11-22T08:00:00", "2026-11-22"])
def test_a_time_without_a_zone_is_refused_with_a_sentence(
    run: Run, trust: Path, evidence_of: Callable, at: str
) -> None:
    ran = run("verify", "--trust", trust, "--at", at, evidence_of("genuine"))
    assert ran.code == 2
    assert "the time has no zone; add one, as in 2026-11-22T08:00:00Z" in ran.err


def test_a_file_that_is_missing_is_named_once(run: Run, trust: Path, evidence_of: Callable, tmp_path: Path) -> None:
    ran = run("verify", "--trust", trust, tmp_path / "nofile")
    assert ran.err == f"thechip: {tmp_path / 'nofile'}: no such file or directory\n"
    (tmp_path / "damaged.json").write_text("{}")
    assert f"thechip: {tmp_path / 'damaged.json'}: " in run("verify", "--trust", trust, tmp_path / "damaged.json").err


# --- a folder of dumped files -------------------------------------------------------------------------------------


@pytest.fixture
def dump(evidence_of: Callable, tmp_path: Path) -> Path:
    files = Evidence.from_bytes(evidence_of("genuine").read_bytes()).files
    folder = tmp_path / "dump"
    folder.mkdir()
    for name, file_name in {"EF.SOD": "EF_SOD.bin", "DG1": "DG1.bin", "DG14": "Datagroup14.bin"}.items():
        (folder / file_name).write_bytes(files[name])
    (folder / "notes.txt").write_text("not a file of a card")
    return folder


def test_a_dump_passes_only_as_data(verified: Run, dump: Path) -> None:
    undecided = verified("--profile", "vn-cccd", dump)
    assert undecided.code == 3
    assert "chip-authentication-not-performed" in undecided.out
    assert " access " not in undecided.out
    assert verified("--profile", "vn-cccd", "--data-only", dump).code == 0
    assert verified(dump).code == 3


def test_an_altered_dump_fails(verified: Run, dump: Path) -> None:
    content = bytearray((dump / "DG1.bin").read_bytes())
    content[-1] ^= 1
    (dump / "DG1.bin").write_bytes(content)
    assert verified("--data-only", dump).code == 1


def test_a_dump_with_a_file_twice_or_with_none_is_refused(verified: Run, dump: Path, tmp_path: Path) -> None:
    (dump / "SOD").write_bytes(b"")
    assert "EF.SOD twice" in verified(dump).err
    empty = tmp_path / "empty"
    empty.mkdir()
    assert verified(empty).code == 5


# --- mistakes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], 2),
        (["--card-status", "list-without-key"], 2),
        (["--profile", "no-such-profile"], 2),
        (["--trust", "/no/such/folder"], 5),
        (["--card-status", "/no/list", "--card-status-key", "/no/key"], 5),
        (["--no-such-option"], 2),
    ],
)
def test_a_mistake_ends_in_a_sentence(
    run: Run, trust: Path, evidence_of: Callable, arguments: list[str], code: int
) -> None:
    evidence = [] if not arguments else [evidence_of("genuine")]
    ran = run("verify", "--trust", trust, *AT, *arguments, *evidence)
    assert ran.code == code
    assert ran.err


def test_a_wrong_key_for_the_card_status_list_is_refused(
    run: Run, trust: Path, evidence_of: Callable, card_status: tuple[str, ...], tmp_path: Path
) -> None:
    for content in ("00" * 32, "not a key", "-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n"):
        key = tmp_path / "key"
        key.write_text(content)
        ran = run("verify", "--trust", trust, *AT, *card_status[:3], key, evidence_of("genuine"))
        assert ran.code == 5


def test_an_index_of_the_trust_folder_is_kept_and_read(
    verified: Run, evidence_of: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = tmp_path / "trust.index"
    common = ("--trust-index", index, evidence_of("genuine"))
    assert verified(*common).code == 0
    ahead = index.stat().st_mtime_ns + 10**9  # one that is as young as the folder is not taken
    os.utime(index, ns=(ahead, ahead))
    monkeypatch.setattr(
        "verifier.pki.trust.trust_store.scan_files", lambda *_, **__: pytest.fail("the folder was read")
    )
    assert verified(*common).code == 0


def test_an_index_that_cannot_be_written_is_named_and_the_card_verified_all_the_same(
    verified: Run, evidence_of: Callable, tmp_path: Path
) -> None:
    ran = verified("--trust-index", tmp_path / "nowhere" / "trust.index", evidence_of("genuine"))
    assert ran.code == 0
    assert "the index cannot be written (No such file or directory)" in ran.err


def test_an_index_of_no_folder_is_refused(run: Run, tmp_path: Path) -> None:
    ran = run("read", "--evidence", tmp_path / "card.json", "--trust-index", tmp_path / "trust.index")
    assert ran.code == 2
    assert "name the folder by --trust" in ran.err


def test_who_chose_the_policy_is_told(run: Run, trust: Path, evidence_of: Callable) -> None:
    """Whoever writes a file can name a profile that asks for less."""
    file = evidence_of("genuine")
    arguments = ("verify", file, "--trust", trust, "--at", "2026-11-22T08:00:00Z")
    assert "The file itself chose the policy, that of party-card; --profile names yours." in run(*arguments).out
    assert run(*arguments, "--json").json[0]["policy"] == {"profile": "party-card", "chosen_by": "evidence"}
    named = (*arguments, "--profile", "vn-cccd")
    assert "Judged by the policy of vn-cccd; the file names party-card." in run(*named).out
    assert run(*named, "--json").json[0]["policy"] == {"profile": "vn-cccd", "chosen_by": "option"}
    assert "--profile" not in run(*arguments, "--profile", "party-card").out


def test_a_folder_of_evidence_files_is_for_batch(verified: Run, evidence_of: Callable, tmp_path: Path) -> None:
    evidence_of("genuine")
    ran = verified(tmp_path)
    assert ran.code == 5
    assert f"evidence files of many cards are for thechip batch {tmp_path}" in ran.err
