"""``thechip read``, ``inspect`` and ``emulate``, over real sockets."""

import re
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from verifier.access.password import CanPassword, MrzPassword
from verifier.cli.passwords import decode_password
from verifier.sdk import Evidence
from verifier.sdk.errors import InvalidInput
from verifier.transport.trace import Trace

Run = Callable[..., object]


def test_a_card_is_read_and_its_evidence_belongs_to_its_owner_alone(
    run: Run, card_in: Callable, free_port: Callable, tmp_path: Path
) -> None:
    port, output, trace = free_port(), tmp_path / "card.json", tmp_path / "trace.jsonl"
    with card_in(port):
        ran = run("read", "--port", port, "--can", "-o", output, "--trace", trace, "--json", stdin="123456\n")
    assert ran.code == 0, ran.err
    assert ran.json == [
        {
            "output": str(output),
            "profile": "party-card",
            "access": "PACE",
            "files": ["EF.CardAccess", "EF.SOD", "DG1", "DG14"],
            "refused": {},
            "apdus": 13,
        }
    ]
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    assert Evidence.from_bytes(output.read_bytes()).chip_authentication
    assert Trace.from_bytes(trace.read_bytes()).redacted
    with card_in(port):
        again = run("read", "--port", port, "--can", "-o", output, stdin="123456\n")
    assert again.code == 5
    assert "file exists" in again.err


def test_a_card_is_inspected(run: Run, card_in: Callable, free_port: Callable, trust: Path) -> None:
    port = free_port()
    with card_in(port):
        ran = run("inspect", "--port", port, "--trust", trust, "--json", stdin="123456")
    assert (ran.code, ran.json[0]["reason"]) == (3, "card-status-list-missing")
    with card_in(port, "clone-without-the-key"):
        ran = run("inspect", "--port", port, "--trust", trust, stdin="123456")
    assert ran.code == 1
    assert "Asking the chip to prove itself" in ran.err


def test_a_wrong_number_a_card_that_leaves_and_no_card_have_a_code_of_their_own(
    run: Run, card_in: Callable, free_port: Callable, tmp_path: Path
) -> None:
    port = free_port()
    with card_in(port):
        wrong = run("read", "--port", port, "-o", tmp_path / "a", "--json", stdin="654321")
    assert (wrong.code, wrong.json[0]["error"]["reason"]) == (4, "access-denied")
    with card_in(port, "removed"):
        left = run("read", "--port", port, "-o", tmp_path / "b", "--json", stdin="123456")
    assert (left.code, left.json[0]["error"]["reason"]) == (4, "card-removed")
    with card_in(port, "removed"):
        said = run("read", "--port", port, "-o", tmp_path / "b", stdin="123456").err
    assert said.endswith("thechip: the card left the reader\n")
    nobody = run("read", "--port", port, "-o", tmp_path / "c", "--wait", "0.01", "--json", stdin="123456")
    assert (nobody.code, nobody.json[0]["error"]["reason"]) == (4, "deadline-exceeded")
    assert not list(tmp_path.iterdir())


def test_a_password_comes_from_a_file_too(run: Run, card_in: Callable, free_port: Callable, tmp_path: Path) -> None:
    port, password = free_port(), tmp_path / "password"
    password.write_text("161000001 610202 391231\n")
    with card_in(port):
        ran = run(
            "read", "--port", port, "--access", "bac", "--short", "--password-file", password, "-o", tmp_path / "e"
        )
    assert ran.code == 0, ran.err
    assert "(BAC)" in ran.out


@pytest.mark.parametrize(
    ("text", "password"),
    [
        ("123456\n", CanPassword("123456")),
        ("L898902C,690806,940623", MrzPassword("L898902C", "690806", "940623")),
        ("L898902C\n690806\n940623\n", MrzPassword("L898902C", "690806", "940623")),
        ("L898902C<369080619406236", MrzPassword("L898902C", "690806", "940623")),
    ],
)
def test_a_password_is_understood_in_each_of_its_forms(text: str, password: object) -> None:
    assert decode_password(text) == password


@pytest.mark.parametrize("text", ["", "12345", "1234567", "L898902C<469080619406236", "x" * 500])
def test_what_is_no_password_is_refused_and_not_repeated(run: Run, tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidInput):
        decode_password(text)
    ran = run("read", "--port", "0", "-o", tmp_path / "e", stdin=text)
    assert ran.code == 2
    assert not text or text not in ran.err


