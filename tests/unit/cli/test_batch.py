"""``thechip batch``: many files, several cores, stopped and resumed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from verifier.cli import batch_command

Run = Callable[..., object]
AT = ("--at", "2026-11-22T08:00:00Z")


@pytest.fixture
def folder(stored: dict[str, bytes], tmp_path: Path) -> Path:
    """Forty genuine cards, an expired one, an altered one, and a file that is no evidence."""
    folder = tmp_path / "evidence"
    folder.mkdir()
    for number in range(40):
        (folder / f"{number:03}.json").write_bytes(stored["genuine"])
    (folder / "050-expired.json").write_bytes(stored["expired"])
    (folder / "060-altered.json").write_bytes(stored["altered-dg1"])
    (folder / "070-damaged.json").write_bytes(b"{}")
    (folder / ".hidden").write_bytes(b"not looked at")
    return folder


@pytest.fixture
def batch(run: Run, trust: Path, card_status: tuple[str, ...]) -> Run:
    return lambda *more: run("batch", "--trust", trust, *card_status, *more)


def test_what_did_not_pass_is_told_and_every_reason_counted(batch: Run, folder: Path) -> None:
    ran = batch(folder, *AT)
    assert ran.code == 1
    assert [line.split(": ")[0].rpartition("/")[2] for line in ran.out.splitlines()] == [
        "050-expired.json",
        "060-altered.json",
        "070-damaged.json",
    ]
    counts = {line.split()[1]: int(line.split()[0]) for line in ran.err.splitlines()}
    assert counts == {
        "verified": 40,
        "document-expired": 1,
        "data-group-altered": 1,
        "evidence-error": 1,
        "files": 43,
    }


def test_several_workers_say_the_same_in_the_same_order(batch: Run, folder: Path) -> None:
    alone, shared = batch(folder, *AT, "--json"), batch(folder, *AT, "--json", "--workers", 2)
    assert shared.out == alone.out
    assert shared.code == alone.code
    assert len(shared.json) == 43


def test_a_run_that_was_stopped_goes_on_where_it_was(batch: Run, folder: Path, tmp_path: Path) -> None:
    whole, stopped = tmp_path / "whole.jsonl", tmp_path / "stopped.jsonl"
    batch(folder, *AT, "--output", whole)
    lines = whole.read_bytes().splitlines(keepends=True)
    stopped.write_bytes(b"".join(lines[:21]) + lines[21][:30])  # a power cut in the middle of the 21st result
    ran = batch(folder, "--output", stopped, "--resume")
    assert stopped.read_bytes() == whole.read_bytes()  # judged as of the time of the first run, too
    assert ran.code == 1
    assert "20 results are there already" in ran.err
    assert "43  files" in ran.err


def test_a_batch_tells_who_chose_the_policy(batch: Run, folder: Path) -> None:
    assert "43  files by the policies that they chose themselves; --profile names yours" in batch(folder, *AT).err
    assert "chose themselves" not in batch(folder, *AT, "--profile", "vn-cccd").err
    chosen = {one["policy"]["chosen_by"] for one in batch(folder, *AT, "--json").json if "policy" in one}
    named = {
        tuple(o["policy"].values()) for o in batch(folder, *AT, "--profile", "vn-cccd", "--json").json if "policy" in o
    }
    assert (chosen, named) == ({"evidence"}, {("vn-cccd", "option")})


def test_results_of_other_terms_are_not_mixed(batch: Run, folder: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.jsonl"
    batch(folder, *AT, "--output", kept)
    before = kept.read_bytes()
    later = batch(folder, "--at", "2027-01-01T00:00:00Z", "--output", kept, "--resume")
    assert later.code == 2
    assert "other terms (at differs)" in later.err
    assert batch(folder, *AT, "--profile", "icao-mrtd", "--output", kept, "--resume").code == 2
    again = batch(folder, *AT, "--output", kept)
    assert again.code == 2
    assert "--resume" in again.err
    assert kept.read_bytes() == before


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"no results\n", 5), (b"[]\n", 5), (b'{"format": "thechip-batch", "version": 2}\n', 5)],
)
def test_a_file_that_holds_no_results_is_left_alone(
    batch: Run, folder: Path, tmp_path: Path, content: bytes, code: int
) -> None:
    other = tmp_path / "other"
    other.write_bytes(content)
    assert batch(folder, *AT, "--output", other, "--resume").code == code
    assert other.read_bytes() == content


@pytest.mark.parametrize(
    "line", [b"{}", b'{"source": "a"}', b'{"source": "a", "outcome": "GOOD", "reason": "x"}', b"1"]
)
def test_a_damaged_result_stops_the_run_with_a_sentence(batch: Run, folder: Path, tmp_path: Path, line: bytes) -> None:
    kept = tmp_path / "kept.jsonl"
    batch(folder, *AT, "--output", kept)
    damaged = kept.read_bytes() + line + b"\n"
    kept.write_bytes(damaged)
    ran = batch(folder, "--output", kept, "--resume")
    assert ran.code == 5
    assert "kept.jsonl" in ran.err
    assert kept.read_bytes() == damaged


def test_results_are_for_their_owner_and_name_nobody_unless_asked_to(batch: Run, folder: Path, tmp_path: Path) -> None:
    anonymous, named = tmp_path / "anonymous", tmp_path / "named"
    batch(folder, *AT, "--output", anonymous)
    batch(folder, *AT, "--output", named, "--show-holder")
    assert anonymous.stat().st_mode & 0o777 == 0o600
    assert b"MAU" not in anonymous.read_bytes()
    assert b"MAU" in named.read_bytes()


def test_files_may_be_named_on_standard_input(run: Run, trust: Path, folder: Path) -> None:
    names = "".join(f"{folder / name}\n" for name in ("001.json", "missing.json", "050-expired.json"))
    ran = run("batch", "--trust", trust, *AT, "--json", "-", stdin=names)
    assert [line.get("reason") or line["error"]["reason"] for line in ran.json] == [
        "card-status-list-missing",
        "evidence-error",
        "document-expired",
    ]


@pytest.mark.parametrize("arguments", [("--resume",), ("--data-only",), ("--workers", "0"), ("--workers", "1000")])
def test_what_cannot_be_meant_is_refused_before_anything_is_done(
    batch: Run, folder: Path, arguments: tuple[str, ...]
) -> None:
    ran = batch(folder, *AT, *arguments)
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.count("\n") == 1


def test_every_result_is_a_line_as_verify_writes_it(run: Run, batch: Run, trust: Path, folder: Path) -> None:
    one = folder / "050-expired.json"
    (line,) = batch(one, *AT, "--json").json
    assert set(json.loads(run("verify", "--trust", trust, *AT, "--json", one).out)) == set(line)


@pytest.mark.parametrize("begun", [b"", b'{"for', b'{"format": "thechip-batch", "version": 1, "at": "20'])
def test_a_run_that_was_stopped_at_once_begins_anew(batch: Run, folder: Path, tmp_path: Path, begun: bytes) -> None:
    results = tmp_path / "results.jsonl"
    results.write_bytes(begun)
    assert batch(folder, *AT, "--output", results, "--resume").code == 1
    assert len(results.read_bytes().splitlines()) == 44


@pytest.mark.parametrize("line", [b"[" * 60_000, b'{"x": ' * 10_000, b"9" * 70_000, b"9" * 60_000])
def test_a_line_of_results_made_to_break_it_is_a_damaged_file(
    batch: Run, folder: Path, tmp_path: Path, line: bytes
) -> None:
    results = tmp_path / "results.jsonl"
    batch(folder, *AT, "--output", results)
    first, *others = results.read_bytes().splitlines(keepends=True)
    for content in (first + line + b"\n" + b"".join(others), line + b"\n" + b"".join(others)):
        results.write_bytes(content)
        assert batch(folder, *AT, "--output", results, "--resume").code == 5
        assert results.read_bytes() == content


@pytest.mark.parametrize("at", ["", "2026-11-22T08:00:00", "noon", 5, None])
def test_results_that_do_not_tell_their_time_are_damaged(batch: Run, folder: Path, tmp_path: Path, at: object) -> None:
    results = tmp_path / "results.jsonl"
    batch(folder, *AT, "--output", results)
    first, *others = results.read_text().splitlines(keepends=True)
    results.write_text(json.dumps(json.loads(first) | {"at": at}) + "\n" + "".join(others))
    assert batch(folder, "--output", results, "--resume").code == 5


def test_a_pipe_holds_no_results(batch: Run, folder: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert batch(folder, *AT, "--output", tmp_path / "pipe", "--resume").code == 5


def test_a_file_name_of_two_lines_makes_no_second_result(
    batch: Run, run: Run, trust: Path, stored: dict[str, bytes], tmp_path: Path
) -> None:
    path = tmp_path / "x\nPASSED (verified)"
    path.write_bytes(stored["expired"])
    assert len(batch(path, *AT).out.splitlines()) == 1
    assert not any(line.startswith("PASSED") for line in run("verify", "--trust", trust, *AT, path).out.splitlines())
    assert len(run("verify", "--trust", trust, *AT, f"{path}, absent").err.splitlines()) == 1


def test_a_list_of_files_from_an_input_that_is_closed_is_empty_and_nothing_passes_by_it(trust: Path) -> None:
    ran = subprocess.run(
        ["/bin/sh", "-c", f"exec {sys.executable} -m verifier.cli batch --trust {trust} - <&-"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (5, "thechip: -: no file was found, so nothing was verified\n")


def test_a_worker_that_is_ended_from_outside_ends_the_run_with_a_sentence(
    batch: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(paths: Iterable[Path], *_: object, **__: object) -> Iterator[object]:
        yield from ()
        raise BrokenProcessPool

    monkeypatch.setattr(batch_command, "verify_files", ended)
    ran = batch(folder, *AT, "--workers", 2)
    assert ran.code == 5
    assert "--resume goes on" in ran.err


def test_an_empty_folder_is_said_to_be_empty_and_is_no_success(batch: Run, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    ran = batch(empty, *AT)
    assert ran.code == 5
    assert ran.err == f"thechip: {empty}: no file was found, so nothing was verified\n"
    assert batch(empty, *AT, "--json").json[0]["error"]["reason"] == "evidence-error"


def test_folders_inside_folders_are_looked_into_or_said_to_be_left_out(
    batch: Run, stored: dict[str, bytes], tmp_path: Path
) -> None:
    outer = tmp_path / "outer"
    inner = outer / "b" / "c"
    inner.mkdir(parents=True)
    (inner / ".hidden").mkdir()
    (outer / "round").symlink_to(outer)
    for path in (outer / "a.json", inner / "d.json", outer / "b" / "e.json"):
        path.write_bytes(stored["genuine"])
    flat = batch(outer, *AT, "--json")
    assert [line["source"] for line in flat.json] == [str(outer / "a.json")]
    assert "2 folders inside folders were left out; --recursive" in batch(outer, *AT).err
    deep = batch(outer, *AT, "--json", "--recursive")
    assert [line["source"] for line in deep.json] == [
        str(outer / name) for name in ("a.json", "b/e.json", "b/c/d.json")
    ]


def test_how_many_that_passed_were_looked_up_nowhere_is_said_also_of_an_earlier_run(
    run: Run, batch: Run, trust: Path, folder: Path, tmp_path: Path
) -> None:
    results = tmp_path / "results.jsonl"
    passport = ("batch", "--trust", trust, *AT, "--profile", "icao-mrtd", folder, "--output", results)
    assert "40  of those that passed were looked up in no card status list" in run(*passport).err
    resumed = run(*passport, "--resume").err
    assert "40  of those that passed were looked up in no card status list" in resumed
    assert f"3  did not pass in the earlier run; {results} tells which" in resumed
    assert "looked up in no" not in batch(folder, *AT).err


@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_that_somebody_stops_says_what_is_kept_and_how_to_go_on(
    trust: Path, folder: Path, tmp_path: Path, workers: int
) -> None:
    results = tmp_path / "results.jsonl"
    command = [sys.executable, "-m", "verifier.cli", "batch", "--trust", str(trust), *AT, "--output", str(results)]
    with subprocess.Popen(
        [*command, "--workers", str(workers), "-"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdin
        assert process.stderr
        process.stdin.write("".join(f"{folder}/{number:03}.json\n" for number in range(40)) * 40)
        process.stdin.flush()
        while not results.exists() or results.read_bytes().count(b"\n") < 10:
            assert process.poll() is None
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the workers, too
        said = process.stderr.read()
    assert process.returncode == 130
    assert "Traceback" not in said
    kept = results.read_bytes().count(b"\n") - 1
    assert f"Stopped: {kept} results are kept in {results}; the same command with --resume goes on." in said
