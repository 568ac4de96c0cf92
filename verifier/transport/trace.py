"""Trace: recorded APDUs, and their file.

The file is text in UTF-8, one JSON object a line. The first line says what it is::

    {"format": "thechip-trace", "version": 1, "redacted": false}

Every other line is one command, with its answer or with the error that came instead (a reason code)::

    {"command": "00A4040C07A0000002471001", "response": "9000"}
    {"command": "0CB09D000D97010199…", "error": "card-removed"}

A redacted trace tells lengths, and of the content only the command's header and the answer's status word::

    {"header": "0CB09D00", "command_bytes": 21, "status": "9000", "response_bytes": 1846}
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self

from verifier.errors import EvidenceError
from verifier.iso7816.octets import octets

FORMAT = "thechip-trace"
VERSION = 1
MAX_LINE = 300_000
MAX_STEPS = 10_000


@dataclass(frozen=True, slots=True)
class Step:
    """One command as sent, and the answer as received, or the reason code of the error that came instead."""

    command: bytes = field(repr=False)
    response: bytes | None = field(default=None, repr=False)
    error: str | None = None

    @property
    def header(self) -> bytes:
        """CLA, INS, P1 and P2."""
        return self.command[:4]


@dataclass(frozen=True, slots=True)
class Trace:
    """The steps of one session.

    In a trace that was read from a redacted file every content byte is zero: lengths, headers and status words hold.
    """

    steps: tuple[Step, ...]
    redacted: bool = False

    @property
    def bytes_sent(self) -> int:
        """Length of all commands together."""
        return sum(len(step.command) for step in self.steps)

    @property
    def bytes_received(self) -> int:
        """Length of all answers together, status words included."""
        return sum(len(step.response or b"") for step in self.steps)

    def to_bytes(self, *, redacted: bool = True) -> bytes:
        """Return the trace file. Without ``redacted`` it holds all that went over the air: invented cards only."""
        redacted = redacted or self.redacted
        lines: list[dict[str, Any]] = [{"format": FORMAT, "version": VERSION, "redacted": redacted}]
        lines.extend(_redact(step) if redacted else _encode(step) for step in self.steps)
        return "".join(json.dumps(line) + "\n" for line in lines).encode()

    @classmethod
    def from_bytes(cls, encoded: bytes) -> Self:
        """Decode a trace file; raise ``EvidenceError`` where it is none."""
        lines = _lines(encoded)
        head = next(lines, {})
        if head.get("format") != FORMAT or head.get("version") != VERSION or type(head.get("redacted")) is not bool:
            msg = f"this is no trace file of version {VERSION}"
            raise EvidenceError(msg)
        decode = _decode_redacted if head["redacted"] else _decode
        try:
            return cls(tuple(decode(line) for line in lines), redacted=head["redacted"])
        except (KeyError, TypeError, ValueError) as error:
            msg = "a line of the trace file is not written as the format prescribes"
            raise EvidenceError(msg) from error


def _lines(encoded: bytes) -> Iterator[dict[str, Any]]:
    lines = octets(encoded, "a trace file").splitlines()
    if len(lines) > MAX_STEPS + 1:
        msg = f"a trace file has at most {MAX_STEPS} steps"
        raise EvidenceError(msg)
    for line in lines:
        # A line is flat, so a second opening bracket is hostile; it must not reach a recursive parser.
        if len(line) > MAX_LINE or line.count(b"{") > 1 or b"[" in line:
            msg = "a line of the trace file is too long or nested"
            raise EvidenceError(msg)
        try:
            decoded = json.loads(line)
        except ValueError as error:
            msg = "a line of the trace file is not JSON"
            raise EvidenceError(msg) from error
        if not isinstance(decoded, dict):
            msg = "a line of the trace file is no JSON object"
            raise EvidenceError(msg)
        yield decoded


def _encode(step: Step) -> dict[str, Any]:
    line: dict[str, Any] = {"command": step.command.hex().upper()}
    if step.response is None:
        return line | {"error": step.error}
    return line | {"response": step.response.hex().upper()}


def _decode(line: dict[str, Any]) -> Step:
    command = bytes.fromhex(line["command"])
    _require(len(command) >= 4)
    if "error" in line:
        return Step(command, error=str(line["error"]))
    response = bytes.fromhex(line["response"])
    _require(len(response) >= 2)
    return Step(command, response)


def _redact(step: Step) -> dict[str, Any]:
    line: dict[str, Any] = {"header": step.header.hex().upper(), "command_bytes": len(step.command)}
    if step.response is None:
        return line | {"error": step.error}
    return line | {"status": step.response[-2:].hex().upper(), "response_bytes": len(step.response)}


def _decode_redacted(line: dict[str, Any]) -> Step:
    header = bytes.fromhex(line["header"])
    _require(len(header) == 4 and 4 <= line["command_bytes"] < MAX_LINE)
    command = header.ljust(line["command_bytes"], b"\x00")
    if "error" in line:
        return Step(command, error=str(line["error"]))
    status = bytes.fromhex(line["status"])
    _require(len(status) == 2 and 2 <= line["response_bytes"] < MAX_LINE)
    return Step(command, status.rjust(line["response_bytes"], b"\x00"))


def _require(condition: bool) -> None:
    if not condition:
        raise ValueError