@pytest.mark.parametrize("options", [["--can"], ["--mrz"], []])
def test_an_empty_standard_input_is_said_to_be_empty(run: Run, tmp_path: Path, options: list[str]) -> None:
    ran = run("read", "--port", "0", "-o", tmp_path / "e", *options, stdin="\n")
    assert ran.code == 2
    assert "nothing was entered" in ran.err


@pytest.mark.parametrize("option", ["-o", "--trace"])
@pytest.mark.parametrize("place", ["no/such/folder/x", "file/x", "locked/x"])
def test_a_place_where_nothing_can_be_written_is_noticed_before_a_card_is_held_to_the_reader(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str, place: str
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "locked").mkdir()
    monkeypatch.setattr("os.access", lambda path, _: Path(path).name != "locked")  # root may write everywhere
    other = ["-o", tmp_path / "y"] if option == "--trace" else []
    ran = run("read", option, tmp_path / place, *other, "--wait", "20", stdin="123456")
    assert ran.code == 5
    assert "Waiting" not in ran.err


def test_evidence_and_trace_are_not_written_over_each_other(run: Run, tmp_path: Path) -> None:
    ran = run("read", "-o", tmp_path / "x", "--trace", tmp_path / "x", "--wait", "20", stdin="123456")
    assert ran.code == 2
    assert "Waiting" not in ran.err


def test_a_password_on_the_command_line_is_not_taken(run: Run, tmp_path: Path) -> None:
    assert run("read", "-o", tmp_path / "e", "--can", "123456").code == 2
    assert run("read", "-o", tmp_path / "e", "--can=123456").code == 2


def test_an_address_that_is_not_ours_is_named(run: Run, tmp_path: Path) -> None:
    assert run("read", "--port", "1", "--host", "256.0.0.1", "-o", tmp_path / "e", stdin="123456").code == 4
    assert run("read", "--port", "70000", "-o", tmp_path / "e", stdin="123456").code == 2


# --- emulate ------------------------------------------------------------------------------------------------------


def test_an_emulated_card_passes_with_the_trust_that_it_wrote(free_port: Callable, run: Run, tmp_path: Path) -> None:
    port, trust = free_port(), tmp_path / "trust"
    command = [sys.executable, "-m", "verifier.cli", "emulate", "--port", str(port), "--write-trust", str(trust)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as emulated:
        assert emulated.stdout is not None
        assert "CAN 123456" in emulated.stdout.readline()
        status = trust / "card-status"
        listed = ("--card-status", status / "cards.list", "--card-status-key", status / "key.hex")
        ran = run("inspect", "--port", port, "--trust", trust, *listed, stdin="123456")
        assert emulated.wait(20) == 0
    assert ran.code == 0, ran.out + ran.err


def test_an_emulated_card_tells_what_the_prompt_for_the_mrz_asks_for(
    free_port: Callable, run: Run, tmp_path: Path
) -> None:
    port = free_port()
    command = [sys.executable, "-m", "verifier.cli", "emulate", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as emulated:
        assert emulated.stdout is not None
        emulated.stdout.readline()
        typed = re.fullmatch(
            r"As --mrz asks for it: document number (\S+), date of birth (\d{6}), date of expiry (\d{6})\n",
            emulated.stdout.readline(),
        )
        assert typed
        ran = run("read", "--port", port, "--mrz", "-o", tmp_path / "card.json", stdin=" ".join(typed.groups()))
        assert emulated.wait(20) == 0
    assert ran.code == 0, ran.out + ran.err


def test_the_cards_are_listed_and_an_unknown_one_is_a_mistake(run: Run) -> None:
    listed = run("emulate", "--list", "--json")
    assert {"genuine", "expired"} <= {line["name"] for line in listed.json}
    assert run("emulate", "--card", "no-such-card").code == 2


def test_a_card_that_nobody_believes_says_so(run: Run, free_port: Callable, tmp_path: Path) -> None:
    alone = run("emulate", "--port", free_port(), "--wait", "0")
    assert "No verifier believes this card; --write-trust FOLDER makes one believe it." in alone.err
    assert "No verifier" not in run("emulate", "--port", free_port(), "--wait", "0", "--write-trust", tmp_path).err


def test_without_a_reader_the_card_gives_up(run: Run, free_port: Callable) -> None:
    ran = run("emulate", "--port", free_port(), "--wait", "0", "--json")
    assert (ran.code, ran.json[-1]["error"]["reason"]) == (4, "reader-gone")
