"""Record, redact, replay."""

import pytest

from verifier.errors import (
    CardRemoved,
    DeadlineExceeded,
    EvidenceError,
    ReaderBusy,
    ReaderFault,
    ReaderGone,
    ReaderUnavailable,
    VerifierError,
)
from verifier.iso7816.apdu import CommandApdu, ResponseApdu
from verifier.transport.recorded import RecordingConnection, ReplayConnection
from verifier.transport.trace import Trace

SELECT = CommandApdu(0x00, 0xA4, 0x04, 0x0C, bytes.fromhex("A0000002471001"))
READ = CommandApdu(0x00, 0xB0, 0x81, 0x00, le=256)


class EchoCard:
    """Answers with the command's data; leaves after ``stays`` commands."""

    def __init__(self, stays: int = 99) -> None:
        self.stays = stays

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        if self.stays == 0:
            msg = "the card left"
            raise CardRemoved(msg)
        self.stays -= 1
        return ResponseApdu(command.encode() * 2, 0x9000)


def _record(commands: list[CommandApdu], stays: int = 99) -> RecordingConnection:
    recording = RecordingConnection(EchoCard(stays))
    for command in commands:
        recording.transmit(command)
    return recording


def test_a_replay_answers_as_the_card_did() -> None:
    recording = _record([SELECT, READ])
    replay = ReplayConnection(Trace.from_bytes(recording.trace.to_bytes(redacted=False)))
    assert replay.transmit(SELECT) == EchoCard().transmit(SELECT)
    assert not replay.is_finished
    assert replay.transmit(READ) == EchoCard().transmit(READ)
    assert replay.is_finished
    assert recording.apdus == 2


def test_a_replay_names_the_first_command_that_differs() -> None:
    replay = ReplayConnection(_record([SELECT, READ]).trace)
    replay.transmit(SELECT)
    with pytest.raises(
        ReaderFault, match="command 2 differs from the recording in its header, at byte 2: 00 B0 81 00 expected"
    ) as caught:
        replay.transmit(CommandApdu(0x00, 0xB0, 0x9D, 0x00, le=256))
    assert "00 B0 9D 00" in caught.value.sentence


def test_a_replay_tells_where_the_content_of_a_command_differs_and_shows_nothing_of_it() -> None:
    replay = ReplayConnection(_record([SELECT]).trace)
    with pytest.raises(ReaderFault) as caught:
        replay.transmit(CommandApdu(0x00, 0xA4, 0x04, 0x0C, bytes.fromhex("A0000002471009")))
    said = caught.value.sentence
    assert "command 1 differs from the recording after the same header 00 A4 04 0C, at byte 11" in said
    assert said.count("00 A4 04 0C") == 1
    assert "10 01" not in said
    assert "10 09" not in said


def test_a_replay_tells_a_shorter_command_from_the_recorded_one() -> None:
    replay = ReplayConnection(_record([SELECT]).trace)
    with pytest.raises(ReaderFault, match=r"after the same header .* at byte 4 .*: 12 bytes expected, 4 got"):
        replay.transmit(CommandApdu(0x00, 0xA4, 0x04, 0x0C))


@pytest.mark.parametrize(
    "kind", [CardRemoved, DeadlineExceeded, ReaderBusy, ReaderFault, ReaderGone, ReaderUnavailable]
)
def test_an_error_of_the_reader_comes_again_in_the_replay(kind: type[VerifierError]) -> None:
    class Failing:
        def transmit(self, command: CommandApdu) -> ResponseApdu:
            msg = "it happened"
            raise kind(msg)

    recording = RecordingConnection(Failing())
    with pytest.raises(kind):
        recording.transmit(SELECT)
    replay = ReplayConnection(Trace.from_bytes(recording.trace.to_bytes(redacted=False)))
    with pytest.raises(kind, match=kind.reason) as caught:
        replay.transmit(SELECT)
    assert type(caught.value) is kind


def test_a_replay_says_when_the_recording_is_over() -> None:
    replay = ReplayConnection(_record([SELECT]).trace)
    replay.transmit(SELECT)
    with pytest.raises(ReaderFault, match="command 2 is not in the recording"):
        replay.transmit(READ)


def test_a_card_that_left_leaves_again_in_the_replay() -> None:
    recording = RecordingConnection(EchoCard(stays=1))
    recording.transmit(SELECT)
    with pytest.raises(CardRemoved):
        recording.transmit(READ)
    replay = ReplayConnection(Trace.from_bytes(recording.trace.to_bytes(redacted=False)))
    replay.transmit(SELECT)
    with pytest.raises(CardRemoved):
        replay.transmit(READ)


def test_a_trace_is_redacted_unless_told_otherwise_and_keeps_its_counts() -> None:
    trace = _record([SELECT, READ]).trace
    encoded = trace.to_bytes()
    assert b"A0000002471001" not in encoded.upper()
    redacted = Trace.from_bytes(encoded)
    assert redacted.redacted
    assert [step.header for step in redacted.steps] == [step.header for step in trace.steps]
    assert (redacted.bytes_sent, redacted.bytes_received) == (trace.bytes_sent, trace.bytes_received)
    assert redacted.to_bytes(redacted=False) == encoded


def test_a_redacted_trace_is_not_replayed() -> None:
    with pytest.raises(ReaderFault, match="redacted"):
        ReplayConnection(Trace.from_bytes(_record([SELECT]).trace.to_bytes()))


HEAD = b'{"format": "thechip-trace", "version": 1, "redacted": false}\n'


@pytest.mark.parametrize(
    "encoded",
    [
        b"",
        b"{}",
        b"[1]",
        b'{"format": "thechip-trace", "version": 2, "redacted": false}',
        b'{"format": "thechip-trace", "version": 1}',
        HEAD + b"{}",
        HEAD + b'{"command": "00", "response": "9000"}',
        HEAD + b'{"command": "00B08100", "response": "90"}',
        HEAD + b'{"command": "00B0810G", "response": "9000"}',
        HEAD + b'{"command": 7, "response": "9000"}',
        HEAD + b"[" * 100_000,
        HEAD + b'{"a":' * 100_000,
        HEAD + b"\xff",
        HEAD.replace(b"false", b"true")
        + b'{"header": "00B08100", "command_bytes": 1e9, "status": "9000", "response_bytes": 2}',
        HEAD.replace(b"false", b"true")
        + b'{"header": "00B08100", "command_bytes": 5, "status": "9000", "response_bytes": 9999999999}',
    ],
)
def test_what_is_no_trace_file_is_refused(encoded: bytes) -> None:
    with pytest.raises(EvidenceError):
        Trace.from_bytes(encoded)
