"""VirtualChip: a chip card in software, from the first APDU to the last."""

import secrets
from collections.abc import Sequence

from verifier.errors import MalformedData
from verifier.iso7816.apdu import SECURE_MESSAGING_CLA, SHORT_MAX_LE, CommandApdu, ResponseApdu
from verifier.iso7816.status import StatusWord
from verifier.sdk.testing.arithmetic.groups import Random
from verifier.sdk.testing.card_side.applet import Applet
from verifier.sdk.testing.card_side.pace import PaceParameters, PaceResponder, ScalarChooser, any_scalar
from verifier.sdk.testing.card_side.password_guard import PasswordGuard
from verifier.sdk.testing.card_side.refusal import Refusal
from verifier.sdk.testing.card_side.secure_messaging import SecureSession
from verifier.sdk.testing.chip_data import ChipData
from verifier.sdk.testing.faults import Fault, PaceResponderMaker, Tamper, apply_faults, pace_by, tampered

_GET_RESPONSE = b"\x00\xc0"
_MORE_DATA = 0x6100
_SUCCESS = {0x90, 0x62, 0x63}


class VirtualChip:
    """A chip that speaks ICAO 9303 from the card's side: BAC, PACE, secure messaging, CA, AA, its files.

    It is a ``CardConnection``, so it can be handed to everything that reads cards; ``process`` serves whoever has raw
    bytes instead (a simulated field, vpcd). Nothing that a reader sends makes it raise.

    Args:
        data: what was written into the chip; ``personalise`` makes it.
        random: where challenges, nonces and ephemeral keys come from; a seeded one makes sessions repeatable.
        choose_scalar: how the ephemeral keys of PACE are chosen; see ``leading_zero_in_secret``.
        pace_responder: makes the card's side of PACE; a subclass misbehaves or observes.
        tamper: alters responses on their way out.
        faults: further ways to misbehave, applied after the two before.
    """

    def __init__(
        self,
        data: ChipData,
        *,
        random: Random = secrets.token_bytes,
        choose_scalar: ScalarChooser = any_scalar,
        pace_responder: PaceResponderMaker = PaceResponder,
        tamper: Tamper | None = None,
        faults: Sequence[Fault] = (),
    ) -> None:
        given = (pace_by(pace_responder), *((tampered(tamper),) if tamper else ()), *faults)
        data, responder, tamper = apply_faults(data, given)
        self.data = data
        self._random = random
        self._choose_scalar = choose_scalar
        self._pace_responder = responder or pace_responder
        self._tamper = tamper
        self._guard = PasswordGuard(data.behaviour.password_tries)
        self.reset()

    def __repr__(self) -> str:
        return f"VirtualChip({', '.join(sorted(self.data.files))})"

    @property
    def delay_s(self) -> float:
        """Seconds that a real chip would wait before its next answer because of wrong passwords; nothing sleeps."""
        return self._guard.delay_s

    @property
    def command_count(self) -> int:
        """Commands received since power on."""
        return self._command_count

    def reset(self) -> None:
        """Power off and on: the session and all selections are lost, the count of wrong passwords is not."""
        self._command_count = 0
        self._left: ResponseApdu | None = None
        self._applet = Applet(self.data, self._guard, self._random, self._start_pace)

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        """Answer a command. A chip made to misbehave may raise ``CardRemoved`` or ``CardProtocolError``."""
        return ResponseApdu.decode(self.process(command.encode()))

    def process(self, command: bytes) -> bytes:
        """Answer a raw command APDU with a raw response APDU; what is no APDU gets 6700."""
        self._command_count += 1
        response = self._in_chunks(command).encode()
        return self._tamper(self._command_count, command, response) if self._tamper else response

    def _in_chunks(self, command: bytes) -> ResponseApdu:
        """Answer, and hand out at most ``response_chunk`` bytes at once (ISO/IEC 7816-4, 5.3.4)."""
        chunk = self.data.behaviour.response_chunk
        if chunk and command[:2] == _GET_RESPONSE and self._left:
            whole, self._left = self._left, None
        else:
            whole, self._left = self._answer(command), None
        if not chunk or len(whole.data) <= chunk:
            return whole
        self._left = ResponseApdu(whole.data[chunk:], whole.status)
        count = len(self._left.data)
        return ResponseApdu(whole.data[:chunk], _MORE_DATA | (count if count < SHORT_MAX_LE else 0))

    def _start_pace(self, parameters: PaceParameters, password: bytes) -> PaceResponder:
        return self._pace_responder(parameters, password, self._random, self._choose_scalar)

    def _answer(self, encoded: bytes) -> ResponseApdu:
        is_extended = len(encoded) > 5 and encoded[4] == 0
        try:
            command = CommandApdu.decode(encoded)
        except MalformedData:
            return ResponseApdu(b"", StatusWord.WRONG_LENGTH)
        session, applet = self._applet.session, self._applet
        if is_extended and not self.data.behaviour.extended_length:
            applet.session = None
            return ResponseApdu(b"", StatusWord.WRONG_LENGTH)
        if command.cla & SECURE_MESSAGING_CLA == 0:
            applet.session = None  # a plain command ends the session (ICAO 9303-11, 9.8.3)
            response = applet.execute(command)
        elif command.cla & SECURE_MESSAGING_CLA != SECURE_MESSAGING_CLA or session is None:
            return ResponseApdu(b"", StatusWord.SECURE_MESSAGING_NOT_SUPPORTED)
        else:
            response = self._answer_inside(session, command)
        if applet.next_session:
            applet.session, applet.next_session = applet.next_session, None
        return response

    def _answer_inside(self, session: SecureSession, command: CommandApdu) -> ResponseApdu:
        try:
            plain = session.unwrap(command)
        except Refusal as refusal:
            self._applet.session = None
            return ResponseApdu(b"", refusal.status)
        response = self._applet.execute(plain)
        if self.data.behaviour.errors_in_the_clear and response.status >> 8 not in _SUCCESS:
            self._applet.session = None
            return response
        if session.wrapped_length(len(response.data)) > (command.le or SHORT_MAX_LE):
            response = ResponseApdu(b"", StatusWord.WRONG_LENGTH)
        return session.wrap(response, command.ins)
