"""How long the chip of a card calculates for each command.

The figures of the two presets are measurements of open cards by JCAlgTest (crocs-muni/jcalgtest_results,
``javacard/Profiles/performance/fixed``): operations as a Java Card applet calls them, on blocks of 256 bytes. A native
passport chip has the same coprocessor and less between it and the command, so it is rather quicker. What JCAlgTest does
not measure, the time of a command by itself and of a byte read from the file system, is an assumption.
"""

from dataclasses import dataclass, fields

_INS = 1
_MSE, _EXTERNAL_AUTHENTICATE, _GENERAL_AUTHENTICATE, _INTERNAL_AUTHENTICATE = 0x22, 0x82, 0x86, 0x88
_READ_BINARY = frozenset((0xB0, 0xB1))
_SECURE_MESSAGING = 0x0C
_KEY_AGREEMENT_TEMPLATE = 0xA6
_NONCE, _MAPPING, _AGREEMENT = 0x00, 0x81, 0x83  # what a step of PACE carries in its DO'7C' (ICAO 9303-11, 4.4.4.2)
_LEAST_RSA_2048, _LEAST_RSA_1024 = 256, 128


@dataclass(frozen=True, slots=True)
class ChipTimes:
    """Seconds for what a chip does. Curves are of 256 bits."""

    command_s: float
    """Any command, before anything else."""
    file_byte_s: float
    """A byte read from a file."""
    point_multiplication_s: float
    """Point on the curve times a number: a key agreement."""
    key_pair_s: float
    """An ephemeral key pair."""
    ecdsa_s: float
    """A signature with a curve of 256 bits."""
    rsa_1024_s: float
    """A signature by the Chinese remainder theorem."""
    rsa_2048_s: float
    aes_byte_s: float
    """A byte of AES secure messaging: encrypted or decrypted, and authenticated."""
    des_byte_s: float
    """The same by 3DES and retail MAC."""


FAST_CHIP = ChipTimes(
    command_s=0.002,
    file_byte_s=0.000_001,
    point_multiplication_s=0.020_0,
    key_pair_s=0.026_8,
    ecdsa_s=0.032_0,
    rsa_1024_s=0.015_0,
    rsa_2048_s=0.053_2,
    aes_byte_s=(0.001_86 + 0.002_14) / 256,
    des_byte_s=(0.001_91 + 0.002_19) / 256,
)
"""A chip of the 2020s: NXP JCOP 4 J3R180 (P71), measured in October 2021."""

OLD_CHIP = ChipTimes(
    command_s=0.005,
    file_byte_s=0.000_005,
    point_multiplication_s=0.126_2,
    key_pair_s=0.213_9,
    ecdsa_s=0.145_9,
    rsa_1024_s=0.091_4,
    rsa_2048_s=0.226_6,
    aes_byte_s=(0.025_7 + 0.022_0) / 256,
    des_byte_s=(0.062_5 + 0.055_5) / 256,
)
"""A chip of about 2010: Infineon CJTOP 80K (SLJ 52GLA080AL, M8.4), measured in October 2021."""

PRESETS = {"fast chip 2020s": FAST_CHIP, "old chip": OLD_CHIP}


class ChipTiming:
    """Tells for each command how long the chip would calculate. Knows from the commands which channel is open.

    Only what can be seen from outside counts: instruction and parameters, which no secure messaging hides, and lengths.
    """

    def __init__(self, times: ChipTimes) -> None:
        self._times = times
        self._is_des = False

    def reset(self) -> None:
        """Power off and on: no channel is open."""
        self._is_des = False

    def seconds(self, command: bytes, response: bytes) -> float:
        """Return how long the chip takes for an encoded command, given the response that it makes."""
        times, instruction = self._times, command[_INS] if len(command) > _INS else 0
        is_protected = bool(command) and command[0] & _SECURE_MESSAGING == _SECURE_MESSAGING
        if instruction == _EXTERNAL_AUTHENTICATE:
            self._is_des = True
        elif instruction == _GENERAL_AUTHENTICATE:
            self._is_des = False
        seconds = times.command_s + self._calculation_s(command, response, is_protected=is_protected)
        if instruction in _READ_BINARY:
            seconds += times.file_byte_s * len(response)
        if is_protected or instruction == _EXTERNAL_AUTHENTICATE:
            byte_s = times.des_byte_s if self._is_des else times.aes_byte_s
            seconds += byte_s * (len(command) + len(response))
        return seconds

    def _calculation_s(self, command: bytes, response: bytes, *, is_protected: bool) -> float:
        """Return the time of what the coprocessor for public keys does."""
        times, instruction = self._times, command[_INS] if len(command) > _INS else 0
        if instruction == _MSE:  # 3DES Chip Authentication is one command (ICAO 9303-11, 6.2.4.1)
            is_agreement = is_protected and command[3:4] == bytes([_KEY_AGREEMENT_TEMPLATE])
            return times.point_multiplication_s if is_agreement else 0.0
        if instruction == _INTERNAL_AUTHENTICATE:
            return self._signature_s(len(response))
        if instruction != _GENERAL_AUTHENTICATE:
            return 0.0
        if is_protected:  # Chip Authentication (ICAO 9303-11, 6.2.4.2)
            return times.point_multiplication_s
        return {
            _MAPPING: times.key_pair_s + 2 * times.point_multiplication_s,
            _AGREEMENT: times.key_pair_s + times.point_multiplication_s,
        }.get(_step_of_pace(command), 0.0)

    def _signature_s(self, count: int) -> float:
        """Return the time of Active Authentication, whose key shows by the length of the response."""
        if count >= _LEAST_RSA_2048:
            return self._times.rsa_2048_s
        return self._times.rsa_1024_s if count >= _LEAST_RSA_1024 else self._times.ecdsa_s


def faster(times: ChipTimes, factor: float) -> ChipTimes:
    """Return the times of a chip that is so many times as fast in everything."""
    return ChipTimes(**{part.name: getattr(times, part.name) / factor for part in fields(times)})


def _step_of_pace(command: bytes) -> int:
    """Return the tag of the first data object inside DO'7C', 0 for none: the nonce is asked for with an empty one."""
    head = command[4:7]
    at = 7 if head[:1] == b"\x00" else 5  # extended or short length
    inside = command[at : at + 4]
    if inside[:1] != b"\x7c" or inside[1:2] == b"\x00":
        return _NONCE
    return inside[3] if inside[1] == 0x81 else inside[2]
