"""The commands of the chip, once they are out of secure messaging (ICAO 9303-10, 3.6; ICAO 9303-11)."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import ClassVar, TypeAlias

from verifier.iso7816.apdu import CommandApdu, ResponseApdu
from verifier.iso7816.status import StatusWord
from verifier.iso7816.tlv import encode
from verifier.sdk.testing.arithmetic.curves import Random
from verifier.sdk.testing.card_side.bac import BacResponder
from verifier.sdk.testing.card_side.chip_authentication import ChipAuthenticationKey
from verifier.sdk.testing.card_side.file_system import LDS1_APPLICATION, MASTER_FILE, FileSystem
from verifier.sdk.testing.card_side.pace import (
    PaceParameters,
    PaceResponder,
    dynamic_authentication_data,
    hashed_mrz_information,
)
from verifier.sdk.testing.card_side.password_guard import PasswordGuard
from verifier.sdk.testing.card_side.refusal import Refusal, data_objects, require
from verifier.sdk.testing.card_side.secure_messaging import SecureSession
from verifier.sdk.testing.chip_data import ChipData
from verifier.sdk.testing.writing.object_identifiers import encode_oid

PaceFactory: TypeAlias = Callable[[PaceParameters, bytes], PaceResponder]
_CHAINING = 0x10
_SET, _AUTHENTICATE = 0x22, 0x86
_LONGEST_CHAIN = 4096
_CLA_NOT_SUPPORTED = StatusWord.CLA_NOT_SUPPORTED
_LAST_OF_CHAIN_EXPECTED = 0x6883
_PASSWORDS = {1: "MRZ", 2: "CAN", 3: "PIN", 4: "PUK"}
"""References in MSE:Set AT (ICAO 9303-11, 4.4.4.1; BSI TR-03110-3, B.11.1)."""


class Applet:
    """The state of a chip between power on and power off, without the channel around it.

    ``session`` is the secure session that commands come in; ``next_session`` one that takes its place once the
    response in hand has been sent. ``guard`` outlives the applet.
    """

    def __init__(self, data: ChipData, guard: PasswordGuard, random: Random, pace_factory: PaceFactory) -> None:
        self.session: SecureSession | None = None
        self.next_session: SecureSession | None = None
        self._data = data
        self._guard = guard
        self._random = random
        self._pace_factory = pace_factory
        behaviour = data.behaviour
        locked = data.locked | ({"EF.CardAccess"} if behaviour.card_access_locked else frozenset())
        self._files = FileSystem(
            data.files,
            locked,
            behaviour.max_read,
            behaviour.warn_at_end,
            corrects_le=behaviour.corrects_le,
            empty_reads=behaviour.empty_reads,
        )
        self._bac = BacResponder(data.mrz_information, random)
        self._pace: tuple[str, PaceResponder] | None = None
        self._chip_authentication: ChipAuthenticationKey | None = None
        self._chained = b""

    def execute(self, command: CommandApdu) -> ResponseApdu:
        """Carry out one plain command; every refusal becomes a status word."""
        try:
            require(command.ins in self._commands, StatusWord.INS_NOT_SUPPORTED)
            require(command.cla in ({0, _CHAINING} if self._may_chain(command.ins) else {0}), _CLA_NOT_SUPPORTED)
            if command.cla == _CHAINING and (command.ins == _SET or self._chip_authentication):
                self._chained += command.data
                require(len(self._chained) <= _LONGEST_CHAIN, StatusWord.WRONG_LENGTH)
                return ResponseApdu(b"", StatusWord.OK)
            command, self._chained = replace(command, data=self._chained + command.data), b""
            data, status = self._commands[command.ins](self, command)
        except Refusal as refusal:
            self._chained = b""
            return ResponseApdu(b"", refusal.status)
        return ResponseApdu(data, status)

    def _may_chain(self, instruction: int) -> bool:
        """PACE is a chain of commands; key agreements may come as one, in pieces (ISO/IEC 7816-4, 5.3.3)."""
        is_pace = instruction == _AUTHENTICATE and self._pace is not None
        return is_pace or (instruction in {_SET, _AUTHENTICATE} and self._data.behaviour.command_chaining)

    @property
    def _access_granted(self) -> bool:
        return self.session is not None or self._data.is_open

    # --- files ----------------------------------------------------------------------------------------------------

    def _select(self, command: CommandApdu) -> tuple[bytes, int]:
        require(command.p2 in {0x00, 0x0C}, StatusWord.INCORRECT_P1_P2)
        self._require_no_le(command, unless=command.p2 == 0x00)
        match command.p1:
            case 0x00 if command.data in {b"", MASTER_FILE.to_bytes(2)}:
                require(self._data.behaviour.select_master_file, StatusWord.INS_NOT_SUPPORTED)
                self._files.select_master_file()
                control = encode(0x83, MASTER_FILE.to_bytes(2))
            case 0x00 | 0x02:
                require(len(command.data) == 2, StatusWord.WRONG_LENGTH)
                identifier = int.from_bytes(command.data)
                name = self._files.select_file(identifier, access_granted=self._access_granted)
                size = min(len(self._data.files[name]), 0xFFFF)  # DO'80' has two bytes
                control = encode(0x80, size.to_bytes(2)) + encode(0x83, command.data)
            case 0x04:
                self._files.select_application(command.data)
                control = encode(0x84, LDS1_APPLICATION)
            case _:
                raise Refusal(StatusWord.INCORRECT_P1_P2)
        return (encode(0x6F, control) if command.p2 == 0x00 else b""), StatusWord.OK

    def _read_binary(self, command: CommandApdu) -> tuple[bytes, int]:
        count = _require_le(command)
        if command.p1 & 0x80:
            known = command.p1 & 0x60 == 0 and self._data.behaviour.short_identifiers
            require(known, StatusWord.INCORRECT_P1_P2)
            return self._files.read_short(command.p1 & 0x1F, command.p2, count, access_granted=self._access_granted)
        return self._files.read(command.p1 << 8 | command.p2, count, access_granted=self._access_granted)

    def _read_binary_odd(self, command: CommandApdu) -> tuple[bytes, int]:
        """READ BINARY with an offset object: for files past 32 KiB (ISO/IEC 7816-4, 11.2.3)."""
        count = _require_le(command)
        known = command.p2 <= (0x1E if self._data.behaviour.short_identifiers else 0)
        require(command.p1 == 0 and known, StatusWord.INCORRECT_P1_P2)
        objects = data_objects(command.data)
        require(objects.keys() == {0x54}, StatusWord.WRONG_PARAMETERS_IN_DATA)
        offset, granted = int.from_bytes(objects[0x54]), self._access_granted
        room = max(count - 4, 1)
        if command.p2:
            data, status = self._files.read_short(command.p2, offset, room, access_granted=granted)
        else:
            data, status = self._files.read(offset, room, access_granted=granted)
        return encode(0x53, data), status

    # --- Basic Access Control -------------------------------------------------------------------------------------

    def _get_challenge(self, command: CommandApdu) -> tuple[bytes, int]:
        require(self._data.bac, StatusWord.INS_NOT_SUPPORTED)
        require(self._files.application, StatusWord.CONDITIONS_NOT_SATISFIED)
        require(_require_le(command) == 8, StatusWord.WRONG_LENGTH)
        return self._bac.get_challenge(), StatusWord.OK

    def _external_authenticate(self, command: CommandApdu) -> tuple[bytes, int]:
        require(self._data.bac, StatusWord.INS_NOT_SUPPORTED)
        count = _require_le(command)
        require(count == 0x28 or (count > 0x28 and not self._data.behaviour.exact_le), StatusWord.WRONG_LENGTH)
        with self._guard.attempt("BAC"):
            answer, self.next_session = self._bac.external_authenticate(command.data)
        return answer, StatusWord.OK

    # --- PACE and Chip Authentication -----------------------------------------------------------------------------

    def _manage_security_environment(self, command: CommandApdu) -> tuple[bytes, int]:
        self._require_no_le(command)
        objects = data_objects(command.data)
        match command.p1, command.p2:
            case 0xC1, 0xA4:
                return b"", self._set_pace(objects)
            case 0x41, 0xA4:
                self._chip_authentication = self._chosen_key(objects)
            case 0x41, 0xA6:
                require(self._data.behaviour.key_agreement_template, StatusWord.INCORRECT_P1_P2)
                key = self._chosen_key(objects)
                require(key.suite.arc == 1, StatusWord.WRONG_PARAMETERS_IN_DATA)
                self.next_session = key.agree(objects.get(0x91, b""))
            case _:
                raise Refusal(StatusWord.INCORRECT_P1_P2)
        return b"", StatusWord.OK

    def _set_pace(self, objects: dict[int, bytes]) -> int:
        """MSE:Set AT for PACE (ICAO 9303-11, 4.4.4.1); returns 63Cx where tries are running out."""
        offer = self._chosen_pace(objects)
        name = _PASSWORDS.get(int.from_bytes(objects.get(0x83, b"")[:2]), "")
        password = self._password(name)
        if password is None:
            raise Refusal(StatusWord.REFERENCED_DATA_NOT_FOUND)
        tries_left = self._guard.tries_left(name)
        require(tries_left != 0, StatusWord.AUTHENTICATION_METHOD_BLOCKED)
        self._pace = name, self._pace_factory(offer, password)
        self._chip_authentication = None
        return StatusWord.OK if tries_left is None else 0x63C0 | min(tries_left, 15)

    def _chosen_pace(self, objects: dict[int, bytes]) -> PaceParameters:
        """Return the offer of the protocol (DO'80') and the domain parameters (DO'84'), which must be clear."""
        offers = [offer for offer in self._data.pace if encode_oid(offer.oid) == objects.get(0x80, b"")]
        require(bool(offers), StatusWord.WRONG_PARAMETERS_IN_DATA)
        if 0x84 in objects:
            named = int.from_bytes(objects[0x84])
            offers = [offer for offer in offers if offer.curve.parameter_id == named]
            require(bool(offers), StatusWord.REFERENCED_DATA_NOT_FOUND)
        elif self._data.behaviour.requires_parameter_id:
            sets = {offer.curve.parameter_id for offer in self._data.pace}
            require(len(sets) == 1, StatusWord.WRONG_PARAMETERS_IN_DATA)
        return offers[0]

    def _password(self, name: str) -> bytes | None:
        if name == "MRZ":
            return hashed_mrz_information(self._data.mrz_information)
        digits = {"CAN": self._data.can, "PIN": self._data.pin, "PUK": self._data.puk}.get(name)
        return None if digits is None else digits.encode()

    def _chosen_key(self, objects: dict[int, bytes]) -> ChipAuthenticationKey:
        """Return the key that DO'84' names, or the only one of the protocol (ICAO 9303-11, 6.2.4)."""
        require(self.session is not None, StatusWord.SECURITY_STATUS_NOT_SATISFIED)
        keys = [
            key
            for key in self._data.chip_authentication
            if encode_oid(key.oid) == objects.get(0x80, encode_oid(key.oid))
        ]
        if 0x84 in objects:
            keys = [key for key in keys if key.key_id == int.from_bytes(objects[0x84])]
        require(len(keys) == 1, StatusWord.REFERENCED_DATA_NOT_FOUND)
        return keys[0]

    def _general_authenticate(self, command: CommandApdu) -> tuple[bytes, int]:
        require(command.p1 == command.p2 == 0, StatusWord.INCORRECT_P1_P2)
        is_last = not command.cla & _CHAINING
        if self._pace:
            run, self._pace = self._pace, None
            return self._continue_pace(*run, command.data, is_last=is_last), StatusWord.OK
        key, self._chip_authentication = self._chip_authentication, None
        if key is None:
            raise Refusal(StatusWord.CONDITIONS_NOT_SATISFIED)
        objects = dynamic_authentication_data(command.data)
        self.next_session = key.agree(objects.get(0x80, b""))
        return encode(0x7C, b""), StatusWord.OK

    def _continue_pace(self, name: str, run: PaceResponder, data: bytes, *, is_last: bool) -> bytes:
        require(is_last == run.expects_last_command, _LAST_OF_CHAIN_EXPECTED)
        with self._guard.attempt(name, decides=is_last):
            answer = run.respond(data)
        self.next_session = run.session
        self._pace = None if is_last else (name, run)
        return answer

    # --- Active Authentication ------------------------------------------------------------------------------------

    def _internal_authenticate(self, command: CommandApdu) -> tuple[bytes, int]:
        signer = self._data.active_authentication
        if signer is None:
            raise Refusal(StatusWord.INS_NOT_SUPPORTED)
        require(self._access_granted, StatusWord.SECURITY_STATUS_NOT_SATISFIED)
        require(len(command.data) == 8, StatusWord.WRONG_LENGTH)
        return signer.sign(command.data, self._random), StatusWord.OK

    def _require_no_le(self, command: CommandApdu, *, unless: bool = False) -> None:
        require(command.le is None or unless or not self._data.behaviour.exact_le, StatusWord.WRONG_LENGTH)

    _commands: ClassVar[Mapping[int, Callable[["Applet", CommandApdu], tuple[bytes, int]]]] = {
        0xA4: _select,
        0xB0: _read_binary,
        0xB1: _read_binary_odd,
        0x84: _get_challenge,
        0x82: _external_authenticate,
        _SET: _manage_security_environment,
        _AUTHENTICATE: _general_authenticate,
        0x88: _internal_authenticate,
    }


def _require_le(command: CommandApdu) -> int:
    if command.le is None:
        raise Refusal(StatusWord.WRONG_LENGTH)
    return command.le
